"""The square that a network is shown of a picture: short side resized with antialiasing, centre cropped, 8 bits.

What Pillow's bilinear or bicubic filter and a centre crop give, within a grey level, at a fraction of the cost: rows
are scaled in bytes by torch's kernel, which then leaves few enough values to scale columns in float32, those of the
square alone.
"""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from numpy import ndarray as Array
from torch import Tensor
from torch.nn import functional

from ...data.video.pixels import Picture
from .banded_resize import Banded, banded, rounded
from .preprocess import Filter, Preprocessing, corner, filter_weights

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
        columns = _across(picture.width, (width, preprocessing.filter), left, crop, picture.first_column)
        rows_of = slice(top, top + crop)
        if preprocessing.filter == "bilinear":  # plane after plane: one fits a core's cache, three do not
            small = np.stack([columns.across(_rows_scaled(p, height=height)[rows_of]).numpy() for p in picture.planes])
        else:
            down = _down(rows, height, top, crop)
            small = np.stack([_columns_first(plane, columns=columns, down=down) for plane in picture.planes])
    return np.ascontiguousarray(np.rot90(small, k=picture.rotation_degrees // 90, axes=(1, 2)))


@lru_cache(maxsize=16)
def _across(full: int, small: tuple[int, Filter], first: int, count: int, offset: int) -> Banded:
    """How to scale `full` columns to those from `first` on of so many small ones, in rows that begin at `offset`."""
    return banded(filter_weights(full, small[0], kind=small[1])[first : first + count, offset:])


@lru_cache(maxsize=16)
def _down(full: int, small: int, first: int, count: int) -> Float32[Tensor, "count full"]:
    """What the rows from `first` on of `small` ones take of `full` ones, by the bicubic filter."""
    weights = filter_weights(full, small, kind="bicubic")[first : first + count]
    return torch.from_numpy(weights.astype(np.float32))


def _columns_first(
    plane: UInt8[Array, "rows columns"], *, columns: Banded, down: Float32[Tensor, "count rows"]
) -> UInt8[Array, "count count"]:
    """A plane scaled in Pillow's order: what a filter with weights below 0 cuts off in between depends on the order."""
    lines = columns.across(torch.from_numpy(np.ascontiguousarray(plane))).float()
    return rounded(down @ lines).numpy()


def _rows_scaled(plane: UInt8[Array, "rows columns"], *, height: int) -> UInt8[Tensor, "height wide"]:
    """A plane scaled to `height` rows; on its right there may be columns more than it had."""
    spare = -plane.shape[1] % LANES
    whole = np.ascontiguousarray(np.pad(plane, ((0, 0), (0, spare))) if spare else plane)
    wide = torch.from_numpy(whole).view(1, len(whole), -1, LANES).permute(0, 3, 1, 2)
    small = functional.interpolate(wide, size=(height, wide.shape[3]), mode="bilinear", antialias=True)
    return small[0].permute(1, 2, 0).reshape(height, -1)
