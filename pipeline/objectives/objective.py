"""The base of all objectives: a loss of one batch, with its own parameters and buffers."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from jaxtyping import Bool, Float32
from torch import Tensor, nn

from .forward_pass import ForwardPass
from .settings import AnyObjective, InfoNceSettings, SigLipSettings


@dataclass(frozen=True)
class Shape:
    """The sizes that an objective is built for."""

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

    def loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The weighted loss of a batch."""
        return self.weight * self.compute_loss(forward)

    @abstractmethod
    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The loss of a batch before weighting."""

    def after_step(self, forward: ForwardPass) -> None:
        """Update own state from the batch after the optimiser's step; nothing by default."""

    def state(self) -> dict[str, Tensor]:
        """Learned numbers for the log, copied, since they may be fetched some steps later."""
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

    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The loss of whole windows against their films."""
        return self.pair_loss(forward.imu, forward=forward)

    def pair_loss(self, imu: Float32[Tensor, "batch shared"], *, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The loss of any view of the windows against their films, without overlapping pairs where so set."""
        loss: Tensor = self(imu, forward.film, ignore=forward.batch.overlap if self.ignore_overlap else None)
        return loss
