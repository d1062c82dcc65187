"""What happens to a film's frame before the network, as its checkpoint states it: sizes, the square, colours.

The same steps as the Hugging Face processor of the network, of one frame alone. Light to import: `resize_center_crop`
does the work.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ...data.errors import BadInput
from ...data.recording import Video
from ...data.video.pixels import scaled_size
from .snapshot import PREPROCESSOR_FILE, read_json

BILINEAR = 2
"""Pillow's number of the filter, as checkpoints state it."""

Filter = Literal["bilinear", "bicubic"]

STEPS = ("resize", "center_crop", "rescale", "normalize")


@dataclass(frozen=True)
class Preprocessing:
    """What happens to a frame before the network, as the checkpoint's preprocessor_config.json states it."""

    short_side: int
    """Pixels of the short side after resizing; the long side keeps the proportion, rounded down."""
    crop: int
    """Height and width of the square cut from the centre, in pixels."""
    mean: tuple[float, float, float]
    """Subtracted from the colours, on the scale 0 to 1."""
    std: tuple[float, float, float]
    """Divides what is left."""
    scaling: Literal["exact", "fast"] = "exact"
    """`exact` resizes the frame's RGB as the processor does; `fast` has the film scaled while it is converted."""
    resize: Literal["short-side", "square"] = "short-side"
    """`square` resizes both sides to `short_side`, so that nothing is cut off and proportions change."""
    filter: Filter = "bilinear"
    """Pillow's filter of that name, antialiased."""

    def resized(self, width: int, height: int) -> tuple[int, int]:
        """Width and height to which a frame of this size is brought before the square is cut."""
        if self.resize == "square":
            return self.short_side, self.short_side
        return scaled_size(width, height, short_side=self.short_side)

    @property
    def decoded_short_side(self) -> int | None:
        """The short side at which frames are to come from the film; None for their own size."""
        return self.short_side if self.scaling == "fast" else None

    def columns(self, video: Video) -> tuple[int, int]:
        """First and stop of the columns of a film's frames, as they are coded, that their squares rest on."""
        width, height = self.resized(video.width, video.height)
        _, left = corner(height, width, crop=self.crop, rotation_degrees=video.rotation_degrees)
        weights = filter_weights(video.width, width, kind=self.filter)
        held = np.flatnonzero(weights[left : left + self.crop].any(axis=0))
        return int(held[0]), int(held[-1]) + 1

    @classmethod
    def of_snapshot(cls, folder: Path, *, scaling: Literal["exact", "fast"] = "exact") -> "Preprocessing":
        """The preprocessing that a checkpoint's folder states; refuses kinds that are not VideoMAE's."""
        path = folder / PREPROCESSOR_FILE
        values = read_json(path)
        size, crop = values.get("size"), values.get("crop_size")
        stated = size.get("shortest_edge") if isinstance(size, dict) else size
        short_side = stated if isinstance(stated, int) else 0
        sides: set[Any] = {crop.get("height"), crop.get("width")} if isinstance(crop, dict) else {crop}
        mean: Any = values.get("image_mean")
        std: Any = values.get("image_std")
        held = {
            "all four steps": all(values.get(f"do_{step}", True) for step in STEPS),
            "resample 2 (bilinear)": values.get("resample", BILINEAR) == BILINEAR,
            "rescale_factor 1/255": abs(float(values.get("rescale_factor", 1 / 255)) * 255 - 1) < 1e-6,
            "size.shortest_edge": short_side > 0,
            "a square crop_size within it": len(sides) == 1 and _all_between(sides, low=1, high=short_side),
            "three numbers as image_mean and image_std": is_colour(mean) and is_colour(std),
        }
        for expected, holds in held.items():
            if not holds:
                remedy = "Use a VideoMAE checkpoint with its own preprocessor_config.json."
                raise BadInput(path, found=json.dumps(values), expected=expected, remedy=remedy)
        return cls(short_side=short_side, crop=sides.pop(), mean=tuple(mean), std=tuple(std), scaling=scaling)


def filter_weights(full: int, small: int, *, kind: Filter) -> Float64[Array, "small full"]:
    """What each of `small` samples takes of `full` ones by Pillow's filter of that name."""
    return triangle_weights(full, small) if kind == "bilinear" else cubic_weights(full, small)


def cubic_weights(full: int, small: int) -> Float64[Array, "small full"]:
    """What each of `small` samples takes of `full` ones: Pillow's bicubic filter.

    The kernel of Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981, with a = -0.5, stretched
    to the coarser grid; a sample's weights sum to 1, some of them are below 0.
    """
    scale = full / small
    middles = (np.arange(small) + 0.5) * scale
    x = np.abs(np.arange(full) + 0.5 - middles[:, None]) / max(scale, 1.0)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    weights = np.where(x < 1, near, np.where(x < 2, far, 0.0))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def triangle_weights(full: int, small: int) -> Float64[Array, "small full"]:
    """What each of `small` samples takes of `full` ones: Pillow's bilinear filter.

    A triangle about the sample's middle that reaches one spacing of the coarser grid to either side; samples at whose
    middle it is above 0 share the weight of 1.
    """
    scale = full / small
    reach = max(scale, 1.0)
    middles = (np.arange(small) + 0.5) * scale
    weights = np.clip(1 - np.abs(np.arange(full) + 0.5 - middles[:, None]) / reach, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def corner(height: int, width: int, *, crop: int, rotation_degrees: int) -> tuple[int, int]:
    """Top and left of the square in a resized frame as it is coded: centred once upright, rounded up and left there."""
    turns = rotation_degrees // 90
    shown = (width, height) if turns % 2 else (height, width)
    top, left = (shown[0] - crop) // 2, (shown[1] - crop) // 2
    # Turned back, what is up becomes right, down or left.
    return {
        0: (top, left),
        1: (left, width - crop - top),
        2: (height - crop - top, width - crop - left),
        3: (height - crop - left, top),
    }[turns]


def _all_between(values: Iterable[Any], *, low: int, high: int) -> bool:
    return all(isinstance(value, int) and low <= value <= high for value in values)


def is_colour(values: Any) -> bool:
    """Whether these are three numbers, one a colour."""
    return isinstance(values, list) and len(values) == 3 and all(isinstance(value, int | float) for value in values)
