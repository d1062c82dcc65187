"""Small films for tests: frames with known content at chosen presentation times, in any container."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from equigait.data.video.pixels import Colours

TICKS_PER_SECOND = 90_000


def write_film(
    path: Path,
    frames: Sequence[np.ndarray],
    *,
    seconds: Sequence[float],
    codec: str = "libx264",
    pixel_format: str = "yuv420p",
    container_options: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    ticks_per_second: int = TICKS_PER_SECOND,
) -> Path:
    """Writes `frames` (RGB, or planes of `pixel_format` ready to encode) with the given presentation times."""
    options = {"preset": "ultrafast", "bf": "2", "g": "30", "crf": "10", "x264-params": "asm=avx2"}
    with av.open(str(path), "w", options=container_options or {}) as container:
        stream = container.add_stream(codec, rate=30, options=codec_options or (options if codec == "libx264" else {}))
        stream.height, stream.width = frames[0].shape[:2]
        if pixel_format.endswith("444p"):
            stream.height, stream.width = frames[0].shape[1:]
        stream.pix_fmt = pixel_format
        stream.time_base = stream.codec_context.time_base = Fraction(1, ticks_per_second)
        for pixels, second in zip(frames, seconds, strict=True):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24" if pixels.shape[-1] == 3 else pixel_format)
            frame.pts, frame.time_base = round(second * ticks_per_second), Fraction(1, ticks_per_second)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


LEVELS_PER_DIGIT = 22


def numbered_frames(count: int, *, height: int = 64, width: int = 96) -> list[np.ndarray]:
    """Frames whose grey tells their number, up to 99: its tens in the left half, its ones in the right."""
    halves = [np.repeat(np.divmod(number, 10), width // 2) for number in range(count)]
    return [np.tile((20 + LEVELS_PER_DIGIT * half)[None, :, None], (height, 1, 3)).astype(np.uint8) for half in halves]


def number_of(pixels: np.ndarray) -> int:
    """The number of a frame of `numbered_frames`, or of a crop about its centre."""
    quarter = pixels.shape[1] // 4
    tens, ones = pixels[:, :quarter], pixels[:, -quarter:]
    left, right = (round((float(part.mean()) - 20) / LEVELS_PER_DIGIT) for part in (tens, ones))
    return 10 * left + right


def upright_rgb(frame: av.VideoFrame, *, rotation_degrees: int) -> np.ndarray:
    """One whole frame as RGB in full range, turned upright."""
    return Colours(rotation_degrees=rotation_degrees).picture(frame).upright()


def saturated(width: int, height: int, pixel_format: str, *, chroma: float = 1.0) -> av.VideoFrame:
    """Slow waves and hard edges of brightness and colour, far beyond what RGB can show, under grain.

    `chroma` scales colour alone: swscale's own sums wrap round where a colour comes to twice the range.
    """
    rng = np.random.default_rng(width)
    frame = av.VideoFrame(width, height, pixel_format)
    for number, (plane, component) in enumerate(zip(frame.planes, frame.format.components, strict=True)):
        rows, columns = np.mgrid[: plane.height, : plane.width] * (width / plane.width)
        waves = 128 + 110 * np.sin(rows / 31 + component.bits) * np.cos(columns / (23 + number))
        edges = 90 * ((columns // 40 + rows // 30) % 2)
        values = np.clip(waves + edges - 45 + rng.normal(0, 4, waves.shape), 0, 255)
        if number:
            values = 128 + chroma * (values - 128)
        wide = component.bits > 8
        kind = np.uint16 if wide else np.uint8
        buffer = np.frombuffer(plane, kind).reshape(plane.height, -1)
        buffer[:, : plane.width] = values * (1 << component.bits - 8)
    return frame
