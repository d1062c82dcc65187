"""The base of all students: a standardisation learned from training horses, and an encoder of standardised windows.

Missing sensors. A value that is NaN enters as its channel's training mean, which is zero once standardised, and so does
a sensor that never moves: a dead one. Sensor dropout (augmentation) shows the same and trains a student for it.
Students that encode each channel by itself (PatchTST, Mantis, MOMENT) go further: a channel that is zero throughout the
window is left out of the embedding.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

import torch
from jaxtyping import Bool, Float, Float32
from torch import Tensor, nn

from .embedding import BATCH, WindowSequence
from .mount_free import AXES, mount_free, without_dead, without_nan

SMALLEST_DEVIATION = 1e-3
"""Floor of a channel's standard deviation, in m/s^2 or rad/s: a dead channel must not divide by zero."""
SMALLEST_RATIO = 0.1
"""Floor of a channel's standard deviation over that of its sensor, the root mean square over the three axes. An axis
without motion in training (motion in one plane) has some once a mount is turned, and would be magnified a thousandfold.
"""


class Student(nn.Module, ABC):
    """Windows in SI units in, embeddings out. The training statistics are buffers: they travel with the weights."""

    mean: Tensor
    std: Tensor
    mount_free = False
    """Whether channels are replaced by those that do not depend on how a sensor is mounted, before standardisation."""
    side_branches: ClassVar[tuple[str, ...]] = ()
    """Submodules in parallel to the main encoder, each with its own part of the embedding."""

    def __init__(self, *, channels: int, steps: int, embedding: int, token_width: int) -> None:
        super().__init__()
        self.channels, self.steps, self.embedding, self.token_width = channels, steps, embedding, token_width
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.ones(channels))

    @torch.no_grad()
    def fit_standardisation(self, imu: WindowSequence) -> None:
        """Takes mean and standard deviation of each channel from these windows: those of training horses, no others.

        Channels come in threes, the axes of one sensor.
        """
        std, mean = channel_statistics(imu, prepare=self.prepare)
        if not bool(torch.isfinite(std).all()):
            raise ValueError(f"standardisation needs finite windows: {len(imu) = }, {std = }")
        self.mean.copy_(mean)
        sensor = std.reshape(-1, AXES).square().mean(1).sqrt().repeat_interleave(AXES)
        self.std.copy_(std.maximum(SMALLEST_RATIO * sensor).clamp_min(SMALLEST_DEVIATION))

    def prepare(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
        """The signals that are standardised: the channels as they are, or those that no mount changes."""
        return mount_free(imu) if self.mount_free else imu

    def standardise(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
        """Signals in units of the training windows' spread; what is missing (NaN) or dead becomes their mean, zero."""
        return self._in_spreads(self.prepare(without_dead(imu)))

    def forward(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch embedding"]:
        """One embedding a window."""
        return self.embed_prepared(self.prepare(without_dead(imu)))

    def embed_prepared(self, signals: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch embedding"]:
        """The same of signals as `prepare` gives them."""
        return self.encode(self._in_spreads(signals)).float()

    def _in_spreads(self, signals: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
        standardised = (signals - self.mean[:, None]) / self.std[:, None]
        return without_nan(standardised)

    @abstractmethod
    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window."""

    @abstractmethod
    def tokens(
        self, standardised: Float32[Tensor, "batch channels steps"]
    ) -> Float[Tensor, "batch tokens token_width"]:
        """Token embeddings in the order of time, before they are pooled."""


def channel_statistics(
    imu: WindowSequence, *, prepare: Callable[[Tensor], Tensor] = lambda batch: batch
) -> tuple[Float32[Tensor, "channels"], Float32[Tensor, "channels"]]:
    """Standard deviation and mean of each channel over windows and time, summed in float64 batch by batch."""

    def mean_of(values: Callable[[Tensor], Tensor]) -> Tensor:
        batches = (imu[first : first + BATCH] for first in range(0, len(imu), BATCH))
        sums = [values(prepare(batch).double()).sum((0, 2)) for batch in batches]
        return torch.stack(sums).sum(0) / (len(imu) * imu[:1].shape[2])

    mean = mean_of(lambda batch: batch)
    variance = mean_of(lambda batch: (batch - mean[:, None]).square())
    return variance.sqrt().float(), mean.float()


def active_channels(standardised: Float32[Tensor, "batch channels steps"]) -> Bool[Tensor, "batch channels"]:
    """Which channels carry a signal: all but those at their training mean throughout, as missing ones are."""
    return standardised.abs().amax(dim=2) > 0  # a fifth of the time of `any`
