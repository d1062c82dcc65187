"""A film with what is predicted drawn into each frame: the gait's name, and a ribbon of the seconds around it."""

import uuid
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from jaxtyping import Float32, UInt8
from numpy import ndarray as Array
from tqdm import tqdm

from ...data.recording import Video
from ...data.video.decode import decode_frames
from ...data.video.pixels import STANDARD_DEFINITION_ROWS
from ..inference.bouts import PredictedBout
from ..inference.prediction import RecordingPrediction
from ..inference.timeline import UNKNOWN
from .charts import LABEL_COLOURS
from .formatting import label_colours

AROUND_SECONDS = 10.0
"""The ribbon shows so many seconds before and after the frame."""
TIME_BASE = Fraction(1, 60_000)
"""Unit of the film's times; MPEG-4 part 2 allows no finer one than 1 / 65535 s."""
DARK, LIGHT = 0.55, 255
"""By what the picture behind letters and ribbon is dimmed, and the grey level of letters."""


def write_overlay(video: Video, prediction: RecordingPrediction, path: Path) -> Path:
    """Writes the film as MP4, each frame at its own time, with the prediction of that film time; returns the path.

    H.264 where PyAV has libx264, else MPEG-4 part 2. The sound is left out. The file has its name when it is whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with av.open(str(draft), "w", format="mp4") as container:
            _encode(container, _frames(video, prediction), video=video)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return path


def draw_prediction(
    frame: UInt8[Array, "height width 3"], *, seconds: float, prediction: RecordingPrediction
) -> UInt8[Array, "height width 3"]:
    """A copy of the frame of this film time with name, confidence and ribbon at its bottom edge."""
    drawn = frame.copy()
    height, width, _ = frame.shape
    band = max(height // 9, 12)
    ribbon = max(band // 3, 4)
    drawn[height - band :] = (drawn[height - band :] * (1.0 - DARK)).astype(np.uint8)
    colours = {name: _rgb(LABEL_COLOURS[k]) for name, k in label_colours(prediction.timeline.classes).items()}
    moments = seconds + np.linspace(-AROUND_SECONDS, AROUND_SECONDS, width)
    for bout in prediction.bouts:
        inside = (moments >= bout.start_seconds) & (moments < bout.stop_seconds)
        drawn[height - ribbon :, inside] = colours.get(bout.label, _rgb(LABEL_COLOURS[4]))
    line = max(width // 320, 1)
    drawn[height - ribbon - 2 :, width // 2 - line : width // 2 + line] = LIGHT
    _write(drawn, _caption(prediction.bouts, seconds=seconds), rows=(height - band, height - ribbon - 2))
    return drawn


def _caption(bouts: tuple[PredictedBout, ...], *, seconds: float) -> str:
    """`trot 97 %`; nothing where nothing is predicted."""
    now = next((bout for bout in bouts if bout.start_seconds <= seconds < bout.stop_seconds), None)
    if now is None:
        return ""
    return now.label if now.label == UNKNOWN else f"{now.label} {100 * now.confidence:.0f} %"


def _frames(video: Video, prediction: RecordingPrediction) -> Iterator[tuple[float, UInt8[Array, "height width 3"]]]:
    every = np.arange(len(video.frame_seconds))
    decoded = decode_frames(video, frame_index=every, threads=0)
    for index, frame in tqdm(decoded, total=len(every), desc=video.path.name, unit="frame", disable=None):
        seconds = float(video.frame_seconds[index])
        yield seconds, draw_prediction(frame, seconds=seconds, prediction=prediction)


def _encode(
    container: av.container.OutputContainer,
    frames: Iterator[tuple[float, UInt8[Array, "height width 3"]]],
    *,
    video: Video,
) -> None:
    stream = None
    for seconds, picture in frames:
        even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]  # as halved colour needs it
        stream = stream or _stream(container, even, video=video)
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=_matrix(stream.height), dst_color_range=ColorRange.MPEG)
        frame.pts = round((seconds - video.start_seconds) / TIME_BASE)
        frame.time_base = TIME_BASE
        container.mux(stream.encode(frame))
    if stream is not None:
        container.mux(stream.encode(None))


def _stream(
    container: av.container.OutputContainer, picture: UInt8[Array, "height width 3"], *, video: Video
) -> av.video.stream.VideoStream:
    """A stream for pictures of this size, shaped as the film's pixels are."""
    here = "libx264" in av.codecs_available
    usual = float(np.median(np.diff(video.frame_seconds))) if video.frame_seconds.size > 1 else 0.04
    stream = container.add_stream("libx264" if here else "mpeg4", rate=Fraction(1.0 / usual).limit_denominator(1001))
    stream.height, stream.width = picture.shape[:2]
    stream.pix_fmt = "yuv420p"
    stream.codec_context.colorspace = _matrix(stream.height)
    stream.time_base = stream.codec_context.time_base = TIME_BASE
    aspect = Fraction(video.pixel_aspect).limit_denominator(1000)
    turned = video.rotation_degrees in (90, 270)
    stream.codec_context.sample_aspect_ratio = 1 / aspect if turned else aspect
    if here:
        stream.options = {"crf": "20", "preset": "veryfast"}
    else:
        stream.codec_context.bit_rate = 4_000_000
    return stream


def _matrix(height: int) -> Colorspace:
    """Of the colours of films of this height, stated and used: what players assume where none is stated."""
    return Colorspace.ITU709 if height > STANDARD_DEFINITION_ROWS else Colorspace.ITU601


def _write(picture: UInt8[Array, "height width 3"], text: str, *, rows: tuple[int, int]) -> None:
    """Writes text into the picture between two rows, from the left."""
    if not text:
        return
    first, stop = rows
    letters = _letters(text, max(stop - first, 6))[: stop - first, : picture.shape[1] - 8]
    part = picture[first : first + letters.shape[0], 6 : 6 + letters.shape[1]]
    part[:] = (part + (LIGHT - part.astype(np.float32)) * letters[..., None]).astype(np.uint8)


@lru_cache(maxsize=256)
def _letters(text: str, height: int) -> Float32[Array, "rows columns"]:
    """How much of each pixel letters of this height cover, 0 to 1, in the font that comes with matplotlib."""
    from matplotlib.font_manager import findfont
    from matplotlib.ft2font import FT2Font

    font = FT2Font(findfont("DejaVu Sans"))
    font.set_size(0.72 * height, 72)
    font.set_text(text)
    font.draw_glyphs_to_bitmap(antialiased=True)
    return np.asarray(font.get_image(), np.float32) / 255.0


def _rgb(colour: str) -> tuple[int, int, int]:
    """The three parts of `#rrggbb`."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
