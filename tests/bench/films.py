"""Films to measure on: generated once, kept under runs/bench/films; what matters is what they cost to decode.

A textured landscape passes behind a body with swinging limbs, both by fractions of a pixel, under fresh grain in every
frame. Ten seconds are encoded and repeated: each repetition begins with a key frame, so it decodes like any other film.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.stream import VideoStream
from jaxtyping import Float32, UInt8
from numpy import ndarray as Array

FOLDER = Path("runs/bench/films")
TICKS_PER_SECOND = 90_000
REPEATED_SECONDS = 10
GRAIN_LEVELS = 2.0
"""Standard deviation of the grain: a phone's camera in daylight."""


@dataclass(frozen=True)
class FilmRecipe:
    """A film to measure on."""

    name: str
    encoder: str = "libx264"
    options: str = "preset=medium:crf=23:g=30:bf=3"
    width: int = 1920
    height: int = 1080
    rate_hz: int = 30
    seconds: int = 60


X264_DEFAULT_GROUPS = FilmRecipe("1080p30-h264-g250", options="preset=medium:crf=23:g=250:bf=3")
CAMERA_GROUPS = FilmRecipe("1080p30-h264-g30")


def film(recipe: FilmRecipe) -> Path:
    """The film of this recipe, made where it is not there yet."""
    path = FOLDER / f"{recipe.name}.mp4"
    if not path.exists():
        print(f"making {path} ...", flush=True)
        FOLDER.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part.mp4")
        _encode(recipe, unfinished)
        unfinished.rename(path)
    path.read_bytes()  # into the page cache: disks are not what is measured
    return path


def _encode(recipe: FilmRecipe, path: Path) -> None:
    scene, step = _Scene(recipe), Fraction(1, recipe.rate_hz)
    options = dict(pair.split("=", 1) for pair in recipe.options.split(":"))
    with av.open(str(path), "w") as container:
        stream = container.add_stream(recipe.encoder, rate=recipe.rate_hz, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = recipe.width, recipe.height, "yuv420p"
        packets: list[Any] = []
        for number in range(REPEATED_SECONDS * recipe.rate_hz):
            frame = av.VideoFrame.from_ndarray(scene.frame(number), format="yuv420p")
            frame.pts, frame.time_base = number, step
            packets += stream.encode(frame)
        packets += stream.encode(None)
        coded = [(bytes(packet), packet.pts, packet.dts, packet.is_keyframe, packet.time_base) for packet in packets]
        for repetition in range(recipe.seconds // REPEATED_SECONDS):
            for data, pts, dts, is_key, base in coded:
                packet = av.Packet(data)
                later = round(repetition * REPEATED_SECONDS / base)
                packet.stream, packet.time_base, packet.is_keyframe = stream, base, is_key
                packet.pts, packet.dts = pts + later, dts + later
                container.mux(packet)


class _Scene:
    """Frames of a body with limbs before a landscape."""

    def __init__(self, recipe: FilmRecipe) -> None:
        self.height, self.width, self.rate_hz = recipe.height, recipe.width, recipe.rate_hz
        rng = np.random.default_rng(0)
        self.landscape = _texture(rng, self.height, 2 * self.width, levels=45)
        self.coat = _texture(rng, self.height, self.width, levels=20) - 40
        self.tint = _texture(rng, self.height // 2, self.width, levels=14)
        self.grain = [rng.normal(0, GRAIN_LEVELS, (self.height, self.width)).astype(np.float32) for _ in range(8)]
        self.rng = rng

    def frame(self, number: int) -> UInt8[Array, "rows width"]:
        """Frame `number` as the planes of yuv420p, one below the other."""
        second = number / self.rate_hz
        luma = _shifted(self.landscape, 90.0 * second, self.width)
        for row, column, tall, wide in self._limbs(second):
            rows, columns = slice(row, row + tall), slice(column, column + wide)
            luma[rows, columns] = _shifted(self.coat, 7.3 * second, self.width)[:tall, :wide]
        luma += np.roll(self.grain[number % 8], tuple(self.rng.integers(0, 200, 2)), axis=(0, 1))
        chroma = _shifted(self.tint, 45.0 * second, self.width // 2)
        planes = [plane.ravel() for plane in (luma, chroma, 256 - chroma)]
        stacked = np.clip(np.concatenate(planes), 16, 235).astype(np.uint8)
        return np.asarray(stacked.reshape(self.height * 3 // 2, self.width))

    def _limbs(self, second: float) -> list[tuple[int, int, int, int]]:
        """Top, left, height and width of the body and its four limbs, which swing at 1.4 strides a second."""
        h, w = self.height, self.width
        body = (int(h * (0.35 + 0.01 * np.sin(17.6 * second))), int(w * 0.35), h // 5, w // 4)
        swings = [0.03 * np.sin(8.8 * second + phase) for phase in (0, 1.6, 3.1, 4.7)]
        limbs = [int(w * (0.36 + 0.06 * limb + swing)) for limb, swing in enumerate(swings)]
        return [body, *((int(h * 0.54), left, h // 4, w // 40) for left in limbs)]


def _texture(rng: np.random.Generator, height: int, width: int, *, levels: float) -> Float32[Array, "height width"]:
    """Noise whose amplitude falls with spatial frequency as in natural pictures (1/f), around 128."""
    spectrum = np.fft.rfft2(rng.standard_normal((height, width)))
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    picture = np.fft.irfft2(spectrum / np.maximum(frequency, 1 / width), (height, width))
    return np.asarray(128 + levels * picture / picture.std(), np.float32)


def _shifted(picture: Float32[Array, "height wide"], pixels: float, width: int) -> Float32[Array, "height width"]:
    """`width` columns of a picture that repeats, moved by a fraction of pixels."""
    whole, part = int(pixels // 1), np.float32(pixels % 1)
    columns = np.arange(whole, whole + width + 1) % picture.shape[1]
    wide = picture[:, columns]
    return np.asarray((1 - part) * wide[:, :-1] + part * wide[:, 1:])
