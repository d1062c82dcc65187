"""Regression: the sensors' unit vector z1 approaches its film's z2, the simplest distillation.

    loss = mean_b |z1 - z2|^2 = mean_b (2 - 2 z1.z2)

which is the mean squared error times the dimension (the form of Grill et al. 2020, equation 2). The film's side is a
target and gets no gradient: if both sides were learned, the minimum would be a constant.
"""

from jaxtyping import Float32
from torch import Tensor

from .forward_pass import ForwardPass
from .objective import Objective, Shape
from .settings import RegressionSettings


class Regression(Objective):
    """Mean squared distance of unit vectors, without parameters (the form of Grill et al. 2020, equation 2).

        loss = mean_b |z1 - z2|^2 = mean_b (2 - 2 z1.z2)

    with unit vectors z1 (sensors) and z2 (film, the target) `[batch, shared]`.

        >>> shape = Shape(batch=2, channels=6, steps=250, shared=8, token_width=16)
        >>> import torch
        >>> objective, z = Regression(RegressionSettings(), shape=shape), torch.eye(2, 8)
        >>> float(objective(z, z)), float(objective(z, -z))
        (0.0, 4.0)
    """

    def __init__(self, settings: RegressionSettings, *, shape: Shape) -> None:  # noqa: ARG002  # as every objective
        super().__init__(settings)

    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The loss of whole windows against their films."""
        loss: Tensor = self(forward.imu, forward.film)
        return loss

    def forward(
        self, imu: Float32[Tensor, "batch shared"], film: Float32[Tensor, "batch shared"]
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together."""
        return (imu - film.detach()).square().sum(1).mean()
