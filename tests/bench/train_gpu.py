"""How fast pretraining goes on a GPU, and how near that comes to what the GPU can do."""

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import torch
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.runtime.device import tensor_float32
from equigait.pipeline.training.trainer import Trainer

from .gpu import best, matrix_rate, tried
from .measure import Found, Limit, UnavailableError
from .train import CHANNELS, FILM_DIM, PATCH, STEPS, WIDTH, fast_recipe, random_corpus, trainer_of

TOKENS, LAYERS, HIDDEN, HELD_WINDOWS, EPOCHS = STEPS // PATCH + 1, 4, 512, 100_000, 100
MOST_SECONDS = 60.0
WINDOW_FLOP = (
    3
    * 2
    * (
        (TOKENS - 1) * CHANNELS * PATCH * WIDTH
        + LAYERS * TOKENS * (12 * WIDTH**2 + 2 * TOKENS * WIDTH)
        + WIDTH**2
        + (WIDTH + FILM_DIM) * HIDDEN
        + 2 * HIDDEN * WIDTH
    )
)
"""Multiplications and additions of a window in a training step, three times those forward: patches, in each layer four
square matrices, two of four times the size and the two products of attention, the embedding, the heads."""
WAYS = {
    "eager, 256": ("train.batch=256",),
    "eager, 8192": ("train.batch=8192",),
    "compiled, 4096": ("train.batch=4096", "train.compile=true"),
    "compiled, 8192": ("train.batch=8192", "train.compile=true"),
}


def steps(trainer: Trainer, *, first: int, many: int) -> list[dict[str, float]]:
    """So many steps as pretraining takes them, metrics fetched now and then; the rows of the last fetch."""
    pending, rows = [], []
    for step in range(first, first + many):
        pending.append(trainer.step_async(step))
        if len(pending) == trainer.fetch_every or step == first + many - 1:
            rows, pending = trainer.fetch_metrics(pending, last=step), []
    return rows


def windows_a_second(trainer: Trainer, *, many: int) -> float:
    """Windows a second of so many steps, after five to warm up."""
    steps(trainer, first=0, many=5)
    return many * trainer.batches.batch / _seconds(lambda: steps(trainer, first=5, many=many))


def rate_of(overrides: Sequence[str], *, corpus: WindowDataset) -> float:
    """Windows a second that a trainer with these settings takes on the GPU."""
    trainer = trainer_of(fast_recipe(*overrides), corpus=corpus, device="cuda")
    return windows_a_second(trainer, many=max(10, 200_000 // trainer.batches.batch))


def parts(trainer: Trainer) -> dict[str, float]:
    """Milliseconds of the parts of a step, each by itself."""
    forward = trainer.forward_pass(5)
    ways: dict[str, Callable[[], object]] = {
        "draw": lambda: trainer.batches.draw(5),
        "draw and augment": lambda: trainer.forward_pass(5),
        "student forward": lambda: forward.encode(forward.batch.imu),
        "optimiser": trainer.optimiser.step,
        "whole step": lambda: trainer.step_async(5),
    }
    return {name: 1000 * statistics.median(_seconds(work) for _ in range(5)) for name, work in ways.items()}


def at_the_gpu() -> Found:
    """Seconds for 100 epochs of 100,000 windows, all of them trained, by the fastest of several ways."""
    if not torch.cuda.is_available():
        raise UnavailableError("no CUDA device (torch.cuda.is_available() is False)")
    with tensor_float32(torch.device("cuda"), wanted=True):  # as pretraining has it
        return _measured()


def _measured() -> Found:
    peak, corpus = matrix_rate(), random_corpus(HELD_WINDOWS)
    rates: dict[str, float | str] = {}
    for way, overrides in WAYS.items():
        rates[way] = tried(partial(rate_of, overrides, corpus=corpus))
        print(f"  {way}: {rates[way]} windows/s", flush=True)
    way = next(way for way, rate in rates.items() if rate == best(rates))
    many = HELD_WINDOWS * EPOCHS // trainer_batch(way)
    overrides = (*WAYS[way], f"train.steps={many + 5}")
    trainer = trainer_of(fast_recipe(*overrides), corpus=corpus, device="cuda")
    steps(trainer, first=0, many=5)
    seconds = _seconds(lambda: steps(trainer, first=5, many=many))
    rate = many * trainer.batches.batch / seconds
    facts = {
        "gpu": torch.cuda.get_device_name(),
        "matrix_flop_a_second": peak,
        "window_flop": WINDOW_FLOP,
        "share_of_matrix_rate": rate * WINDOW_FLOP / peak,
        "windows_a_second": rate,
        "tried_windows_a_second": rates,
        "trained": f"{many} steps, {way}",
        "milliseconds": parts(trainer),
        "peak_gigabytes": torch.cuda.max_memory_allocated() / 1e9,
    }
    for name, fact in facts.items():
        print(f"  {name}: {fact}", flush=True)
    return Found(seconds * HELD_WINDOWS * EPOCHS / (many * trainer.batches.batch), held_to=MOST_SECONDS, facts=facts)


def trainer_batch(way: str) -> int:
    """The batch that a way of training names."""
    return int(WAYS[way][0].removeprefix("train.batch="))


def _seconds(work: Callable[[], object]) -> float:
    """Wall time of some work on the GPU, with nothing left to do before and after."""
    torch.cuda.synchronize()
    began = time.perf_counter()
    work()
    torch.cuda.synchronize()
    return time.perf_counter() - began


BENCHES = {
    "gpu-train": Limit(
        figure="seconds to pretrain the default student on 100,000 windows for 100 epochs on a GPU",
        unit="s",
        value=at_the_gpu,
        note="bfloat16, windows on the GPU, augmentation and log included, compilation not; held to 60 s. The share of "
        "the bfloat16 matrix rate measured in the same run is among the facts.",
    ),
}
