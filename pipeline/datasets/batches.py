"""Batches that are a pure function of seed and step, drawn from windows in memory."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float32, Float64, Int64
from torch import Tensor

from ..runtime.seeds import generator_for
from .sensor_windows import SensorWindows
from .temporal_jitter import draw_shifts, shift_bounds
from .window_dataset import WindowDataset

OVERLAP_ROWS = 1024
"""Rows of a large batch whose distances in time are held at once."""

Gathered = tuple[Tensor, Tensor, Tensor, Tensor]
"""Sensors, film, recordings and starts of a batch's windows."""


@dataclass(frozen=True)
class Batch:
    """Windows of both sides, row by row."""

    imu: Float32[Tensor, "batch channels steps"]
    """Sensors in SI units."""
    film: Float32[Tensor, "batch dim"]
    """Pooled teacher features."""
    recording: Int64[Tensor, "batch"]
    """Which recording each row is from, a row number of `BatchSource.recording_means`."""
    overlap: Bool[Tensor, "batch batch"]
    """Pairs of two different windows of one recording that share time, and therefore film."""


@dataclass(frozen=True)
class WindowBuffer:
    """Windows that batches are taken from."""

    imu: SensorWindows
    """Sensors in SI units."""
    film: Float32[Tensor, "windows dim"]
    """Pooled teacher features."""
    recording: Int64[Tensor, "windows"]
    """Which recording each window is from, a row number of `recording_means`."""
    start_seconds: Float64[Tensor, "windows"]
    """Film time at which each window starts."""
    earlier: Int64[Tensor, "windows"]
    """Samples by which jitter may move a window's start back."""
    later: Int64[Tensor, "windows"]
    """Samples by which jitter may move it on."""

    @classmethod
    def of(cls, windows: WindowDataset, *, jitter_steps: int, window_seconds: float) -> "WindowBuffer":
        """All windows of a data set in memory; each must have film."""
        if not bool(windows.has_film.all()):
            raise ValueError("batches need film for every window")
        numbers = {name: number for number, name in enumerate(dict.fromkeys(windows.recording))}
        earlier = later = torch.zeros(len(windows), dtype=torch.int64)
        if jitter_steps:
            earlier, later = shift_bounds(windows, most=jitter_steps, window_seconds=window_seconds)
        return cls(
            windows.imu,
            film=windows.film[:],
            recording=torch.tensor([numbers[name] for name in windows.recording]),
            start_seconds=windows.start_seconds,
            earlier=earlier,
            later=later,
        )

    def to(self, device: torch.device) -> "WindowBuffer":
        """The same on that device."""
        return WindowBuffer(**{name: value.to(device) for name, value in vars(self).items()})


@dataclass(frozen=True)
class BatchSettings:
    """How batches are drawn, whatever from."""

    batch: int
    """Windows a batch; a smaller data set makes smaller ones."""
    seed: int
    """Of the order and of jitter."""
    window_seconds: float
    """How long a window lasts."""
    device: torch.device
    """Where batches are wanted."""
    jitter_steps: int = 0
    """Samples by which a window's start moves at most."""
    steps: int = 0
    """Steps that will be drawn in turn: what is read from disk is made ready a step ahead; 0 draws when asked."""


class BatchSource(ABC):
    """Batches drawn by the number of their step. Each epoch takes a new order; what fills no batch waits for the next.

    `recording_means` are the mean film features of the recordings.
    """

    def __init__(
        self,
        buffer: WindowBuffer,
        *,
        recording_means: Float32[Tensor, "recordings dim"],
        windows: int,
        settings: BatchSettings,
    ) -> None:
        self.buffer, self.settings, self.device = buffer, settings, settings.device
        self.recording_means = recording_means.to(self.device)
        self.batch = min(settings.batch, windows)
        self.steps_per_epoch = windows // self.batch

    @abstractmethod
    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """Which windows of the buffer step number `step` (from 0) sees."""

    def draw(self, step: int) -> Batch:
        """The batch of step number `step`: one gather for each side."""
        imu, film, recording, start_seconds = (part.to(self.device, non_blocking=True) for part in self._gathered(step))
        overlap = overlapping(recording, start_seconds, window_seconds=self.settings.window_seconds)
        return Batch(imu, film, recording, overlap)

    def _gathered(self, step: int) -> Gathered:
        """The windows of a step, where the buffer lies."""
        rows, buffer, settings = self.rows(step), self.buffer, self.settings
        recording, start_seconds = buffer.recording[rows], buffer.start_seconds[rows]
        shift = None
        if settings.jitter_steps:
            generator = generator_for("jitter", settings.seed, step, device=rows.device)
            shift = draw_shifts(buffer.earlier[rows], buffer.later[rows], generator=generator)
            start_seconds = start_seconds + shift * (settings.window_seconds / buffer.imu.steps)
        return buffer.imu.cut(rows, shift=shift), buffer.film[rows], recording, start_seconds


class Batches(BatchSource):
    """All windows are in memory, on the device."""

    def __init__(self, windows: WindowDataset, *, settings: BatchSettings) -> None:
        buffer = WindowBuffer.of(
            windows, jitter_steps=settings.jitter_steps, window_seconds=settings.window_seconds
        ).to(settings.device)
        by_recording = buffer.film[buffer.recording.argsort(stable=True)]
        parts = torch.split(by_recording, buffer.recording.bincount().tolist())
        means = torch.stack([part.mean(0) for part in parts])
        super().__init__(buffer, recording_means=means, windows=len(windows), settings=settings)
        self._epoch, self._order = -1, torch.zeros(0, dtype=torch.int64)

    @property
    def film(self) -> Float32[Tensor, "windows dim"]:
        """Pooled teacher features of all windows."""
        return self.buffer.film

    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """Which windows step number `step` (from 0) sees."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            generator = generator_for("order", self.settings.seed, epoch)
            order = torch.randperm(len(self.film), generator=generator)
            self._epoch, self._order = epoch, order.to(self.device)  # once an epoch: each copy waits for a GPU
        return self._order[place * self.batch : (place + 1) * self.batch]


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
