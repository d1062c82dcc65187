"""Resizing as products with narrow bands: each block of samples rests on a window of the full line."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Float64, UInt8
from numpy import ndarray as Array
from torch import Tensor
from torch.nn import functional

BLOCK = 16
"""Samples scaled by one matrix: wider ones multiply by more zeros, narrower ones are not worth a product."""

WEIGHT_BITS = 11
"""Bits of a weight in fixed point: as many as TensorFloat-32 keeps."""


@dataclass(frozen=True)
class Banded:
    """Scales lines to a few samples, block by block."""

    start: int
    """Where the first window begins; below 0 it begins before the line, on zeros."""
    step: int
    """From one window's begin to the next one's."""
    weights: Float32[Tensor, "blocks window samples"]
    """What each sample of a block takes of its window."""
    count: int
    """Samples in all; the last block may hold more, of zeros."""

    def across(self, lines: UInt8[Tensor, "lines full"]) -> UInt8[Tensor, "lines count"]:
        """Each line scaled, its samples rounded."""
        windows = self._windows(lines, along=1).transpose(0, 1)
        found = rounded(torch.bmm(windows, self.weights)).transpose(0, 1)
        return found.reshape(len(lines), -1)[:, : self.count]

    def down(self, plane: UInt8[Tensor, "full columns"]) -> UInt8[Tensor, "count columns"]:
        """Each column scaled, its samples rounded."""
        windows = self._windows(plane, along=0).transpose(1, 2)
        found = rounded(torch.bmm(self.weights.transpose(1, 2), windows))
        return found.flatten(0, 1)[: self.count]

    def to(self, device: torch.device) -> "Banded":
        """The same on that device."""
        return Banded(self.start, step=self.step, weights=self.weights.to(device), count=self.count)

    def _windows(self, plane: UInt8[Tensor, "rows columns"], *, along: int) -> Float32[Tensor, "a b window"]:
        """The window of each block along one axis, as a view where none reaches beyond the plane."""
        blocks, window, _ = self.weights.shape
        end = self.start + (blocks - 1) * self.step + window
        before, behind = max(0, -self.start), max(0, end - plane.shape[along])
        wide = plane.float()
        if before or behind:  # copies, so not for nothing
            wide = functional.pad(wide, (before, behind) if along else (0, 0, before, behind))
        return wide.narrow(along, before + self.start, end - self.start).unfold(along, window, self.step)


def banded(weights: Float64[Array, "count full"]) -> Banded:
    """How to scale lines by these weights, each row of which is 0 but about its middle."""
    small, count = weights.astype(np.float32), len(weights)
    blocks = [small[at : at + BLOCK] for at in range(0, count, BLOCK)]
    held = [np.flatnonzero(block.any(axis=0)) for block in blocks]
    begins, ends = np.array([columns[0] for columns in held]), np.array([columns[-1] + 1 for columns in held])
    number = np.arange(len(blocks))
    step = int((begins[-1] - begins[0]) // max(1, len(blocks) - 1)) or 1
    start = int((begins - step * number).min())
    window = int((ends - start - step * number).max())
    taps = np.zeros((len(blocks), window, BLOCK), np.float32)
    for block, begin, part in zip(number, begins, blocks, strict=True):
        held_part = part[:, begin : begin + window].T
        at = begin - start - step * block
        taps[block, at : at + len(held_part), : len(part)] = held_part[: window - at]
    return Banded(start=start, step=step, weights=torch.from_numpy(taps), count=count)


def fixed_point(weights: Float64[Array, "count full"]) -> Float64[Array, "count full"]:
    """The weights as multiples of a power of two, rows still summing to 1.

    Sums of their products with bytes are exact in float32, in whatever order a device adds them, and in TensorFloat-32.
    """
    unit = 2.0 ** (np.floor(-np.log2(np.abs(weights).max())) + WEIGHT_BITS)
    whole = np.floor(weights * unit)
    rest = weights * unit - whole
    missing = np.rint(rest.sum(axis=1, keepdims=True))
    rank = np.argsort(np.argsort(-rest, axis=1, kind="stable"), axis=1, kind="stable")
    return np.asarray((whole + (rank < missing)) / unit)


def rounded(found: Float32[Tensor, "*shape"]) -> UInt8[Tensor, "*shape"]:
    """As bytes, cut off at what they hold; `found` itself is overwritten."""
    return found.add_(0.5).clamp_(0, 255).to(torch.uint8)
