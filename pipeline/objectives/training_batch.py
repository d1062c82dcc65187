"""The data of one training step, as the augmentation leaves it."""

from dataclasses import dataclass

from jaxtyping import Bool, Float32, Int64
from torch import Tensor


@dataclass(frozen=True)
class TrainingBatch:
    """A batch, of which several processes hold a slice each; a single process holds all of it."""

    imu: Float32[Tensor, "slice channels steps"]
    """Augmented sensor windows of this process, in SI units."""
    before_dropout: Float32[Tensor, "slice channels steps"]
    """The same before sensor dropout."""
    other_view: Float32[Tensor, "slice channels steps"] | None
    """The same windows augmented anew, sensor dropout included; None where the objective takes one view."""
    film: Float32[Tensor, "slice dim"]
    """Pooled teacher features of these windows."""
    overlap: Bool[Tensor, "batch batch"]
    """Pairs of different windows of one recording that share time, in the whole batch."""
    recording: Int64[Tensor, "batch"]
    """Which recording each window is from, in the whole batch."""
