"""Batches: the whole training set in memory, and batches that are a pure function of seed and step."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float32, Float64, Int64
from torch import Tensor

from .augmentation.recut import WideWindows, with_margins
from .corpus import Corpus
from .randomness import generator_for


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


class Batches:
    """Filmed windows on one device. Each epoch takes a new order; what fills no batch waits for the next one."""

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
        if not bool(corpus.has_film.all()):
            raise ValueError("batches need film for every window")
        self._imu = corpus.imu
        self._wide: WideWindows | None = None
        if jitter_steps:
            self._wide = with_margins(corpus, most=jitter_steps, window_seconds=window_seconds).to(device)
        else:
            self._imu = corpus.imu.to(device)
        self.film, self.start_seconds = corpus.film.to(device), corpus.start_seconds.to(device)
        names = {name: number for number, name in enumerate(dict.fromkeys(corpus.recording))}
        self.recording = torch.tensor([names[name] for name in corpus.recording], device=device)
        self.looks = torch.stack([self.film[self.recording == number].mean(0) for number in names.values()])
        self.batch, self.seed, self.window_seconds = min(batch, len(corpus)), seed, window_seconds
        self.steps_per_epoch = len(corpus) // self.batch
        self._epoch, self._order = -1, torch.zeros(0, dtype=torch.int64)

    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """Which windows step number `step` (from 0) sees."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            generator = generator_for("order", self.seed, epoch)
            self._epoch, self._order = epoch, torch.randperm(len(self.film), generator=generator)
        return self._order[place * self.batch : (place + 1) * self.batch].to(self.film.device)

    def draw(self, step: int) -> Batch:
        """The batch of step number `step`: one gather for each side."""
        rows = self.rows(step)
        recording, start_seconds = self.recording[rows], self.start_seconds[rows]
        if self._wide is None:
            imu = self._imu[rows]
        else:
            generator = generator_for("jitter", self.seed, step, device=rows.device)
            moves = self._wide.draw_moves(rows, generator=generator)
            imu = self._wide.cut(rows, moves=moves)
            start_seconds = start_seconds + moves * (self.window_seconds / imu.shape[2])
        overlap = overlapping(recording, start_seconds, window_seconds=self.window_seconds)
        return Batch(imu=imu, film=self.film[rows], recording=recording, overlap=overlap)


def overlapping(
    recording: Int64[Tensor, "batch"], start_seconds: Float64[Tensor, "batch"], *, window_seconds: float
) -> Bool[Tensor, "batch batch"]:
    """Pairs of different rows of one recording that start less than a window apart; those that touch share nothing."""
    same = recording[:, None] == recording[None, :]
    apart = (start_seconds[:, None] - start_seconds[None, :]).abs()
    themselves = torch.eye(len(recording), dtype=torch.bool, device=recording.device)
    return same & (apart < window_seconds - 1e-6) & ~themselves  # a microsecond for sums of floats
