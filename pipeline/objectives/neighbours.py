"""Neighbours: sensors approach those of another recording whose film is most alike.

The nearest-neighbour term of PRIMUS (Das et al. 2024, "PRIMUS: pretraining IMU encoders with multimodal
self-supervision"), after Dwibedi et al. 2021, "With a little help from my friends: nearest-neighbor contrastive
learning of visual representations", equation 2.

A queue keeps the unit vectors of both sides of earlier batches, q1 (sensors) and q2 (film). For unit vectors z1
(sensors) and z2 (film) of a batch, with n(i) the row of the queue, of another recording, whose q2 has the greatest
cosine with z2_i, and p_i = q1_n(i):

    loss = mean over i of -log(exp(z1_i p_i / tau) / sum over k of exp(z1_i p_k / tau))

Film chooses, and gets no gradient; so does the queue. As a term beside an objective that trains the film's head it
makes different horses that move alike positives, where other objectives know each window's own film alone.
"""

import torch
from jaxtyping import Bool, Float32, Int64
from torch import Tensor, nn

from .forward_pass import ForwardPass
from .objective import Objective, Shape
from .settings import NeighboursSettings

NOBODY, NOT_COUNTED = -1, -100
"""The recording of a row of the queue that is still empty, and the row that is no neighbour; the partner of a window
without one."""


class Neighbours(Objective):
    """Cross-entropy of sensors against those whose films are nearest in a queue (Dwibedi et al. 2021; Das et al. 2024).

        loss = mean over i of -log(exp(z1_i p_i / tau) / sum over k of exp(z1_i p_k / tau))

    with unit vectors z1 (sensors) `[batch, shared]` and p_i the queued sensors, of another recording, whose film is
    most alike. Rows for which the queue holds no other recording do not count; if all are so, the loss is 0.

        >>> from .table import build_objective
        >>> shape = Shape(batch=2, channels=6, steps=250, shared=4, token_width=16)
        >>> objective, z = build_objective(NeighboursSettings(size=2), shape=shape), torch.eye(4)
        >>> objective.append(z[:2], z[2:], recording=torch.tensor([7, 8]))
        >>> objective.nearest(z[[3, 2, 3]], recording=torch.tensor([1, 1, 8])).tolist()  # 8 is not its own neighbour
        [1, 0, 0]
    """

    sensors: Tensor
    films: Tensor
    recording: Tensor

    def __init__(self, settings: NeighboursSettings, *, shape: Shape) -> None:
        super().__init__(settings)
        self.temperature = settings.temperature
        self.register_buffer("sensors", torch.zeros(settings.size, shape.shared))
        self.register_buffer("films", torch.zeros(settings.size, shape.shared))
        self.register_buffer("recording", torch.full((settings.size,), NOBODY))

    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The loss of the batch's sensors against the queue."""
        loss: Tensor = self(forward.imu, forward.film, recording=forward.batch.recording, ignore=forward.batch.overlap)
        return loss

    def forward(
        self,
        imu: Float32[Tensor, "batch shared"],
        film: Float32[Tensor, "batch shared"],
        *,
        recording: Int64[Tensor, "batch"],
        ignore: Bool[Tensor, "batch batch"] | None = None,
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together; pairs marked in `ignore` are no negatives."""
        nearest = self.nearest(film, recording=recording)
        logits = imu @ self.sensors[nearest.clamp_min(0)].T / self.temperature
        if ignore is not None:
            logits = logits.masked_fill(ignore, -torch.inf)
        known = nearest != NOBODY
        partners = torch.arange(len(imu), device=imu.device).masked_fill(~known, NOT_COUNTED)
        losses = nn.functional.cross_entropy(logits, partners, ignore_index=NOT_COUNTED, reduction="sum")
        return losses / known.sum().clamp_min(1)

    @torch.no_grad()
    def nearest(
        self, film: Float32[Tensor, "batch shared"], *, recording: Int64[Tensor, "batch"]
    ) -> Int64[Tensor, "batch"]:
        """The row of the queue whose film is most alike, of another recording; `NOBODY` where it holds none."""
        others = (self.recording != NOBODY) & (self.recording != recording[:, None])
        cosine, nearest = (film @ self.films.T).masked_fill(~others, -torch.inf).max(1)
        return nearest.masked_fill(cosine == -torch.inf, NOBODY)

    @torch.no_grad()
    def append(
        self,
        imu: Float32[Tensor, "batch shared"],
        film: Float32[Tensor, "batch shared"],
        *,
        recording: Int64[Tensor, "batch"],
    ) -> None:
        """Takes the rows into the queue and removes the oldest."""
        for kept, new in ((self.sensors, imu), (self.films, film), (self.recording, recording)):
            kept.copy_(torch.cat([kept, new])[-len(kept) :])

    def after_step(self, forward: ForwardPass) -> None:
        """Append the batch as it was before the step."""
        self.append(forward.imu, forward.film, recording=forward.batch.recording)
