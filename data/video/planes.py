"""A decoded frame's planes as they are coded, wherever they lie: bytes or words, on the processor or on a GPU."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace

from .pixels import Colours, colour_matrix, is_full_range

LUMA_SHARES: dict[Colorspace, tuple[float, float]] = {
    Colorspace.ITU709: (0.2126, 0.0722),
    Colorspace.FCC: (0.30, 0.11),
    Colorspace.ITU601: (0.299, 0.114),
    Colorspace.SMPTE240M: (0.212, 0.087),
    Colorspace.BT2020: (0.2627, 0.0593),
}
"""What red and blue have of a matrix's luma (ITU-T H.273, table 4)."""

PLANAR, INTERLEAVED = 3, 2
"""Planes of a form in which U and V lie apart, and in which they lie side by side."""

TRIAL_SIDE, TRIAL_AT = 16, 4
"""Pixels of the frame that tells where chroma was taken, and the row and column of its one sample of chroma."""


@dataclass(frozen=True)
class CodedPlanes:
    """The planes of one frame, and what turns them into colour."""

    planes: tuple[Any, ...]
    """Y, U, V, or Y and pairs of U and V. Each has `__dlpack__`, whose capsule keeps the frame's memory."""
    height: int
    """Rows of the frame as it is coded."""
    width: int
    """Columns of it."""
    bits: int
    """Of a sample."""
    shift: int
    """Bits below a sample in its word (six in `p010le`)."""
    luma_shares: tuple[float, float]
    """What red and blue have of luma."""
    full_range: bool
    """Whether luma runs over all numbers, instead of 16 to 235 of 255."""
    chroma_offset: tuple[float, float] = (0.0, 0.0)
    """Rows and columns from the middle of the pixels that a sample of chroma covers to where it was taken."""
    rotation_degrees: int = 0
    """Counter-clockwise rotation that shows it upright."""


class PlaneReader:
    """Takes the planes of one film's frames, whose chroma all lies where the first frame has it."""

    def __init__(self, *, rotation_degrees: int = 0) -> None:
        self._rotation_degrees = rotation_degrees
        self._offset: tuple[float, float] | None = None

    def planes(self, frame: VideoFrame) -> CodedPlanes | None:
        """The planes of luma and two chromas in bytes or little-endian words; None for every other form."""
        form, matrix = frame.sw_format or frame.format, colour_matrix(frame)
        if matrix is None or not _is_read(form):
            return None
        luma = form.components[0]
        is_halved = form.chroma_height(4) < 4, form.chroma_width(4) < 4
        self._offset = self._offset or _chroma_offset(frame)
        return CodedPlanes(
            frame.planes,
            height=frame.height,
            width=frame.width,
            bits=luma.bits,
            shift=16 - luma.bits if form.name.startswith("p") else 0,
            luma_shares=LUMA_SHARES[matrix],
            full_range=is_full_range(frame),
            chroma_offset=(self._offset[0] * is_halved[0], self._offset[1] * is_halved[1]),
            rotation_degrees=self._rotation_degrees,
        )


def _is_read(form: VideoFormat) -> bool:
    """Whether a form is planar or semi-planar luma and chroma of one depth, a chroma to two pixels at most each way."""
    parts = form.components
    if form.is_rgb or form.is_bit_stream or form.is_big_endian or form.has_palette or len(parts) != PLANAR:
        return False
    coarse = form.chroma_width(4) < 2 or form.chroma_height(4) < 2
    planes, depths = {part.plane for part in parts}, {part.bits for part in parts}
    return len(planes) in (PLANAR, INTERLEAVED) and len(depths) == 1 and form.name != "nv21" and not coarse


def _chroma_offset(frame: VideoFrame) -> tuple[float, float]:
    """Where a film's chroma was taken, from what swscale makes of a single sample of it.

    FFmpeg's frames say so and PyAV does not show it; a small frame with this one's properties has it too.
    """
    small = frame.reformat(width=TRIAL_SIDE, height=TRIAL_SIDE, format="yuv420p")
    for plane in small.planes:
        np.frombuffer(memoryview(plane), np.uint8)[:] = 128
    chroma = small.planes[2]
    np.frombuffer(memoryview(chroma), np.uint8).reshape(chroma.height, -1)[TRIAL_AT, TRIAL_AT] = 228
    red = Colours().picture(small).planes[0].astype(float)
    seen = red - red[0, 0]
    rows, columns = np.arange(TRIAL_SIDE) @ seen.sum(axis=1), np.arange(TRIAL_SIDE) @ seen.sum(axis=0)
    middle = 2 * TRIAL_AT + 0.5
    row, column = (round(2 * (moment / seen.sum() - middle)) / 2 for moment in (rows, columns))
    return row, column
