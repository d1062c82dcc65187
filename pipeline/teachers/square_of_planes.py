"""The square that a network is shown of a frame's coded planes: colour, exact resize and crop, on the planes' device.

What `resize_center_crop` gives of the same frame's colours, within a grey level. All sums are of integers, or of
numbers that float32 holds exactly, so every device gives the same bytes; no more than the square rests on is converted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Int32, Int64, UInt8
from torch import Tensor
from torch.utils.dlpack import from_dlpack

from ...data.video.planes import INTERLEAVED, CodedPlanes
from .banded_resize import Banded, banded, fixed_point
from .preprocess import Filter, Preprocessing, corner, filter_weights

MOST_BITS = 10
"""Of a sample in these sums; finer ones are rounded first."""
SHARE_BITS, AXIS_BITS = 8, 4
"""Bits behind the point of a neighbour's share in interpolated chroma, and of what is kept after each axis: exact for
sizes that chroma divides, whose shares are quarters."""
COEFFICIENT_BITS = 13
"""Bits behind the point of a matrix coefficient: int32 holds its product with ten bits of chroma so interpolated."""
SUM_BITS = COEFFICIENT_BITS + 2 * AXIS_BITS


def square_of_planes(planes: CodedPlanes, *, preprocessing: Preprocessing) -> UInt8[Tensor, "3 crop crop"]:
    """The square of a frame, upright, channels first, on the device where the planes lie."""
    width, height = preprocessing.resized(planes.width, planes.height)
    crop, turns = preprocessing.crop, planes.rotation_degrees // 90
    top, left = corner(height, width, crop=crop, rotation_degrees=planes.rotation_degrees)
    coded = _on_device(planes)
    rows = _axis(planes.height, (height, preprocessing.filter), top, crop, coded[0].device)
    columns = _axis(planes.width, (width, preprocessing.filter), left, crop, coded[0].device)
    colours = _colours(coded, planes=planes, rows=rows, columns=columns)
    if preprocessing.filter == "bilinear":
        small = columns.resize.across(rows.resize.down(colours.flatten(1)).view(3 * crop, -1))
    else:  # in Pillow's order: what a filter with weights below 0 cuts off in between depends on it
        small = rows.resize.down(columns.resize.across(colours.flatten(0, 1)).view(colours.shape[0], -1))
    return torch.rot90(small.reshape(crop, 3, crop).transpose(0, 1), k=turns, dims=(1, 2)).contiguous()


@dataclass(frozen=True)
class _Axis:
    """One axis of a frame: which of its samples the square rests on, and how they are resized."""

    first: int
    """The first sample needed."""
    stop: int
    """Behind the last."""
    full: int
    """Samples of the whole axis."""
    resize: Banded
    """From the samples needed to the square's."""


@lru_cache(maxsize=16)
def _axis(full: int, small: tuple[int, Filter], first: int, count: int, device: torch.device) -> _Axis:
    """The axis that brings `full` samples to those from `first` on of so many small ones."""
    weights = filter_weights(full, small[0], kind=small[1])[first : first + count]
    held = np.flatnonzero(weights.any(axis=0))
    begin, stop = int(held[0]), int(held[-1]) + 1
    return _Axis(begin, stop=stop, full=full, resize=banded(fixed_point(weights[:, begin:stop])).to(device))


def _on_device(planes: CodedPlanes) -> tuple[Tensor, Tensor, Tensor]:
    """Luma and the two chromas as they lie in memory; the tensors keep it."""
    # Through capsules: given the plane itself torch asks it to wait for a stream, which PyAV refuses.
    parts = [from_dlpack(plane.__dlpack__()) for plane in planes.planes]
    if len(parts) == INTERLEAVED:
        return parts[0], parts[1][..., 0], parts[1][..., 1]
    return parts[0], parts[1], parts[2]


def _colours(
    coded: tuple[Tensor, Tensor, Tensor], *, planes: CodedPlanes, rows: _Axis, columns: _Axis
) -> UInt8[Tensor, "rows 3 columns"]:
    """Red, green and blue of the samples needed, cut off at what 8 bits hold."""
    bits = min(planes.bits, MOST_BITS)
    unit = 1 << bits - 8
    luma_span, chroma_span = (255 * unit + unit - 1,) * 2 if planes.full_range else (219 * unit, 224 * unit)
    luma = _samples(coded[0][rows.first : rows.stop, columns.first : columns.stop], planes=planes)
    grey = (luma - (0 if planes.full_range else 16 * unit)) * round(255 / luma_span * 2**SUM_BITS)
    blue, red = (_chroma(plane, planes=planes, rows=rows, columns=columns) for plane in coded[1:])
    found = torch.empty((luma.shape[0], 3, luma.shape[1]), dtype=torch.uint8, device=luma.device)
    for colour, (of_blue, of_red) in enumerate(_coefficients(planes.luma_shares)):
        scale = 255 / chroma_span * 2**COEFFICIENT_BITS
        total = grey + (1 << SUM_BITS - 1)
        if of_blue:
            total = total + blue * round(scale * of_blue)
        if of_red:
            total = total + red * round(scale * of_red)
        found[:, colour] = (total >> SUM_BITS).clamp_(0, 255)
    return found


def _coefficients(luma_shares: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """What red, green and blue take of the two differences of colour (ITU-T H.273, 8.3)."""
    of_red, of_blue = luma_shares
    of_green = 1 - of_red - of_blue
    yield 0.0, 2 * (1 - of_red)
    yield -2 * (1 - of_blue) * of_blue / of_green, -2 * (1 - of_red) * of_red / of_green
    yield 2 * (1 - of_blue), 0.0


def _chroma(plane: Tensor, *, planes: CodedPlanes, rows: _Axis, columns: _Axis) -> Int32[Tensor, "rows columns"]:
    """Chroma about its middle at every pixel needed, AXIS_BITS for each axis behind the point."""
    up, along = (
        _interpolation(axis, coarse, offset, plane.device)
        for axis, coarse, offset in zip((rows, columns), plane.shape, planes.chroma_offset, strict=True)
    )
    part = _samples(plane[up.held, along.held], planes=planes) - (128 << min(planes.bits, MOST_BITS) - 8)
    for axis, between in enumerate((up, along)):
        near, far = (part.index_select(axis, index) for index in (between.near, between.far))
        share = between.share.unsqueeze(1 - axis)
        blend = near * ((1 << SHARE_BITS) - share) + far * share
        part = blend + (1 << SHARE_BITS - AXIS_BITS - 1) >> SHARE_BITS - AXIS_BITS
    return part


@dataclass(frozen=True)
class _Interpolation:
    """Between which of an axis's coarse samples each of its fine ones lies."""

    held: slice
    """The coarse samples needed."""
    near: Int64[Tensor, "fine"]
    """The one before, counted from the first needed."""
    far: Int64[Tensor, "fine"]
    """The one behind."""
    share: Int32[Tensor, "fine"]
    """What the one behind has, SHARE_BITS behind the point."""


@lru_cache(maxsize=32)
def _interpolation(axis: _Axis, coarse: int, offset: float, device: torch.device) -> _Interpolation:
    """Linear, both ends repeated; a coarse sample lies `offset` fine ones from the middle of what it covers."""
    fine = np.arange(axis.first, axis.stop) + 0.5 - offset
    place = np.clip(fine * coarse / axis.full - 0.5, 0, coarse - 1)
    near = np.floor(place).astype(np.int64)
    far = np.minimum(near + 1, coarse - 1)
    first = int(near[0])
    before, behind = (torch.from_numpy(index - first).to(device) for index in (near, far))
    share = torch.from_numpy(np.rint((place - near) * 2**SHARE_BITS).astype(np.int32)).to(device)
    return _Interpolation(slice(first, int(far[-1]) + 1), near=before, far=behind, share=share)


def _samples(plane: Tensor, *, planes: CodedPlanes) -> Int32[Tensor, "rows columns"]:
    """Samples as integers of ten bits at most."""
    whole, finer = plane.to(torch.int32), planes.bits - MOST_BITS
    if planes.shift:
        whole = whole >> planes.shift
    return whole if finer <= 0 else whole + (1 << finer - 1) >> finer
