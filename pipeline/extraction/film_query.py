"""The teacher's feature of a stretch of any film file: what to search an archive for."""

from pathlib import Path

import numpy as np
from jaxtyping import Float32
from numpy import ndarray as Array

from ...data.clips import ClipSpec, clip_grid
from ...data.errors import BadInput
from ...data.recording import ClipGrid
from ...data.video.probe import probe_film
from ..teachers.keypoints import NAME as KEYPOINTS
from ..teachers.settings import TeacherSettings
from ..teachers.table import load_teacher
from .video_embedding import embed_video


def film_feature(
    path: Path, *, teacher: TeacherSettings, clips: ClipSpec, start_seconds: float | None, lasts: float
) -> Float32[Array, "dim"]:
    """The mean of the clips inside the stretch of `lasts` seconds that begins at this film time, or inside the film.

    A stretch that holds no whole clip takes the clip that starts nearest to its beginning.
    """
    if teacher.name == KEYPOINTS:
        found, expected = "a film file, with the teacher keypoints", "a recording of the cache and a time"
        raise BadInput("--like", found=found, expected=expected, remedy="Write --like RECORDING@SECONDS.")
    video = probe_film(path)
    grid = clip_grid(video.frame_seconds, spec=clips)
    inside = np.ones(len(grid.frame_index), bool)
    if start_seconds is not None:
        inside = (grid.start_seconds >= start_seconds) & (grid.stop_seconds <= start_seconds + lasts)
        if not inside.any() and len(inside):
            inside[int(np.abs(grid.start_seconds - start_seconds).argmin())] = True
    last = float(video.frame_seconds[-1]) if len(video.frame_seconds) else 0.0
    if not inside.any() or (start_seconds is not None and start_seconds > last):
        expected = f"one with a clip of {clips.frames} frames at {clips.rate_hz:g} Hz at that time"
        raise BadInput(path, found=f"a film of {last:.2f} s", expected=expected, remedy="Give a longer film or a time.")
    chosen = ClipGrid(grid.frame_index[inside], grid.start_seconds[inside], grid.stop_seconds[inside])
    features = embed_video(video, clips=chosen, teacher=load_teacher(teacher))
    return np.asarray(features.astype(np.float32).mean(axis=0), np.float32)
