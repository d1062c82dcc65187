"""What phase one can feed: clips a second with a teacher that costs nothing, on one core and on two."""

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from time import perf_counter

import numpy as np
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.video.decoders import ON_PROCESSOR
from equigait.data.video.pixels import Picture
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import embed_video
from equigait.pipeline.runtime.prefetch import one_core_each, side_by_side, usable_cores
from equigait.pipeline.teachers.identity import TeacherIdentity
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from numpy import ndarray as Array

from .decode import VIDEOMAE
from .films import CAMERA_GROUPS, film
from .measure import Found, Limit, UnavailableError
from .overlap import require_idle_cores

FILMS = 4
ROUNDS = 3
GROWTH, RATE = 1.8, 2.5 * 19
"""From one core to two; clips a second of a process, of which 19 were found when one thread did it all."""


class Free:
    """A teacher whose features are zeros: all that it costs is what feeds it."""

    batch_clips, concurrent_batches = 64, 1

    def __init__(self) -> None:
        self.identity = TeacherIdentity(
            name="free",
            weights_sha256="",
            dim=1,
            clip_frames=None,
            image_size=VIDEOMAE.crop,
            pooling="none",
            final_norm=False,
            preprocessing=VIDEOMAE,
            transformers_version="",
        )

    def preprocess(self, picture: Picture) -> Array:
        """As of any network."""
        return resize_center_crop(picture, preprocessing=VIDEOMAE)

    def embed(self, clips: Array) -> Array:
        """Nothing."""
        return np.zeros((len(clips), 1), np.float32)


def clips_a_second(path: Path, *, films: int) -> float:
    """Clips of the film a second, which is embedded so many times, as many at once as there are cores."""
    cores, teacher = usable_cores(), Free()
    decoder = replace(ON_PROCESSOR, films_at_once=cores)

    def one(_number: int) -> int:
        video = probe_film(path)
        clips = clip_grid(video.frame_seconds, spec=ClipSpec())
        return len(embed_video(video, clips=clips, teacher=teacher, decoder=decoder))

    began = perf_counter()
    with one_core_each(), side_by_side(one, range(films), workers=cores) as done:
        clips = sum(count for _, count in done)
    return clips / (perf_counter() - began)


@cache
def rates() -> dict[int, float]:
    """The median rate on one core and on two, each in processes of their own, in turn."""
    there = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(there) < 2:
        raise UnavailableError("two cores, and a system that lets a process be held to one of them")
    require_idle_cores()
    film(CAMERA_GROUPS)
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for cores, runs in found.items():
            hold = partial(os.sched_setaffinity, 0, there[:cores])
            command = [sys.executable, "-m", "tests.bench.feed"]
            done = subprocess.run(command, preexec_fn=hold, capture_output=True, text=True, check=True)
            runs.append(float(done.stdout.split()[-1]))
    return {cores: float(np.median(runs)) for cores, runs in found.items()}


def growth() -> Found:
    """How many times as many clips two cores bring."""
    found = rates()
    return Found(found[2] / found[1], held_to=GROWTH, facts={"clips_a_second_by_cores": found})


def rate() -> Found:
    """Clips a second of one process on two cores."""
    return Found(rates()[2], held_to=RATE, facts={"clips_a_second_by_cores": rates()})


NOTE = "1080p30 H.264 with B-frames, 4 films of 60 s, probing to features of a teacher that costs nothing. "
BENCHES = {
    "feed": Limit(
        figure="how clips a second grow from one core to two",
        unit="x",
        value=growth,
        at_least=True,
        note=NOTE + "Processes held to one core and to two, in turn, medians.",
    ),
    "feed-rate": Limit(
        figure="clips a second of one process on two cores",
        unit="clips/s",
        value=rate,
        at_least=True,
        note=NOTE + "Held to two and a half times what one thread brought that did it all.",
    ),
}

if __name__ == "__main__":
    print(clips_a_second(film(CAMERA_GROUPS), films=FILMS))
