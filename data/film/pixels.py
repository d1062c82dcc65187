"""Decoded pictures as upright RGB: by the matrix and range that the film states, whole or scaled down on the way."""

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from jaxtyping import UInt8
from numpy import ndarray as Array

SPC_RGB = 0
MATRICES: dict[int, Colorspace] = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""Matrix coefficients as films number them (ITU-T H.273, table 4) and swscale's name for each."""

STANDARD_DEFINITION_ROWS = 576
"""A film that names no matrix: BT.601 up to the height of PAL, BT.709 above, as players assume."""

EXACT = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND
"""Chroma interpolated, results rounded: swscale's default repeats chroma and comes out a grey level too dark."""


def upright_rgb(
    frame: VideoFrame, reformatter: VideoReformatter, *, rotation_degrees: int, short_side: int | None = None
) -> UInt8[Array, "height width 3"]:
    """RGB in full range, turned upright. `short_side` scales to that many pixels in the same step.

    Scaling down, the filter widens with the factor (no aliasing). One step instead of RGB at full size and a scaling
    after it is several times cheaper; its values differ from those by rounding and by the filter's tables.
    """
    assumed = Colorspace.ITU601 if frame.height <= STANDARD_DEFINITION_ROWS else Colorspace.ITU709
    matrix = None if frame.colorspace == SPC_RGB else MATRICES.get(frame.colorspace, assumed)
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith(("yuvj", "rgb", "gbr", "bgr"))
    width, height = scaled_size(frame.width, frame.height, short_side=short_side)
    rgb = reformatter.reformat(
        frame,
        width=width,
        height=height,
        format="rgb24",
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=EXACT,
        threads=1,
    ).to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, k=rotation_degrees // 90))


def scaled_size(width: int, height: int, *, short_side: int | None) -> tuple[int, int]:
    """Size with the short side brought to `short_side`, the long side truncated as VideoMAE's processor has it."""
    if short_side is None:
        return width, height
    if width <= height:
        return short_side, int(short_side * height / width)
    return int(short_side * width / height), short_side
