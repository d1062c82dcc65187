"""Two views: two augmentations of a window retrieve each other among the batch (NT-Xent: Chen et al. 2020, "A simple
framework for contrastive learning of visual representations", equation 1; for sensors beside film: PRIMUS, Das et al.
2024, "PRIMUS: pretraining IMU encoders with multimodal self-supervision").

For the 2 B unit vectors of both views, with p(i) the other view of the window of row i:

    loss = mean over i of -log(exp(z_i z_p(i) / tau) / sum over k not i of exp(z_i z_k / tau))

It learns what augmentation leaves alone, with or without film. Windows that overlap in time are no candidates for each
other: they share samples.
"""

import torch
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from .forward_pass import ForwardPass
from .objective import Objective, Shape
from .settings import TwoViewSettings


class TwoView(Objective):
    """NT-Xent between two augmentations of the batch's windows (Chen et al. 2020, equation 1).

        loss = mean over i of -log(exp(z_i z_p(i) / tau) / sum over k not i of exp(z_i z_k / tau))

    over the 2 B unit vectors of both views `[batch, shared]`, p(i) being the other view of row i.

        >>> shape = Shape(batch=4, channels=6, steps=250, shared=8, token_width=16)
        >>> objective, z = TwoView(TwoViewSettings(), shape=shape), torch.eye(4, 8)
        >>> bool(objective(z, z) < objective(z, z.flip(0)))
        True
    """

    def __init__(self, settings: TwoViewSettings, *, shape: Shape) -> None:  # noqa: ARG002  # as every objective
        super().__init__(settings)
        self.temperature = settings.temperature

    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The loss of the batch's two views."""
        other = forward.batch.other_view
        if other is None:
            raise ValueError("two-view needs a second augmentation of the batch: other_view is None")
        loss: Tensor = self(forward.imu, forward.encode(other), ignore=forward.batch.overlap)
        return loss

    def forward(
        self,
        one: Float32[Tensor, "batch shared"],
        other: Float32[Tensor, "batch shared"],
        *,
        ignore: Bool[Tensor, "batch batch"] | None = None,
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together; pairs marked in `ignore` are no candidates."""
        views, batch = torch.cat([one, other]), len(one)
        itself = torch.eye(2 * batch, dtype=torch.bool, device=views.device)
        left_out = itself if ignore is None else itself | ignore.repeat(2, 2)
        logits = (views @ views.T / self.temperature).masked_fill(left_out, -torch.inf)
        partners = torch.arange(2 * batch, device=views.device).roll(batch)
        return nn.functional.cross_entropy(logits, partners)
