"""Films of every kind that decoding in part must get right: codecs, groups of pictures, containers, sizes, times."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
from films import write_film

FRAMES = 64
TEXTURE = np.random.default_rng(0).integers(0, 255, (24, 40, 3)).astype(np.uint8).repeat(4, axis=0).repeat(4, axis=1)


class Kind(NamedTuple):
    """A kind of film: codec, encoder settings, container, size, times."""

    codec: str
    options: dict[str, str]
    container: str = "mp4"
    size: tuple[int, int] = (64, 96)
    seconds: Sequence[float] = tuple(number / 30 for number in range(FRAMES))
    pixel_format: str = "yuv420p"
    leaves_out: bool = True
    """Whether this kind lets packets be left out when every fourth frame is needed."""


def x264(params: str = "", *, preset: str = "ultrafast", **changes: object) -> Kind:
    settings = {"preset": preset, "x264-params": f"asm=avx2:threads=1:{params}".rstrip(":")}
    return Kind("libx264", settings)._replace(**changes)


def x265(params: str, **changes: object) -> Kind:
    quiet = "log-level=none:pools=none:frame-threads=1"
    return Kind("libx265", {"preset": "ultrafast", "x265-params": f"{quiet}:{params}"})._replace(**changes)


def mpeg4(**options: str) -> Kind:
    return Kind("mpeg4", {"g": "12", "b": "2000k"} | options)


RNG = np.random.default_rng(1)
IRREGULAR = tuple(np.cumsum(RNG.uniform(0.005, 0.09, FRAMES)).round(3).tolist())
LATE = tuple(7.5 + number / 30 for number in range(FRAMES))

KINDS = {
    "h264 without B": x264("bframes=0:keyint=16"),
    "h264 B": x264("bframes=2:b-adapt=0:b-pyramid=none:keyint=16"),
    "h264 pyramid": x264("bframes=5:b-adapt=0:b-pyramid=normal:keyint=60:ref=4"),
    "h264 strict pyramid": x264("bframes=5:b-adapt=0:b-pyramid=strict:keyint=24:ref=4"),
    "h264 medium": x264("bframes=3:weightp=2:weightb=1:direct=temporal:keyint=24", preset="medium"),
    "h264 open groups": x264("bframes=3:b-adapt=0:open-gop=1:keyint=16:min-keyint=8:scenecut=0"),
    "h264 open groups, stream": x264("bframes=3:b-adapt=0:open-gop=1:keyint=16:scenecut=0", container="ts"),
    "h264 intra refresh": x264("intra-refresh=1:keyint=16:bframes=2:b-adapt=0", container="ts"),
    "h264 slices, stream": x264("bframes=2:b-adapt=0:slices=4:keyint=12", container="ts"),
    "h264 fields": x264("tff=1:bframes=2:b-adapt=0:keyint=16", leaves_out=False),
    "h264 one group": x264("bframes=3:b-adapt=0:keyint=infinite:scenecut=0"),
    "h264 groups of one": x264("keyint=1"),
    "h264 irregular": x264("bframes=2:b-adapt=0:keyint=16", seconds=IRREGULAR),
    "h264 late": x264("bframes=2:b-adapt=0:keyint=16", seconds=LATE, container="mkv"),
    "h264 full colour": x264("bframes=2:b-adapt=0", pixel_format="yuv444p", size=(63, 97)),
    "hevc open groups": x265("keyint=16:bframes=3:b-adapt=0:open-gop=1:b-pyramid=1:scenecut=0"),
    "hevc closed groups": x265("keyint=16:min-keyint=8:bframes=3:b-adapt=0:open-gop=0:scenecut=0"),
    "hevc layers": x265("keyint=32:bframes=3:b-adapt=0:temporal-layers=3:scenecut=0", container="mkv"),
    "hevc stream": x265("keyint=16:bframes=3:b-adapt=0:repeat-headers=1:scenecut=0", container="ts"),
    "hevc radl": x265("keyint=16:min-keyint=16:bframes=3:b-adapt=0:open-gop=0:radl=2:scenecut=0"),
    "mpeg4": mpeg4(bf="2"),
    "mpeg4 without B": mpeg4(bf="0", g="40")._replace(leaves_out=False),
    "mpeg4 odd size": mpeg4(bf="1")._replace(size=(61, 95)),
    "mpeg4 fields": mpeg4(bf="2", flags="+ilme+ildct")._replace(leaves_out=False),
    "vp9": Kind("libvpx-vp9", {"g": "12", "deadline": "realtime", "cpu-used": "8"}, container="webm", size=(63, 95)),
    "vp9 hidden frames": Kind(
        "libvpx-vp9",
        {"g": "20", "deadline": "good", "cpu-used": "5", "auto-alt-ref": "1", "lag-in-frames": "12"},
        "mkv",
    ),
    "av1": Kind("libsvtav1", {"g": "16", "preset": "12", "svtav1-params": "lp=1"}),
    "mjpeg": Kind("mjpeg", {}, container="avi", pixel_format="yuvj420p"),
    "mpeg2": Kind("mpeg2video", {"g": "12", "bf": "2"}, container="ts", leaves_out=False),
}


def moving_frames(kind: Kind) -> list[np.ndarray]:
    """A texture that slides with something that flickers upon it, cut to the film's size (planes for 4:4:4)."""
    height, width = kind.size
    frames = []
    for number in range(FRAMES):
        pixels = np.roll(TEXTURE, (number, 3 * number), axis=(0, 1))[:height, :width].copy()
        pixels[10:30, 20:40] = (37 * number) % 256
        if kind.pixel_format.endswith("444p"):
            pixels = np.ascontiguousarray(pixels.transpose(2, 0, 1))
        frames.append(pixels)
    return frames


def written(path: Path, kind: Kind) -> Path:
    """A film of this kind, named after it."""
    with scheduled_as_before():
        return write_film(
            path.with_suffix(f".{kind.container}"),
            moving_frames(kind),
            seconds=kind.seconds,
            codec=kind.codec,
            pixel_format=kind.pixel_format,
            codec_options=kind.options,
            ticks_per_second=30 if kind.codec.startswith("mpeg") else 90_000,  # MPEG-4 counts time in 16 bits
        )


@contextmanager
def scheduled_as_before() -> Iterator[None]:
    """SVT-AV1, where root runs it, makes the thread real-time at the highest priority: later tests would starve all."""
    if not hasattr(os, "sched_getscheduler"):  # not Linux
        yield
        return
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)
