"""How near the teacher comes to what a GPU can do, and what films can feed it."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import torch
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import first_line
from equigait.data.video.decoders import DECODERS, DecoderChoice, Device
from equigait.data.video.probe import probe_film
from equigait.pipeline.extraction.video_embedding import video_clips
from equigait.pipeline.runtime.prefetch import ordered_map
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import Teacher, load_teacher
from equigait.pipeline.teachers.videomae import VideoMae

from .films import CAMERA_GROUPS, film
from .measure import Found, Limit, UnavailableError
from .teacher import random_videomae

TOKENS, WIDTH, LAYERS, PATCH_VALUES = 1568, 768, 12, 3 * 2 * 16 * 16
CLIP_FLOP = 2 * TOKENS * (LAYERS * (12 * WIDTH**2 + 2 * TOKENS * WIDTH) + PATCH_VALUES * WIDTH)
"""Multiplications and additions of a clip: in each layer four square matrices and two of four times the size, the two
products of attention; and the patches. 361 GFLOP."""
MATRIX = 8192
LEAST_CLIPS_A_SECOND, LEAST_SHARE = 1000.0, 0.45
FILMS_AT_ONCE = (1, 4, 8)


def matrix_rate() -> float:
    """FLOP a second of large bfloat16 matrix products on random numbers, as the library does them."""
    left, right = (torch.randn(MATRIX, MATRIX, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    return 2 * MATRIX**3 / _event_seconds(lambda: left @ right, times=20)


def network_rate(network: Any, *, batch: int, mode: str | None) -> float:
    """Clips a second of the network alone, its input on the GPU; `mode` is torch.compile's, None for eager."""
    network = network if mode is None else torch.compile(network, mode=mode, dynamic=False)
    with torch.inference_mode():
        pixels = torch.randn(batch, 16, 3, 224, 224, device="cuda", dtype=torch.bfloat16)
        return batch / _event_seconds(lambda: network(pixel_values=pixels), times=10)


def embed_rate(teacher: Teacher, *, batches: int = 24) -> float:
    """Clips a second from bytes in the computer's memory to features there: copies, normalisation, lanes included."""
    rng = np.random.default_rng(0)
    clips = [rng.integers(0, 256, (teacher.batch_clips, 16, 3, 224, 224), dtype=np.uint8) for _ in range(3)]
    for warm in clips:
        teacher.embed(warm)
    began = time.perf_counter()
    with ordered_map(
        teacher.embed, (clips[n % 3] for n in range(batches)), workers=teacher.concurrent_batches
    ) as found:
        done = sum(len(features) for features in found)
    return done / (time.perf_counter() - began)


def film_rate(teacher: Teacher, *, device: Device, films: int = 1) -> float:
    """Clips a second that so many films bring side by side, decoded, converted and preprocessed."""
    video = probe_film(film(CAMERA_GROUPS))
    clips = clip_grid(video.frame_seconds, spec=ClipSpec())
    choice = DecoderChoice(device, films_at_once=films)

    def one(_number: int) -> int:
        return sum(1 for _ in video_clips(video, clips=clips, teacher=teacher, decoder=choice))

    began = time.perf_counter()
    with ThreadPoolExecutor(films) as pool:
        done = sum(pool.map(one, range(films)))
    torch.cuda.synchronize()
    return done / (time.perf_counter() - began)


def at_the_gpu() -> Found:
    """The rate of the network at its best, its share of the matrix rate, and the rates of what feeds it."""
    if not torch.cuda.is_available():
        raise UnavailableError("no CUDA device (torch.cuda.is_available() is False)")
    settings = TeacherSettings(name="videomae", weights=str(random_videomae()), device="cuda")
    teacher, peak = load_teacher(settings), matrix_rate()
    modes = {"eager": None, "compile": "default", "compile, CUDA graphs": "reduce-overhead"}
    assert isinstance(teacher, VideoMae)
    network = teacher.network().encoder
    rates = {name: _tried(partial(network_rate, network, batch=64, mode=mode)) for name, mode in modes.items()}
    whole = {
        name: embed_rate(load_teacher(settings.model_copy(update={"compile": name == "compile"})))
        for name in ("eager", "compile")
    }
    feeds = {
        f"{films} films at once, {device}": _tried(partial(film_rate, teacher, device=device, films=films))
        for device in DECODERS
        for films in FILMS_AT_ONCE
    }
    best = max(rate for rate in rates.values() if isinstance(rate, float))
    facts = {
        "gpu": torch.cuda.get_device_name(),
        "matrix_flop_a_second": peak,
        "clip_flop": CLIP_FLOP,
        "share_of_matrix_rate": best * CLIP_FLOP / peak,
        "network_clips_a_second": rates,
        "bytes_to_features_clips_a_second": whole,
        "fed_clips_a_second": feeds,
    }
    share_needs = LEAST_SHARE * peak / CLIP_FLOP
    return Found(max(whole.values()), held_to=max(LEAST_CLIPS_A_SECOND, share_needs), facts=facts)


def _tried(rate: Callable[[], float]) -> float | str:
    """The rate, or why there is none: one way that fails does not stop the others."""
    try:
        return rate()
    except Exception as error:
        return f"{type(error).__name__}: {first_line(error)}"


def _event_seconds(work: Callable[[], object], *, times: int) -> float:
    """The median time of some work on the GPU, by its own clock, after three rounds to warm up."""
    for _ in range(3):
        work()
    taken: list[float] = []
    for _ in range(times):
        start, stop = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        stop.record()
        stop.synchronize()
        taken.append(start.elapsed_time(stop) / 1000)
    return statistics.median(taken)


BENCHES = {
    "gpu": Limit(
        figure="clips a second of VideoMAE-base on a GPU, from bytes in memory to features",
        unit="clips/s",
        value=at_the_gpu,
        at_least=True,
        note="bfloat16, random weights. Held to 1,000 clips/s or 45 % of the bfloat16 matrix rate measured in the same "
        "run, whichever is more. What films feed, by NVDEC and by the processor, is among the facts.",
    ),
}
