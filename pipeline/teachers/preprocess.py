"""From a film's frame to what the network sees: short side resized with antialiasing, centre cropped, 8 bits.

The same steps as the Hugging Face processor of VideoMAE, of one frame alone, without torchvision or Pillow. Scaling and
normalisation belong to the network's side, so that frames wait as bytes.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jaxtyping import UInt8
from numpy import ndarray as Array

from ...data.errors import BadInput
from .snapshot import PREPROCESSOR_FILE, read_json

BILINEAR = 2
"""Pillow's number of the filter, as checkpoints state it."""

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

    @property
    def decoded_short_side(self) -> int | None:
        """The short side at which frames are to come from the film; None for their own size."""
        return self.short_side if self.scaling == "fast" else None

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
            "three numbers as image_mean and image_std": _is_colour(mean) and _is_colour(std),
        }
        for expected, holds in held.items():
            if not holds:
                remedy = "Use a VideoMAE checkpoint with its own preprocessor_config.json."
                raise BadInput(path, found=json.dumps(values), expected=expected, remedy=remedy)
        return cls(short_side=short_side, crop=sides.pop(), mean=tuple(mean), std=tuple(std), scaling=scaling)


def preprocess_frame(
    frame: UInt8[Array, "height width 3"], *, preprocessing: Preprocessing
) -> UInt8[Array, "3 crop crop"]:
    """One frame resized (bilinear, antialiased) and centre cropped, channels first, within a grey level of Pillow's.

    A frame that has its size already, as films scaled while converted give them, is cropped alone.
    """
    import torch
    from torch.nn import functional

    height, width = resized(frame.shape[0], frame.shape[1], short_side=preprocessing.short_side)
    small = torch.from_numpy(frame).permute(2, 0, 1)[None]
    if small.shape[2:] != (height, width):
        small = functional.interpolate(small, size=(height, width), mode="bilinear", antialias=True)
    top, left = (height - preprocessing.crop) // 2, (width - preprocessing.crop) // 2
    square = small[0, :, top : top + preprocessing.crop, left : left + preprocessing.crop]
    return square.contiguous().numpy()


def resized(height: int, width: int, *, short_side: int) -> tuple[int, int]:
    """Height and width after the short side became `short_side`, rounded down as the Hugging Face processor does."""
    if height <= width:
        return short_side, int(short_side * width / height)
    return int(short_side * height / width), short_side


def _all_between(values: Iterable[Any], *, low: int, high: int) -> bool:
    return all(isinstance(value, int) and low <= value <= high for value in values)


def _is_colour(values: Any) -> bool:
    return isinstance(values, list) and len(values) == 3 and all(isinstance(value, int | float) for value in values)
