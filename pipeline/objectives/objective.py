"""What every objective is: a loss of one lesson, with what it learns and remembers itself."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from jaxtyping import Bool, Float32
from torch import Tensor, nn

from .settings import AnyObjective, InfoNceSettings, SigLipSettings
from .training_batch import Lesson


@dataclass(frozen=True)
class Shape:
    """What an objective is built for."""

    batch: int
    """Windows of a batch."""
    channels: int
    """Channels of a window: six for each site."""
    steps: int
    """Steps of a window."""
    shared: int
    """Dimensions of the shared space."""
    token_width: int
    """Width of the student's tokens."""


class Objective(nn.Module, ABC):
    """A loss with its weight. Its parameters are trained with the model's, its buffers are part of the run's state."""

    def __init__(self, settings: AnyObjective) -> None:
        super().__init__()
        self.weight = settings.weight

    def loss(self, lesson: Lesson) -> Float32[Tensor, ""]:
        """The weighted loss of a batch."""
        return self.weight * self.judge(lesson)

    @abstractmethod
    def judge(self, lesson: Lesson) -> Float32[Tensor, ""]:
        """The loss of a batch before weighting."""

    def after_step(self, lesson: Lesson) -> None:
        """What it keeps of a batch once the optimiser has made its step: nothing, unless it says otherwise."""

    def state(self) -> dict[str, Tensor]:
        """What to log: numbers that it learned, copied, for they may be read some steps later."""
        return {}


class PairObjective(Objective):
    """A comparison of unit vectors of both sides whose rows belong together."""

    def __init__(self, settings: SigLipSettings | InfoNceSettings) -> None:
        super().__init__(settings)
        self.ignore_overlap = settings.ignore_overlap

    @abstractmethod
    def forward(
        self,
        imu: Float32[Tensor, "batch shared"],
        film: Float32[Tensor, "batch shared"],
        *,
        ignore: Bool[Tensor, "batch batch"] | None = None,
    ) -> Float32[Tensor, ""]:
        """The loss; pairs marked in `ignore` do not count."""

    def judge(self, lesson: Lesson) -> Float32[Tensor, ""]:
        """Whole windows against their films."""
        return self.compare(lesson.imu, lesson=lesson)

    def compare(self, imu: Float32[Tensor, "batch shared"], *, lesson: Lesson) -> Float32[Tensor, ""]:
        """Any view of the windows against their films; overlapping windows are no opposites, where so set."""
        loss: Tensor = self(imu, lesson.film, ignore=lesson.overlap if self.ignore_overlap else None)
        return loss
