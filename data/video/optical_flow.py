"""How one small grey picture became the next: whole shifts by phase correlation, the rest by brightness gradients."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray as Array
from scipy import fft

BLOCK = 8
"""Pixels along a block's side."""
XX, XY, YY, XT, YT, TT = range(6)
"""Products of the gradients right (X) and down (Y) and of the change in time (T), as in Lucas and Kanade (1981)."""


@dataclass(frozen=True)
class Blocks:
    """Makes block sums of planes of one size; rows and columns beyond the last whole block are left out."""

    down: Float32[Array, "rows height"] = field(repr=False)
    right: Float32[Array, "width columns"] = field(repr=False)

    @classmethod
    def of(cls, height: int, width: int) -> "Blocks":
        """Blocks of BLOCK pixels over a plane."""
        rows, columns = max(height // BLOCK, 1), max(width // BLOCK, 1)
        down = np.arange(height)[None, :] // BLOCK == np.arange(rows)[:, None]
        right = np.arange(width)[:, None] // BLOCK == np.arange(columns)[None, :]
        return cls(down.astype(np.float32), right.astype(np.float32))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of blocks."""
        return self.down.shape[0], self.right.shape[1]

    def sums(self, planes: Float32[Array, "... height width"]) -> Float32[Array, "... rows columns"]:
        """The sum over each block."""
        return np.asarray(self.down @ planes @ self.right)

    def spread(self, values: Float32[Array, "rows columns"]) -> Float32[Array, "height width"]:
        """Each block's value at all its pixels, at the margins that of the nearest block."""
        height, width = self.down.shape[1], self.right.shape[0]
        rows = np.minimum(np.arange(height) // BLOCK, values.shape[0] - 1)
        columns = np.minimum(np.arange(width) // BLOCK, values.shape[1] - 1)
        return np.asarray(values.take(columns, axis=1).take(rows, axis=0))


def whole_shift(
    before: Float32[Array, "height width"],
    after: Float32[Array, "height width"],
    *,
    weight: Float32[Array, "height width"],
) -> tuple[int, int]:
    """The shift (right, down) in whole pixels that takes the weighted part of one plane to the next.

    By phase correlation, on planes of half the size: what is left is within about a pixel, for gradients to settle.
    """
    small = _halved(weight)
    total = float(small.sum()) + 1e-6
    halves = [_halved(plane) for plane in (before, after)]
    spectra = [fft.rfft2((half - float((half * small).sum()) / total) * small) for half in halves]
    surface = fft.irfft2(_half_whitened(spectra[1] * np.conj(spectra[0])), s=small.shape)
    row, column = divmod(int(np.argmax(surface)), surface.shape[1])
    return round(2 * _peak_place(surface[row], column)), round(2 * _peak_place(surface[:, column], row))


def row_shifts(
    before: Float32[Array, "height width"],
    after: Float32[Array, "height width"],
    *,
    weight: Float32[Array, "height width"],
) -> Int64[Array, "height"]:
    """The shift to the right, in whole pixels, of each band of BLOCK rows: near ground slides faster than far trees."""
    total = weight.sum(axis=1, keepdims=True) + 1e-6
    level = [plane - (plane * weight).sum(axis=1, keepdims=True) / total for plane in (before, after)]
    spectra = [fft.rfft(plane * weight, axis=1) for plane in level]
    cross = spectra[1] * np.conj(spectra[0])
    bands = max(len(before) // BLOCK, 1)
    pooled = np.stack([part.sum(axis=0) for part in np.array_split(cross, bands)])
    surface = fft.irfft(_half_whitened(pooled), n=before.shape[1], axis=1)
    shifts = [round(_peak_place(line, int(np.argmax(line)))) for line in surface]
    sizes = [len(part) for part in np.array_split(np.empty(len(before)), bands)]
    return np.repeat(np.array(shifts, np.int64), sizes)


def moved(
    plane: Float32[Array, "height width"], *, right: int | Int64[Array, "height"], down: int = 0
) -> Float32[Array, "height width"]:
    """The plane shifted by whole pixels, each row by its own, its border repeated where nothing is known."""
    height, width = plane.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    right = np.broadcast_to(np.asarray(right), (height,))
    columns = np.clip(np.arange(width)[None, :] - right[:, None], 0, width - 1)
    return np.asarray(plane.take((rows * width)[:, None] + columns))


def gradient_sums(
    before: Float32[Array, "height width"], after: Float32[Array, "height width"], *, blocks: Blocks
) -> Float32[Array, "rows columns 6"]:
    """XX, XY, YY, XT, YT, TT of each block. The outermost pixels have no gradient and count for nothing."""
    mean = (before + after) * np.float32(0.5)
    x = (mean[1:-1, 2:] - mean[1:-1, :-2]) * np.float32(0.5)
    y = (mean[2:, 1:-1] - mean[:-2, 1:-1]) * np.float32(0.5)
    change = after[1:-1, 1:-1] - before[1:-1, 1:-1]
    products = np.zeros((6, *mean.shape), np.float32)
    for place, (one, other) in enumerate(((x, x), (x, y), (y, y), (x, change), (y, change), (change, change))):
        np.multiply(one, other, out=products[place, 1:-1, 1:-1])
    return np.moveaxis(blocks.sums(products), 0, -1)


def solve_shift(
    sums: Float32[Array, "*any 6"], *, stiffness: float = 1.0
) -> tuple[Float32[Array, "*any"], Float32[Array, "*any"]]:
    """The shift (right, down) that summed gradients speak for; `stiffness` keeps flat regions at rest."""
    xx, yy, xy = sums[..., XX] + stiffness, sums[..., YY] + stiffness, sums[..., XY]
    size = xx * yy - xy * xy
    right = (xy * sums[..., YT] - yy * sums[..., XT]) / size
    return np.asarray(right), np.asarray((xy * sums[..., XT] - xx * sums[..., YT]) / size)


def residual(
    sums: Float32[Array, "*any 6"], *, right: Float32[Array, "*#any"], down: Float32[Array, "*#any"]
) -> Float32[Array, "*any"]:
    """Root mean square change of brightness per pixel of a block that a shift leaves unexplained."""
    left = sums[..., TT] + 2 * (right * sums[..., XT] + down * sums[..., YT])
    left = left + right**2 * sums[..., XX] + 2 * right * down * sums[..., XY] + down**2 * sums[..., YY]
    return np.asarray(np.sqrt(np.maximum(left, 0.0) / np.float32(BLOCK**2)))


def _halved(plane: np.ndarray) -> np.ndarray:
    height, width = plane.shape[0] // 2 * 2, plane.shape[1] // 2 * 2
    part = plane[:height, :width]
    return np.asarray((part[::2, ::2] + part[1::2, ::2] + part[::2, 1::2] + part[1::2, 1::2]) * np.float32(0.25))


def _half_whitened(cross: np.ndarray) -> np.ndarray:
    """Halfway between correlation and phase correlation: sharp peaks without raising noise to signal."""
    size = np.abs(cross)
    return np.asarray(cross / np.sqrt(size + 1e-3 * size.max(axis=-1, keepdims=True) + 1e-6))


def _peak_place(line: np.ndarray, top: int) -> float:
    """Signed place of a peak on a wrapped line, by a parabola through its neighbours."""
    size = len(line)
    left, mid, right = float(line[top - 1]), float(line[top]), float(line[(top + 1) % size])
    bend = left - 2 * mid + right
    place = top + (0.5 * (left - right) / bend if bend < 0 else 0.0)
    return place - size if top > size // 2 else place
