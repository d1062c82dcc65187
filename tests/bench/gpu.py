"""How near the teacher comes to what a GPU can do."""

import statistics
import time
from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import torch
from equigait.data.errors import first_line
from equigait.pipeline.runtime.prefetch import ordered_map
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.table import Teacher, load_teacher
from equigait.pipeline.teachers.videomae import VideoMae

from .measure import Found, Limit, UnavailableError
from .teacher import random_videomae

TOKENS, WIDTH, LAYERS, PATCH_VALUES = 1568, 768, 12, 3 * 2 * 16 * 16
CLIP_FLOP = 2 * TOKENS * (LAYERS * (12 * WIDTH**2 + 2 * TOKENS * WIDTH) + PATCH_VALUES * WIDTH)
"""Multiplications and additions of a clip: in each layer four square matrices and two of four times the size, the two
products of attention; and the patches. 361 GFLOP."""
MATRIX = 8192
LEAST_CLIPS_A_SECOND, LEAST_SHARE = 1000.0, 0.45
WARM_BATCHES, TIMED_BATCHES = 8, 128


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


def embed_rate(teacher: Teacher) -> float:
    """Clips a second from bytes in the computer's memory to features there: copies, normalisation, lanes included."""
    rng = np.random.default_rng(0)
    clips = [rng.integers(0, 256, (teacher.batch_clips, 16, 3, 224, 224), dtype=np.uint8) for _ in range(3)]
    batches = (clips[number % 3] for number in range(WARM_BATCHES + TIMED_BATCHES))
    with ordered_map(teacher.embed, batches, workers=teacher.concurrent_batches) as found:
        list(islice(found, WARM_BATCHES))  # each lane has handles and memory of its own
        began = time.perf_counter()
        done = sum(len(features) for features in found)
        return done / (time.perf_counter() - began)


def at_the_gpu() -> Found:
    """The rate of the network at its best, and its share of the matrix rate."""
    if not torch.cuda.is_available():
        raise UnavailableError("no CUDA device (torch.cuda.is_available() is False)")
    settings = TeacherSettings(name="videomae", weights=str(random_videomae()), device="cuda")
    teacher, peak = load_teacher(settings), matrix_rate()
    modes = {"eager": None, "compile": "default", "compile, CUDA graphs": "reduce-overhead"}
    assert isinstance(teacher, VideoMae)
    network = teacher.network().encoder
    rates = {name: tried(partial(network_rate, network, batch=64, mode=mode)) for name, mode in modes.items()}
    eager, compiled = (settings.model_copy(update={"compile": wanted}) for wanted in (False, True))
    whole = {
        "eager": tried(lambda: embed_rate(load_teacher(eager))),
        "compile": tried(lambda: embed_rate(load_teacher(compiled))),
    }
    facts = {
        "gpu": torch.cuda.get_device_name(),
        "matrix_flop_a_second": peak,
        "clip_flop": CLIP_FLOP,
        "share_of_matrix_rate": best(rates) * CLIP_FLOP / peak,
        "network_clips_a_second": rates,
        "bytes_to_features_clips_a_second": whole,
    }
    share_needs = LEAST_SHARE * peak / CLIP_FLOP
    return Found(best(whole), held_to=max(LEAST_CLIPS_A_SECOND, share_needs), facts=facts)


def tried(rate: Callable[[], float]) -> float | str:
    """The rate, or why there is none: one way that fails does not stop the others."""
    try:
        return rate()
    except Exception as error:
        return f"{type(error).__name__}: {first_line(error)}"


def best(found: dict[str, float | str]) -> float:
    """The highest of the rates that there are."""
    return max(rate for rate in found.values() if isinstance(rate, float))


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
        "run, whichever is more.",
    ),
}
