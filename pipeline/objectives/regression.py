"""Regression: the sensors' unit vector z1 is drawn to its film's z2, the plainest way to distil.

    loss = mean_b |z1 - z2|^2 = mean_b (2 - 2 z1.z2)

which is the mean squared error times the dimension (the form of Grill et al. 2020, equation 2). The film's side is a
target and gets no gradient: were both sides learned, the best they could do is to say the same of everything.
"""

from jaxtyping import Float32
from torch import Tensor

from .objective import Objective, Shape
from .settings import RegressionSettings
from .training_batch import Lesson


class Regression(Objective):
    """The loss; there is nothing in it to learn."""

    def __init__(self, settings: RegressionSettings, *, shape: Shape) -> None:  # noqa: ARG002  # as every objective
        super().__init__(settings)

    def judge(self, lesson: Lesson) -> Float32[Tensor, ""]:
        """Whole windows against their films."""
        loss: Tensor = self(lesson.imu, lesson.film)
        return loss

    def forward(
        self, imu: Float32[Tensor, "batch shared"], film: Float32[Tensor, "batch shared"]
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together."""
        return (imu - film.detach()).square().sum(1).mean()
