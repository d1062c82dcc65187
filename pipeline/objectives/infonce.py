"""InfoNCE: each side retrieves its partner among the batch (van den Oord et al. 2018; symmetric as in CLIP, Radford et
al. 2021, figure 3).

For unit vectors z1 (sensors) and z2 (film), S = exp(t) * z1 z2', one cross-entropy for each direction:

    loss = (-log_softmax(S, dim=1).diagonal().mean() - log_softmax(S, dim=0).diagonal().mean()) / 2

The form `sum` leaves out the halving, as IMU2CLIP does. t is learned in log space, so that the temperature stays
positive, and held within [0, log 100] after each step, as CLIP does.
"""

import math

import torch
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from .forward_pass import ForwardPass
from .objective import PairObjective, Shape
from .settings import InfoNceSettings

LARGEST_SCALE = 100.0
"""Radford et al. 2021, section 2.5: above it training becomes unstable."""


class InfoNce(PairObjective):
    """Symmetric cross-entropy over the batch, temperature learned (van den Oord et al. 2018; Radford et al. 2021).

        loss = (-log_softmax(S, dim=1).diagonal().mean() - log_softmax(S, dim=0).diagonal().mean()) / 2

    for S = exp(t) * z1 z2', with unit vectors z1 (sensors) and z2 (film) `[batch, shared]`.

        >>> shape = Shape(batch=4, channels=6, steps=250, shared=8, token_width=16)
        >>> objective, z = InfoNce(InfoNceSettings(), shape=shape), torch.eye(4, 8)
        >>> bool(objective(z, z) < objective(z, z.flip(0)))
        True
    """

    def __init__(self, settings: InfoNceSettings, *, shape: Shape) -> None:  # noqa: ARG002  # as every objective
        super().__init__(settings)
        self.log_scale = nn.Parameter(torch.tensor(-math.log(settings.temperature_init)))
        self.form = settings.form

    def forward(
        self,
        imu: Float32[Tensor, "batch shared"],
        film: Float32[Tensor, "batch shared"],
        *,
        ignore: Bool[Tensor, "batch batch"] | None = None,
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together; pairs marked in `ignore` are no candidates."""
        logits = self.log_scale.exp() * imu @ film.T
        if ignore is not None:
            logits = logits.masked_fill(ignore, -torch.inf)
        partners = torch.arange(len(imu), device=imu.device)
        to_film = nn.functional.cross_entropy(logits, partners)
        to_imu = nn.functional.cross_entropy(logits.T, partners)
        both = to_film + to_imu
        return both / 2 if self.form == "mean" else both

    @torch.no_grad()
    def after_step(self, forward: ForwardPass) -> None:  # noqa: ARG002  # as every objective
        """Clamp the scale to its bounds."""
        self.log_scale.clamp_(0.0, math.log(LARGEST_SCALE))

    def state(self) -> dict[str, Tensor]:
        """The temperature."""
        return {"temperature": (-self.log_scale.detach()).exp()}
