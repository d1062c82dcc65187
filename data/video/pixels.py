"""Decoded frames as colour: full range, by the matrix and range that the film states, whole or the columns needed."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.filter import Graph
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

EDGE_COLUMNS, COLUMN_STEP = 8, 16
"""Chroma is interpolated from neighbours, which a cut takes away: so many columns beside those needed are kept. Cuts
fall on multiples of 16, between samples of chroma however coarse, and leave rows without padding."""

CHROMA_COLUMNS, CHROMA_ROWS = 4, 2
"""What one sample of chroma covers at most, in the forms that films have."""

NO_TIME = Fraction(1)
"""A cut asks for a time base and does nothing with it."""

GREEN, BLUE, RED = 0, 1, 2
"""Planes of swscale's `gbrp`: bit for bit its `rgb24`, in half the time (the one has vector code, the other none)."""


@dataclass(frozen=True)
class Picture:
    """A frame, or a stretch of its columns, in three colour planes, as it is coded: not yet turned upright."""

    planes: tuple[UInt8[Array, "rows columns"], UInt8[Array, "rows columns"], UInt8[Array, "rows columns"]]
    """Red, green, blue in full range. They may be parts of one larger buffer."""
    width: int
    """Columns of the whole frame."""
    first_column: int = 0
    """The column of the frame with which the planes begin."""
    rotation_degrees: int = 0
    """Counter-clockwise rotation that shows it upright."""

    @classmethod
    def of_rgb(cls, frame: UInt8[Array, "height width 3"]) -> "Picture":
        """A whole frame that is upright already."""
        return cls((frame[..., 0], frame[..., 1], frame[..., 2]), width=frame.shape[1])

    def upright(self) -> UInt8[Array, "height width 3"]:
        """The planes as one array, turned."""
        return np.ascontiguousarray(np.rot90(np.stack(self.planes, axis=-1), k=self.rotation_degrees // 90))


class Colours:
    """Turns frames of one film into pictures. `columns` (first, stop) are all that is needed of frames that wide.

    `short_side` scales to that many pixels in the same step: cheaper, but chroma is filtered otherwise than by scaling
    afterwards, and colours beyond what RGB holds are cut off after the scaling instead of before.
    """

    def __init__(
        self,
        *,
        rotation_degrees: int = 0,
        columns: tuple[int, int] | None = None,
        short_side: int | None = None,
    ) -> None:
        self._rotation_degrees, self._columns, self._short_side = rotation_degrees, columns, short_side
        self._reformatter = VideoReformatter()
        self._cutter, self._cuts = Graph(), (0, 0, "")

    def picture(self, frame: VideoFrame) -> Picture:
        """The frame's colours."""
        first, stop = cut_columns(frame, needed=self._columns) if self._short_side is None else (0, frame.width)
        part = frame if stop - first == frame.width else self._cut(frame, first=first, stop=stop)
        width, height = scaled_size(part.width, part.height, short_side=self._short_side)
        matrix, full = colour_matrix(frame), is_full_range(frame)
        coloured = self._reformatter.reformat(
            part,
            width=width,
            height=height,
            format="gbrp",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=EXACT,
            threads=1,
        )
        red, green, blue = (_plane(coloured, which) for which in (RED, GREEN, BLUE))
        return Picture(
            (red, green, blue),
            width=width if part is frame else frame.width,
            first_column=first,
            rotation_degrees=self._rotation_degrees,
        )

    def _cut(self, frame: VideoFrame, *, first: int, stop: int) -> VideoFrame:
        """Columns of a frame, without copying them: all that the frame says of its colours stays."""
        kind = (frame.width, frame.height, frame.format.name)
        if kind != self._cuts:
            graph = Graph()
            source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=NO_TIME)
            crop = graph.add("crop", f"w={stop - first}:h={frame.height}:x={first}:y=0:exact=1")
            sink = graph.add("buffersink")
            source.link_to(crop)
            crop.link_to(sink)
            graph.configure()
            self._cutter, self._cuts = graph, kind
        self._cutter.vpush(frame)
        return self._cutter.vpull()


def colour_matrix(frame: VideoFrame) -> Colorspace | None:
    """The matrix of a frame's luma and chroma; None where it states that it holds RGB."""
    assumed = Colorspace.ITU601 if frame.height <= STANDARD_DEFINITION_ROWS else Colorspace.ITU709
    return None if frame.colorspace == SPC_RGB else MATRICES.get(frame.colorspace, assumed)


def is_full_range(frame: VideoFrame) -> bool:
    """Whether a frame's numbers use all their bits."""
    return frame.color_range == ColorRange.JPEG or frame.format.name.startswith(("yuvj", "rgb", "gbr", "bgr"))


def cut_columns(frame: VideoFrame, *, needed: tuple[int, int] | None) -> tuple[int, int]:
    """First and stop of the columns to convert so that those needed come out as if all were.

    All, where chroma would come out otherwise: of sizes that it does not divide it is stretched over the whole frame.
    """
    if needed is None or not frame.format.is_planar or frame.width % CHROMA_COLUMNS or frame.height % CHROMA_ROWS:
        return 0, frame.width
    first = max(0, (needed[0] - EDGE_COLUMNS) // COLUMN_STEP * COLUMN_STEP)
    stop = min(frame.width, -(-(needed[1] + EDGE_COLUMNS) // COLUMN_STEP) * COLUMN_STEP)
    return first, stop


def scaled_size(width: int, height: int, *, short_side: int | None) -> tuple[int, int]:
    """Size with the short side brought to `short_side`, the long side truncated as VideoMAE's processor has it."""
    if short_side is None:
        return width, height
    if width <= height:
        return short_side, int(short_side * height / width)
    return int(short_side * width / height), short_side


def _plane(frame: VideoFrame, which: int) -> UInt8[Array, "rows columns"]:
    plane = frame.planes[which]
    lines: UInt8[Array, "rows line"] = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return lines[: frame.height, : frame.width]
