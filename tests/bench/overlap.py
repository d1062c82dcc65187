"""Phase one as a whole: from film to committed cache, against decoding and teaching done apart on all cores."""

import os
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.data.video.probe import probe_film
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.extraction.video_embedding import video_clips
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.runtime.prefetch import one_core_each
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import load_teacher

from .films import CAMERA_GROUPS, film
from .measure import Bench, Side, UnavailableError
from .teacher import random_videomae, some_clips

FILM = CAMERA_GROUPS
SAMPLED_CLIPS = 8
LEAST_IDLE_SHARE = 0.9


def idle_share(*, seconds: float = 2.0) -> float:
    """The share of all cores' time that nobody used during the next seconds."""

    def ticks() -> list[int]:
        return [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]

    before = ticks()
    time.sleep(seconds)
    spent = [after - earlier for after, earlier in zip(ticks(), before, strict=True)]
    return (spent[3] + spent[4]) / max(1, sum(spent[:8]))  # idle and waiting for disks; guests are in user time


def require_idle_cores() -> None:
    """Refuses to measure wall time while others use the cores."""
    if idle_share() < LEAST_IDLE_SHARE:
        raise UnavailableError("other processes are at work, and wall time would be theirs: wait until the cores idle")


def recording(folder: Path, film_path: Path, *, seconds: float) -> Path:
    """A recording of five simulated sensors with this film in place of its own."""
    spec = YardSpec(horses=1, seconds=seconds, fps=15.0, frame_width=96, frame_height=64, max_skew_seconds=0.0)
    simulate_yard(folder, spec=spec)
    own = next(folder.rglob("film.mp4"))
    own.unlink()
    shutil.copy(film_path, own)
    return own


def from_film_to_cache(data: Path, *, recipe: Recipe) -> float:
    """Phase one into an empty cache. Returns the films."""
    shutil.rmtree(data / "cache", ignore_errors=True)
    summary = extract_teacher(data, cache=data / "cache", recipe=recipe)
    assert len(summary.extracted) == 1, summary
    return 1.0


def apart(film_path: Path, *, recipe: Recipe, cores: int) -> float:
    """Decoding with preprocessing, whole; the teacher on some clips, as often as makes up the film.

    Returns the films that the cores together would have done: its CPU-seconds a film are those of one core.
    """
    with one_core_each():
        teacher, video = load_teacher(recipe.teacher), probe_film(film_path)
        clips = clip_grid(video.frame_seconds, spec=ClipSpec())
        shown = sum(1 for _ in video_clips(video, clips=clips, teacher=teacher))
        for clip in np.resize(some_clips(SAMPLED_CLIPS), (shown, 16, 3, 224, 224)):
            teacher.embed(clip[None])
    return float(cores)


def against_apart() -> tuple[Side, Side]:
    """Ours on the clock; theirs in CPU-seconds, shared out to the cores."""
    cores = len(os.sched_getaffinity(0))
    require_idle_cores()
    folder = Path(tempfile.mkdtemp(prefix="equigait-bench-"))
    film_path = film(FILM)
    recording(folder, film_path, seconds=float(FILM.seconds))
    recipe = Recipe(teacher=TeacherSettings(name="videomae", weights=str(random_videomae()), device="cpu"))
    some_clips(1)
    ours = Side("film to committed cache, wall", partial(from_film_to_cache, folder, recipe=recipe), "extract_teacher")
    theirs = Side(
        f"decode alone + teacher alone, CPU-seconds / {cores} cores",
        partial(apart, film_path, recipe=recipe, cores=cores),
        "video_clips; Teacher.embed",
    )
    return ours, theirs


BENCHES = {
    "overlap": Bench(
        figure="wall time of phase one, film to committed cache, against the CPU of its two halves shared by the cores",
        unit="film",
        at_most=1.15,
        sides=against_apart,
        by="wall_seconds",
        theirs_by="cpu_seconds",
        rounds=3,
        note="60 s of 1080p30 H.264, five simulated sensors, VideoMAE-base of random weights in `auto` precision. Ours "
        "includes loading the network, hashing the film, sensors, and the commit. Not run while others use the cores.",
    ),
}
