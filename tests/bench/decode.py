"""What decoding costs: ours against the ways that are usual, on the default clips of a film."""

import shutil
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.video import decode_frames, probe_film

from .films import CAMERA_GROUPS, X264_DEFAULT_GROUPS, FilmRecipe, film
from .measure import Bench, Side, UnavailableError

Clips: TypeAlias = Sequence[set[float]]
"""The frame times of each clip."""


def one_pass(path: Path, *, short_side: int | None = None) -> float:
    """From the file to every needed frame as RGB: probing, planning, decoding, converting. Returns the clips."""
    video = probe_film(path)
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    for _ in decode_frames(video, frame_index=np.unique(clips.frame_index), short_side=short_side):
        pass
    return len(clips.frame_index)


def read_all(path: Path, *, clips: Clips) -> float:
    """The loop of model documentation: open, decode from the start to the clip's end, every frame to RGB, pick."""
    for instants in clips:
        with av.open(str(path)) as container:
            picked = []
            for frame in container.decode(video=0):
                pixels = frame.to_ndarray(format="rgb24")
                if frame.time in instants:
                    picked.append(pixels)
                if frame.time >= max(instants):
                    break
        assert len(picked) == len(instants)
    return len(clips)


def seek_per_clip(path: Path, *, clips: Clips) -> float:
    """Open, seek to the key frame before the clip, decode to its end, the clip's own frames to RGB."""
    for instants in clips:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            container.seek(round(min(instants) / stream.time_base), stream=stream)
            picked = []
            for frame in container.decode(stream):
                if frame.time in instants:
                    picked.append(frame.to_ndarray(format="rgb24"))
                if frame.time >= max(instants):
                    break
        assert len(picked) == len(instants)
    return len(clips)


def ffmpeg_null(path: Path, *, clips: float) -> float:
    """Every frame decoded by FFmpeg's own program and thrown away unconverted."""
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], check=True)
    return clips


def sampled_clips(path: Path, count: int) -> Clips:
    """The frame times of `count` clips, in the middles of as many equal stretches: their mean cost is the film's."""
    seconds = probe_film(path).frame_seconds
    clips = clip_grid(seconds, spec=ClipSpec()).frame_index
    chosen = ((np.arange(count) + 0.5) / count * len(clips)).astype(int)
    return [set(seconds[members].tolist()) for members in clips[chosen]]


def against_read_all() -> tuple[Side, Side]:
    """Ours, and decoding from the start for each clip."""
    path = film(CAMERA_GROUPS)
    theirs = partial(read_all, path, clips=sampled_clips(path, 2))
    return _ours(path), Side("each clip decoded from the start, every frame to RGB", theirs, "read_all")


def against_seek(recipe: FilmRecipe) -> tuple[Side, Side]:
    """Ours, and a seek for each clip."""
    path = film(recipe)
    theirs = partial(seek_per_clip, path, clips=sampled_clips(path, 8))
    return _ours(path), Side("each clip by a seek, its frames to RGB", theirs, "seek_per_clip")


def against_ffmpeg(short_side: int | None = None) -> tuple[Side, Side]:
    """Ours, conversion included, and FFmpeg decoding the film alone."""
    if shutil.which("ffmpeg") is None:
        raise UnavailableError("the ffmpeg program is not installed (Debian: apt-get install ffmpeg)")
    path = film(CAMERA_GROUPS)
    theirs = partial(
        ffmpeg_null, path, clips=len(clip_grid(probe_film(path).frame_seconds, spec=ClipSpec()).frame_index)
    )
    return _ours(path, short_side=short_side), Side("ffmpeg, nothing converted", theirs, f"ffmpeg -i {path} -f null -")


def _ours(path: Path, *, short_side: int | None = None) -> Side:
    scaled = f", scaled to {short_side} in the same step" if short_side else ""
    return Side(f"one pass, needed frames to RGB{scaled}", partial(one_pass, path, short_side=short_side), "one_pass")


CLIPS_NOTE = "Default clip grid, 1080p30 H.264 of 60 s with B-frames; ours includes probing, planning and conversion. "
BENCHES = {
    "decode-vs-read-all": Bench(
        figure="CPU of a clip's frames against the loop of model documentation",
        unit="clip",
        at_most=1 / 30,
        sides=against_read_all,
        note=CLIPS_NOTE + "Theirs is run for two clips, at 1/4 and 3/4 of the film: its cost grows evenly along it.",
    ),
    "decode-vs-seek": Bench(
        figure="CPU of a clip's frames against a seek for each clip",
        unit="clip",
        at_most=1 / 4,
        sides=partial(against_seek, X264_DEFAULT_GROUPS),
        note=CLIPS_NOTE + "Key frames every 250 frames (x264's default). Theirs is run for 8 clips, evenly spread.",
    ),
    "decode-vs-seek-g30": Bench(
        figure="the same, key frames every second as cameras write them",
        unit="clip",
        at_most=1 / 4,
        sides=partial(against_seek, CAMERA_GROUPS),
        note=CLIPS_NOTE + "Theirs is run for 8 clips, evenly spread.",
    ),
    "decode-vs-ffmpeg": Bench(
        figure="CPU of a film's needed frames as RGB against FFmpeg decoding it all and converting nothing",
        unit="clip",
        at_most=0.85,
        sides=against_ffmpeg,
        note=CLIPS_NOTE,
    ),
    "decode-vs-ffmpeg-scaled": Bench(
        figure="the same, scaled to the teacher's short side in the step that converts",
        unit="clip",
        at_most=0.85,
        sides=partial(against_ffmpeg, 224),
        note=CLIPS_NOTE,
    ),
}
