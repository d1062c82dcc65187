"""What decoding costs: ours against the ways that are usual, on the default clips of a film."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

import av
import numpy as np
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.video.decode import decode_pictures
from equigait.data.video.probe import probe_film
from equigait.pipeline.runtime.prefetch import one_core_each
from equigait.pipeline.teachers.preprocess import Preprocessing
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop

from .films import CAMERA_GROUPS, X264_DEFAULT_GROUPS, FilmRecipe, film
from .measure import Bench, Side, UnavailableError

VIDEOMAE = Preprocessing(short_side=224, crop=224, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))

Clips: TypeAlias = Sequence[set[float]]
"""The frame times of each clip."""


def one_pass(path: Path, *, scaling: Literal["exact", "fast"] = "exact", scaled: bool = True) -> float:
    """From the file to every needed frame as the teacher is shown it: probing, planning, decoding, converting, scaling.

    Without `scaled` up to the colours of the columns that the teacher's square rests on. Returns the clips.
    """
    video, preprocessing = probe_film(path), replace(VIDEOMAE, scaling=scaling)
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    pictures = decode_pictures(
        video,
        frame_index=np.unique(clips.frame_index),
        columns=preprocessing.columns(video),
        short_side=preprocessing.decoded_short_side,
    )
    with one_core_each():
        for _, picture in pictures:
            if scaled:
                resize_center_crop(picture, preprocessing=preprocessing)
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
            assert stream.time_base is not None
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


def against_ffmpeg(*, scaling: Literal["exact", "fast"] = "exact", scaled: bool = True) -> tuple[Side, Side]:
    """Ours, conversion included, and FFmpeg decoding the film alone."""
    if shutil.which("ffmpeg") is None:
        raise UnavailableError("the ffmpeg program is not installed (Debian: apt-get install ffmpeg)")
    path = film(CAMERA_GROUPS)
    clips = len(clip_grid(probe_film(path).frame_seconds, spec=ClipSpec()).frame_index)
    theirs = partial(ffmpeg_null, path, clips=clips)
    ours = _ours(path, scaling=scaling, scaled=scaled)
    return ours, Side("ffmpeg, nothing converted", theirs, f"ffmpeg -i {path} -f null -")


def _ours(path: Path, *, scaling: Literal["exact", "fast"] = "exact", scaled: bool = True) -> Side:
    size = "scaled" if scaled else "in colour, not scaled"
    name = f"one pass, the part of needed frames that the teacher takes, {scaling}, {size}"
    return Side(name, partial(one_pass, path, scaling=scaling, scaled=scaled), "decode_pictures; resize_center_crop")


CLIPS_NOTE = (
    "Default clip grid, 1080p30 H.264 of 60 s with B-frames. Ours is all that phase one does before the teacher: "
    "probing, planning, decoding, exact conversion of the columns needed, antialiased scaling to 224 x 224. "
)
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
        figure="CPU of a film's needed frames in colour against FFmpeg decoding it all and converting nothing",
        unit="clip",
        at_most=0.85,
        sides=partial(against_ffmpeg, scaled=False),
        note="Default clip grid, 1080p30 H.264 of 60 s with B-frames. Ours is probing, planning, decoding, and exact "
        "conversion of the 1,120 of 1,920 columns that the teacher's centre square rests on; not the scaling after it.",
    ),
    "decode-vs-ffmpeg-scaled": Bench(
        figure="the same, antialiased scaling to the teacher's size included",
        unit="clip",
        at_most=0.85,
        sides=against_ffmpeg,
        note=CLIPS_NOTE + "No value of any frame is off by more than one grey level.",
    ),
    "decode-vs-ffmpeg-fast": Bench(
        figure="the same with teacher.scaling=fast, which scales in the step that converts",
        unit="clip",
        at_most=0.85,
        sides=partial(against_ffmpeg, scaling="fast"),
        note=CLIPS_NOTE + "Scaled so, this film's frames are half a grey level off in the mean, 6 % of the values by "
        "more than one, and up to 21 at edges of colours beyond what RGB holds.",
    ),
}
