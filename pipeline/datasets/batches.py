"""Batches that are a pure function of seed and step, drawn from windows in memory."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float32, Float64, Int64
from torch import Tensor

from ..runtime.seeds import generator_for
from .temporal_jitter import WideWindows, with_margins
from .window_dataset import Corpus

OVERLAP_ROWS = 1024
"""Rows of a large batch compared at once: what is kept of each pair is a bit of truth, not its distance in time."""


@dataclass(frozen=True)
class Batch:
    """Windows of both sides, row by row."""

    imu: Float32[Tensor, "batch channels steps"]
    """Sensors in SI units."""
    film: Float32[Tensor, "batch dim"]
    """Pooled teacher features."""
    recording: Int64[Tensor, "batch"]
    """Which recording each row is from, a row number of `Batches.looks`."""
    overlap: Bool[Tensor, "batch batch"]
    """Pairs of two different windows of one recording that share time, and therefore film."""


@dataclass(frozen=True)
class Held:
    """Windows in memory, of which batches are taken."""

    imu: WideWindows
    """Sensors in SI units, with what they need to be moved."""
    film: Float32[Tensor, "windows dim"]
    """Pooled teacher features."""
    recording: Int64[Tensor, "windows"]
    """Which recording each window is from, a row number of `looks`."""
    start_seconds: Float64[Tensor, "windows"]
    """Film time at which each window starts."""

    def to(self, device: torch.device) -> "Held":
        """The same on that device."""
        imu, film = self.imu.to(device), self.film.to(device)
        return Held(imu, film=film, recording=self.recording.to(device), start_seconds=self.start_seconds.to(device))


class BatchSource(ABC):
    """Batches drawn by the number of their step. Each epoch takes a new order; what fills no batch waits for the next.

    `looks` are the mean films of the recordings; `device` is where batches are wanted.
    """

    def __init__(
        self,
        held: Held,
        *,
        looks: Float32[Tensor, "recordings dim"],
        windows: int,
        batch: int,
        seed: int,
        window_seconds: float,
        device: torch.device,
    ) -> None:
        self.held, self.looks, self.device = held, looks.to(device), device
        self.batch, self.seed, self.window_seconds = min(batch, windows), seed, window_seconds
        self.steps_per_epoch = windows // self.batch

    @abstractmethod
    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """Which of the windows held step number `step` (from 0) sees."""

    def draw(self, step: int) -> Batch:
        """The batch of step number `step`: one gather for each side."""
        rows, held = self.rows(step), self.held
        recording, start_seconds = held.recording[rows], held.start_seconds[rows]
        if held.imu.margin:
            generator = generator_for("jitter", self.seed, step, device=rows.device)
            moves = held.imu.draw_moves(rows, generator=generator)
            imu = held.imu.cut(rows, moves=moves)
            start_seconds = start_seconds + moves * (self.window_seconds / imu.shape[2])
        else:
            imu = held.imu.imu[rows]
        overlap = overlapping(recording, start_seconds, window_seconds=self.window_seconds)
        parts = (imu, held.film[rows], recording, overlap)
        return Batch(*(part.to(self.device, non_blocking=True) for part in parts))


class Batches(BatchSource):
    """All windows are held, on the device."""

    def __init__(
        self,
        corpus: Corpus,
        *,
        batch: int,
        seed: int,
        window_seconds: float,
        device: torch.device,
        jitter_steps: int = 0,
    ) -> None:
        names = {name: number for number, name in enumerate(dict.fromkeys(corpus.recording))}
        recording = torch.tensor([names[name] for name in corpus.recording])
        held = hold(corpus, recording=recording, jitter_steps=jitter_steps, window_seconds=window_seconds).to(device)
        looks = torch.stack([held.film[held.recording == number].mean(0) for number in names.values()])
        super().__init__(
            held,
            looks=looks,
            windows=len(corpus),
            batch=batch,
            seed=seed,
            window_seconds=window_seconds,
            device=device,
        )
        self._epoch, self._order = -1, torch.zeros(0, dtype=torch.int64)

    @property
    def film(self) -> Float32[Tensor, "windows dim"]:
        """Pooled teacher features of all windows."""
        return self.held.film

    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """Which windows step number `step` (from 0) sees."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            generator = generator_for("order", self.seed, epoch)
            order = torch.randperm(len(self.film), generator=generator)
            self._epoch, self._order = epoch, order.to(self.device)  # once an epoch: each copy waits for a GPU
        return self._order[place * self.batch : (place + 1) * self.batch]


def hold(corpus: Corpus, *, recording: Int64[Tensor, "windows"], jitter_steps: int, window_seconds: float) -> Held:
    """The corpus's windows, which all have film, with margins for moves of up to `jitter_steps`."""
    if not bool(corpus.has_film.all()):
        raise ValueError("batches need film for every window")
    still = torch.zeros(len(corpus), dtype=torch.int64)
    imu = WideWindows(corpus.imu, earlier=still, later=still, margin=0)
    if jitter_steps:
        imu = with_margins(corpus, most=jitter_steps, window_seconds=window_seconds)
    return Held(imu, film=corpus.film, recording=recording, start_seconds=corpus.start_seconds)


def overlapping(
    recording: Int64[Tensor, "batch"], start_seconds: Float64[Tensor, "batch"], *, window_seconds: float
) -> Bool[Tensor, "batch batch"]:
    """Pairs of different rows of one recording that start less than a window apart; those that touch share nothing."""
    pairs = torch.empty((len(recording), len(recording)), dtype=torch.bool, device=recording.device)
    for first in range(0, len(recording), OVERLAP_ROWS):
        block = slice(first, first + OVERLAP_ROWS)
        apart = (start_seconds[block, None] - start_seconds[None, :]).abs()
        near = apart < window_seconds - 1e-6  # a microsecond for sums of floats
        pairs[block] = near & (recording[block, None] == recording[None, :])
    return pairs.fill_diagonal_(False)
