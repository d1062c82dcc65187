"""MiniRocket features of sensor windows: a baseline of random convolutions, in which only biases come from the data.

Dempster, Schmidt and Webb 2021, MiniRocket: a very fast (almost) deterministic transform for time series
classification, KDD. Section 3.1: all 84 kernels of length 9 with three weights 2 and six weights -1; dilations evenly
spread in their logarithm; biases are quantiles of a kernel's output on a training window; every second pairing of
kernel and dilation is padded; a feature is the share of a kernel's outputs above its bias (PPV). As in the authors'
multivariate version, a pairing adds up one to nine channels drawn at random; here channels are standardised first,
since they have two units.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64
from numpy import ndarray as Array
from torch import Tensor

from ...students.embedding import WindowSequence
from ...students.student import SMALLEST_DEVIATION, channel_statistics
from .classifier import CannotPredictError

LENGTH, KERNELS = 9, math.comb(9, 3)
MOST_CHANNELS = 9
"""Added up by one pairing of kernel and dilation at most."""
MOST_DILATIONS = 32
GOLDEN = (math.sqrt(5) + 1) / 2
"""Its multiples modulo 1 spread evenly over the unit interval: the quantiles that biases are taken at."""
BATCH = 16
"""Windows at a time: bounds memory, changes nothing."""


@dataclass(frozen=True)
class Dilated:
    """All kernels at one dilation."""

    dilation: int
    """Steps between two weights."""
    mix: Float32[Tensor, "kernels channels"]
    """1 where a kernel reads a channel, else 0."""
    padded: Bool[Tensor, "kernels"]
    """Whether outputs at the ends count, where zeros stand in for what lies outside the window."""
    bias: Float32[Tensor, "kernels biases"]
    """What outputs are compared with."""

    def outputs(self, windows: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch kernels steps"]:
        """Of each kernel on the sum of its channels, with zeros outside the window."""
        return convolve(self.mix @ windows, dilation=self.dilation)

    def shares(self, windows: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """PPV, kernel by kernel and bias by bias."""
        steps, end = windows.shape[2], self.dilation * (LENGTH // 2)
        counted = self.padded[:, None].repeat(1, steps)
        counted[:, end : steps - end] = True
        outputs = self.outputs(windows).masked_fill_(~counted, -torch.inf)  # never above a bias
        above = torch.stack([count_above(outputs, bias=bias) for bias in self.bias.T], dim=2)
        return (above / counted.sum(1, keepdim=True)).flatten(1)


@dataclass(frozen=True)
class MiniRocket:
    """The transform with its biases, fitted on training windows."""

    mean: Float32[Tensor, "channels"]
    std: Float32[Tensor, "channels"]
    parts: tuple[Dilated, ...]
    """By dilation, ascending."""

    @property
    def width(self) -> int:
        """How many features a window has."""
        return sum(part.bias.numel() for part in self.parts)

    def __call__(self, imu: WindowSequence) -> Float32[Array, "windows features"]:
        """One row of features a window, each between 0 and 1; a missing value counts as its channel's mean."""
        starts = range(0, max(len(imu), 1), BATCH)
        rows = [self._of(imu[start : start + BATCH]) for start in starts]
        return np.asarray(torch.cat(rows).numpy(), dtype=np.float32)

    def _of(self, windows: Tensor) -> Float32[Tensor, "batch features"]:
        standardised = standardise(windows, mean=self.mean, std=self.std)
        return torch.cat([part.shares(standardised) for part in self.parts], dim=1)


def fit_minirocket(imu: WindowSequence, *, features: int, seed: int) -> MiniRocket:
    """Draws channels and takes biases from these windows, those of the training horses; no label is read.

    `features` is rounded down to a multiple of 84. The same windows and seed give the same transform. Windows of fewer
    steps than a kernel raise CannotPredictError.
    """
    _, channels, steps = imu[:1].shape
    if steps < LENGTH:
        raise CannotPredictError(f"windows of {steps} steps are shorter than a kernel of {LENGTH}")
    std, mean = channel_statistics(imu)
    std = std.clamp_min(SMALLEST_DEVIATION)
    rng, quantiles = np.random.default_rng(seed), _quantiles()
    parts = []
    for number, (dilation, biases) in enumerate(dilations(steps, each=max(1, features // KERNELS)).items()):
        shown = torch.cat([imu[row : row + 1].cpu() for row in rng.integers(len(imu), size=KERNELS)])
        unfitted = Dilated(
            dilation,
            mix=_draw_channels(rng, channels=channels),
            padded=(torch.arange(KERNELS) + number) % 2 == 0,
            bias=torch.zeros(KERNELS, biases),
        )
        outputs = unfitted.outputs(standardise(shown, mean=mean, std=std)).diagonal().T  # kernel k on window k
        parts.append(_with_biases(unfitted, outputs=outputs, quantiles=quantiles))
    return MiniRocket(mean, std, tuple(parts))


def kernels() -> Float32[Tensor, "kernels length"]:
    """The 84 kernels; the weights of each add up to zero."""
    weights = torch.full((KERNELS, LENGTH), -1.0)
    for row, chosen in enumerate(combinations(range(LENGTH), 3)):
        weights[row, list(chosen)] = 2.0
    return weights


def convolve(
    signals: Float32[Tensor, "batch kernels steps"], *, dilation: int
) -> Float32[Tensor, "batch kernels steps"]:
    """Kernel k along signal k, as many outputs as steps, with zeros outside."""
    reach, steps = dilation * (LENGTH // 2), signals.shape[2]
    padded, outputs = torch.nn.functional.pad(signals, (reach, reach)), torch.zeros_like(signals)
    for place, weight in enumerate(kernels().T):  # several times faster than torch's convolution by groups
        first = place * dilation
        outputs.addcmul_(padded[:, :, first : first + steps], weight[:, None])
    return outputs


def count_above(
    outputs: Float32[Tensor, "batch kernels steps"], *, bias: Float32[Tensor, "kernels"]
) -> Int64[Tensor, "batch kernels"]:
    """How many of each kernel's outputs are above its bias."""
    return (outputs > bias[:, None]).sum(dim=2)


def dilations(steps: int, *, each: int) -> dict[int, int]:
    """Dilations, ascending, and how many of a kernel's `each` features are at that one.

    1 to the largest whose kernel fits into the window, floor(2^e) for e evenly spaced.
    """
    largest = math.log2((steps - 1) / (LENGTH - 1))
    spread = np.floor(2 ** np.linspace(0, largest, min(each, MOST_DILATIONS)) + 1e-9).astype(int)
    found, counts = np.unique(np.resize(spread, each), return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def standardise(
    windows: Tensor, *, mean: Float32[Tensor, "channels"], std: Float32[Tensor, "channels"]
) -> Float32[Tensor, "batch channels steps"]:
    """In units of the training windows' spread, missing values at their mean, zero."""
    return torch.nan_to_num((windows.cpu() - mean[:, None]) / std[:, None], nan=0.0)


def _draw_channels(rng: np.random.Generator, *, channels: int) -> Float32[Tensor, "kernels channels"]:
    """For each kernel 1 to 9 channels, few more often than many: floor(2^u), u uniform."""
    most = math.log2(min(channels, MOST_CHANNELS) + 1)
    mix = torch.zeros(KERNELS, channels)
    for row, count in enumerate(np.floor(2 ** rng.uniform(0, most, size=KERNELS)).astype(int)):
        mix[row, rng.choice(channels, size=count, replace=False)] = 1.0
    return mix


def _quantiles() -> Iterator[float]:
    number = 0
    while True:
        number += 1
        yield number * GOLDEN % 1


def _with_biases(part: Dilated, *, outputs: Float32[Tensor, "kernels steps"], quantiles: Iterator[float]) -> Dilated:
    """Quantiles of each kernel's outputs on its own training window."""
    at = torch.tensor([[next(quantiles) for _ in row] for row in part.bias], dtype=torch.float32)
    bias = torch.stack([row.quantile(q) for row, q in zip(outputs, at, strict=True)])
    return Dilated(part.dilation, part.mix, part.padded, bias)
