"""What films bring to a GPU, and what phase one makes of it: decoded, embedded, films side by side."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import torch
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.recording import Video
from equigait.data.video.decoders import DECODERS, DecoderChoice, Device
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.executors.settings import MOST_AT_ONCE
from equigait.pipeline.extraction.video_embedding import embed_video, video_clips
from equigait.pipeline.runtime.prefetch import one_core_each
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import Teacher, load_teacher

from .films import CAMERA_GROUPS, film
from .gpu import best, embed_rate, tried
from .measure import Found, Limit, UnavailableError
from .teacher import random_videomae

FILMS_AT_ONCE = (1, MOST_AT_ONCE)
LEAST_SHARE = 0.8
"""Of the slower of the two that phase one waits for: films and network."""


def fed(video: Video, *, teacher: Teacher, decoder: DecoderChoice) -> int:
    """Brings all clips of a film to where the network is, and does nothing with them. Returns how many."""
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    return sum(1 for _ in video_clips(video, clips=clips, teacher=teacher, decoder=decoder))


def embedded(video: Video, *, teacher: Teacher, decoder: DecoderChoice) -> int:
    """Embeds all clips of a film as phase one does. Returns how many."""
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    return len(embed_video(video, clips=clips, teacher=teacher, decoder=decoder))


def clips_a_second(work: Callable[..., int], *, video: Video, teacher: Teacher, device: Device, films: int) -> float:
    """Clips a second of this work on so many films side by side."""
    one = partial(work, video, teacher=teacher, decoder=DecoderChoice(device, films_at_once=films))
    began = time.perf_counter()
    with one_core_each(), ThreadPoolExecutor(films) as pool:
        done = sum(future.result() for future in [pool.submit(one) for _ in range(films)])
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return done / (time.perf_counter() - began)


def rates(work: Callable[..., int], *, video: Video, teacher: Teacher) -> dict[str, float | str]:
    """Clips a second by decoder and number of films, or why there is none."""
    return {
        f"{films} at once, {device}": tried(
            partial(clips_a_second, work, video=video, teacher=teacher, device=device, films=films)
        )
        for device in DECODERS
        for films in FILMS_AT_ONCE
    }


def at_the_gpu() -> Found:
    """Clips a second from films to features, held against the lesser of what films and what the network allow."""
    if not torch.cuda.is_available():
        raise UnavailableError("no CUDA device (torch.cuda.is_available() is False)")
    teacher = load_teacher(TeacherSettings(name="videomae", weights=str(random_videomae()), device="cuda"))
    video, network = probe_film(film(CAMERA_GROUPS)), embed_rate(teacher)
    feeds = rates(fed, video=video, teacher=teacher)
    whole = rates(embedded, video=video, teacher=teacher)
    facts: dict[str, object] = {"network_alone": network, "films_alone": feeds, "phase_one": whole}
    return Found(best(whole), held_to=LEAST_SHARE * min(network, best(feeds)), facts=facts)


BENCHES = {
    "gpu-phase-one": Limit(
        figure="clips a second from 1080p30 H.264 films to features of VideoMAE-base on a GPU",
        unit="clips/s",
        value=at_the_gpu,
        at_least=True,
        note="The best of both decoders, one film and several at once; all cores. Held to 80 % of the lesser of the "
        "network alone and the films alone, measured in the same run. Reading sensors and committing is not counted.",
    ),
}
