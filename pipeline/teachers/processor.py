"""What a checkpoint's processor does to a frame, read from its file: of every network beside VideoMAE."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from ...data.errors import BadInput
from .preprocess import BILINEAR, Filter, Preprocessing, is_colour
from .snapshot import preprocessor_file, read_json

BICUBIC = 3
"""Pillow's number of the filter, as checkpoints state it."""

STEPS = ("resize", "rescale", "normalize")

CONVNEXT_CROP = 224 / 256
"""What ConvNeXt's processor leaves of the short side where its file does not say (`crop_pct`), below 384 pixels."""
CONVNEXT_WHOLE = 384
"""From this size on ConvNeXt's processor resizes to a square and crops nothing."""


Sizes = tuple[int, int, Literal["short-side", "square"]]
"""Short side after resizing, square cut from the centre, and how it is resized."""


def read_preprocessing(
    folder: Path, *, image_size: int = 0, scaling: Literal["exact", "fast"] = "exact"
) -> Preprocessing:
    """The preprocessing that a checkpoint's folder states; refuses what is none of ours.

    `image_size` is the side that the network takes, in pixels; 0 where it takes any. Short side and centre crop, the
    square without a crop (ViT, SigLIP), and ConvNeXt's share of the short side are read; ViViT's offset of -1 is part
    of mean and standard deviation here.
    """
    path = preprocessor_file(folder)
    values = _processor_values(path)
    sizes = _sizes(values)
    mean, std = values.get("image_mean"), values.get("image_std")
    resample = values.get("resample")
    factor, offset = float(values.get("rescale_factor", 1 / 255)) * 255, bool(values.get("offset"))
    offset = offset or abs(factor - 2) < 1e-4  # ViViT's processor subtracts 1 after a factor of 1/127.5
    held = {
        "resizing, rescaling and normalising": all(values.get(f"do_{step}", True) for step in STEPS),
        "size and crop_size of a square": sizes is not None and 0 < sizes[1] <= sizes[0],
        f"a square of {image_size} pixels": not image_size or sizes is None or sizes[1] == image_size,
        "resample 2 (bilinear) or 3 (bicubic)": resample in (BILINEAR, BICUBIC),
        "rescale_factor 1/255, or 1/127.5 with offset": abs(factor - (2 if offset else 1)) < 1e-4,
        "three numbers as image_mean and image_std": is_colour(mean) and is_colour(std),
        "teacher.scaling exact": scaling == "exact" or (resample == BILINEAR and _keeps_proportions(sizes)),
    }
    for expected, holds in held.items():
        if not holds or sizes is None or mean is None or std is None:
            remedy = "Use the checkpoint's own processor file, or another checkpoint."
            raise BadInput(path, found=json.dumps(values), expected=expected, remedy=remedy)
    if offset:  # ((2 x - 1) - mean) / std, of colours x on the scale 0 to 1
        mean, std = [(1 + m) / 2 for m in mean], [s / 2 for s in std]
    short_side, crop, resize = sizes
    filter_name: Filter = "bilinear" if resample == BILINEAR else "bicubic"
    return Preprocessing(short_side, crop, tuple(mean), tuple(std), scaling, resize=resize, filter=filter_name)


def _keeps_proportions(sizes: Sizes | None) -> bool:
    return sizes is not None and sizes[2] == "short-side"


def _processor_values(path: Path) -> Mapping[str, Any]:
    """What the file says of frames; a file of a whole processor holds it in a section."""
    values = read_json(path)
    for section in ("video_processor", "image_processor"):
        if isinstance(inner := values.get(section), dict):
            return inner
    return values


def _sizes(values: Mapping[str, Any]) -> Sizes | None:
    """The sizes that a processor states; None where the file does not say that."""
    size, crop = values.get("size"), _side(values.get("crop_size"))
    stated = dict(size) if isinstance(size, dict) else {}
    short = stated.get("shortest_edge")
    square = _side({key: stated.get(key) for key in ("height", "width")})
    kind = str(values.get("image_processor_type") or values.get("feature_extractor_type") or "")
    if "crop_pct" in values or kind.startswith("ConvNext"):
        return _convnext_sizes(short or size, share=values.get("crop_pct") or CONVNEXT_CROP)
    cropped = values.get("do_center_crop", crop is not None and short is not None)
    if isinstance(size, int):
        short, square = (size, None) if cropped else (None, size)
    if cropped and crop and isinstance(short, int):
        return short, crop, "short-side"
    if not cropped and square:
        return square, square, "square"
    return None


def _convnext_sizes(side: Any, *, share: float) -> Sizes | None:
    if not isinstance(side, int):
        return None
    return (side, side, "square") if side >= CONVNEXT_WHOLE else (int(side / share), side, "short-side")


def _side(values: Any) -> int | None:
    """The side of a square that is stated as a number, or as two equal ones."""
    sides = {values.get("height"), values.get("width")} if isinstance(values, dict) else {values}
    side = sides.pop() if len(sides) == 1 else None
    return side if isinstance(side, int) else None
