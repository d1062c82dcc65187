"""The square that a network is shown of a picture: short side resized with antialiasing, centre cropped, 8 bits.

What Pillow's bilinear or bicubic filter and a centre crop give, within a grey level, at a fraction of the cost: rows
are scaled in bytes by torch's kernel, which then leaves few enough values to scale columns in float32, those of the
square alone.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from numpy import ndarray as Array
from torch import Tensor
from torch.nn import functional

from ...data.video.pixels import Picture
from .preprocess import Filter, Preprocessing, corner, filter_weights

BLOCK = 16
"""Columns scaled by one matrix: wider ones multiply by more zeros, narrower ones are not worth a product."""
LANES = 4
"""torch's kernel for bytes scales pictures of four channels: a plane's columns are handed to it by fours."""


def resize_center_crop(picture: Picture, *, preprocessing: Preprocessing) -> UInt8[Array, "3 crop crop"]:
    """The square of a picture, upright, channels first. The picture holds at least the columns that this rests on.

    A picture that has its size already, as films scaled while converted give them, is cropped alone.
    """
    rows, crop = len(picture.planes[0]), preprocessing.crop
    width, height = preprocessing.resized(picture.width, rows)
    top, left = corner(height, width, crop=crop, rotation_degrees=picture.rotation_degrees)
    if (height, width) == (rows, picture.width):
        left -= picture.first_column
        small = np.stack([plane[top : top + crop, left : left + crop] for plane in picture.planes])
    else:
        across = _across(picture.width, (width, preprocessing.filter), left, crop, picture.first_column)
        rows_of = slice(top, top + crop)
        if preprocessing.filter == "bilinear":  # plane after plane: one fits a core's cache, three do not
            small = np.stack([across.scaled(_rows_scaled(p, height=height)[rows_of]).numpy() for p in picture.planes])
        else:
            down = _down(rows, height, top, crop)
            small = np.stack([_columns_first(plane, across=across, down=down) for plane in picture.planes])
    return np.ascontiguousarray(np.rot90(small, k=picture.rotation_degrees // 90, axes=(1, 2)))


@dataclass(frozen=True)
class _Across:
    """Scales rows to a few columns, block by block: each block of columns rests on a window of the row."""

    start: int
    """Where the first window begins; below 0 it begins before the row, on zeros."""
    step: int
    """From one window's begin to the next one's."""
    weights: Float32[Tensor, "blocks window columns"]
    """What each column of a block takes of its window."""
    count: int
    """Columns in all; the last block may hold more, of zeros."""

    def scaled(self, lines: UInt8[Tensor, "lines columns"]) -> UInt8[Tensor, "lines count"]:
        """The rows, scaled and rounded."""
        blocks, window, _ = self.weights.shape
        end = self.start + (blocks - 1) * self.step + window
        before, behind = max(0, -self.start), max(0, end - lines.shape[1])
        wide = lines.float()
        if before or behind:  # copies, so not for nothing
            wide = functional.pad(wide, (before, behind))
        wide = wide[:, before + self.start : before + end]
        windows = wide.unfold(1, window, self.step).transpose(0, 1)
        found = torch.bmm(windows, self.weights).add_(0.5).clamp_(0, 255).transpose(0, 1)
        return found.to(torch.uint8).reshape(len(lines), -1)[:, : self.count]


@lru_cache(maxsize=16)
def _across(full: int, small: tuple[int, Filter], first: int, count: int, offset: int) -> _Across:
    """How to scale `full` columns to those from `first` on of so many small ones, in rows that begin at `offset`."""
    weights = filter_weights(full, small[0], kind=small[1])[first : first + count, offset:].astype(np.float32)
    blocks = [weights[at : at + BLOCK] for at in range(0, count, BLOCK)]
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
    return _Across(start=start, step=step, weights=torch.from_numpy(taps), count=count)


@lru_cache(maxsize=16)
def _down(full: int, small: int, first: int, count: int) -> Float32[Tensor, "count full"]:
    """What the rows from `first` on of `small` ones take of `full` ones, by the bicubic filter."""
    weights = filter_weights(full, small, kind="bicubic")[first : first + count]
    return torch.from_numpy(weights.astype(np.float32))


def _columns_first(
    plane: UInt8[Array, "rows columns"], *, across: _Across, down: Float32[Tensor, "count rows"]
) -> UInt8[Array, "count count"]:
    """A plane scaled in Pillow's order: what a filter with weights below 0 cuts off in between depends on the order."""
    lines = across.scaled(torch.from_numpy(np.ascontiguousarray(plane))).float()
    return (down @ lines).add_(0.5).clamp_(0, 255).to(torch.uint8).numpy()


def _rows_scaled(plane: UInt8[Array, "rows columns"], *, height: int) -> UInt8[Tensor, "height wide"]:
    """A plane scaled to `height` rows; on its right there may be columns more than it had."""
    spare = -plane.shape[1] % LANES
    whole = np.ascontiguousarray(np.pad(plane, ((0, 0), (0, spare))) if spare else plane)
    wide = torch.from_numpy(whole).view(1, len(whole), -1, LANES).permute(0, 3, 1, 2)
    small = functional.interpolate(wide, size=(height, wide.shape[3]), mode="bilinear", antialias=True)
    return small[0].permute(1, 2, 0).reshape(height, -1)
