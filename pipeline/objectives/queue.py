"""Queue distillation: sensors should rank the films of a queue as the film itself does (COMODO: Chen et al. 2025,
"COMODO: cross-modal video-to-IMU distillation for efficient egocentric human activity recognition").

For unit vectors z1 (sensors) and z2 (film) and a queue of film embeddings, Q = [queue, z2], without gradients into Q:

    loss = -mean_b sum_j softmax(z2 Q' / tau_T)[b, j] * log_softmax(z1 Q' / tau_S)[b, j]

Then the batch's films are appended to the queue and the oldest removed. The film's side is a target and gets no
gradient: its head stays a random projection (as COMODO's does), unless another term of a sum trains it. Overlapping
windows need no exception here: the film's own similarity is the target.
"""

import torch
from jaxtyping import Float32
from torch import Tensor

from .forward_pass import ForwardPass
from .objective import Objective, Shape
from .settings import QueueSettings


class Queue(Objective):
    """Cross-entropy between the similarities of film and of sensors to a queue of films (Chen et al. 2025).

        loss = -mean_b sum_j softmax(z2 Q' / tau_T)[b, j] * log_softmax(z1 Q' / tau_S)[b, j]

    with unit vectors z1 (sensors) and z2 (film) `[batch, shared]` and Q = [queue, z2]. The queue is a buffer
    `[size, shared]`, saved with the run.

        >>> shape = Shape(batch=4, channels=6, steps=250, shared=8, token_width=16)
        >>> objective, z = Queue(QueueSettings(size=4), shape=shape), torch.eye(8)
        >>> objective.fill(z[4:])
        >>> bool(objective(z[:4], z[:4]) < objective(z[4:], z[:4]))
        True
    """

    queue: Tensor

    def __init__(self, settings: QueueSettings, *, shape: Shape) -> None:
        super().__init__(settings)
        self.teacher_temperature, self.student_temperature = settings.teacher_temperature, settings.student_temperature
        self.register_buffer("queue", torch.full((settings.size, shape.shared), torch.nan))  # NaN until `fill`

    @torch.no_grad()
    def fill(self, film: Float32[Tensor, "size shared"]) -> None:
        """Set the queue to these unit vectors."""
        self.queue.copy_(film)

    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The loss of whole windows against the queue."""
        loss: Tensor = self(forward.imu, forward.film)
        return loss

    def forward(
        self, imu: Float32[Tensor, "batch shared"], film: Float32[Tensor, "batch shared"]
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together."""
        target = film.detach()
        candidates = torch.cat([self.queue, target])
        teacher = torch.softmax(target @ candidates.T / self.teacher_temperature, dim=1)
        student = torch.log_softmax(imu @ candidates.T / self.student_temperature, dim=1)
        return -(teacher * student).sum(1).mean()

    @torch.no_grad()
    def after_step(self, forward: ForwardPass) -> None:
        """Append the batch's films, remove the oldest."""
        self.queue.copy_(torch.cat([self.queue, forward.film])[-len(self.queue) :])
