"""Batches of windows that stay in the cache: a buffer of bounded size through which its recordings pass."""

from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Int64
from numpy import ndarray as Array
from torch import Tensor

from ...data.errors import BadInput
from ..runtime.seeds import seed_for
from .batches import BatchSettings, BatchSource, Gathered, WindowBuffer
from .sensor_windows import SensorWindows
from .shuffle import ShufflePlanStep, plan_epoch, rows_held
from .streaming import StreamingDataset
from .streams import MemoryStreams
from .window_dataset import WindowDataset

EMPTY = -1


class StreamingBatches(BatchSource):
    """The same batches at any step, whichever step was drawn before; steps in a row read each recording once an epoch.

    Memory holds the buffer (`capacity` windows), the one recording that is being read, the sample of all, and some
    40 bytes of planning for each window of the cache. The buffer stays with the CPU; batches go to the device.
    A thread reads and gathers the next step's batch while this one's is trained on.
    """

    def __init__(self, dataset: StreamingDataset, *, settings: BatchSettings) -> None:
        _check_capacity(dataset, batch=settings.batch)
        self._dataset = dataset
        super().__init__(
            _empty_buffer(dataset, jitter_steps=settings.jitter_steps),
            recording_means=dataset.recording_means,
            windows=len(dataset),
            settings=settings,
        )
        self._first = np.cumsum([0, *dataset.counts])
        self._slot_of_row = np.full(len(dataset), EMPTY, np.int32)
        self._row_in_slot = np.full(dataset.capacity, EMPTY, np.int64)
        self._at = (EMPTY, EMPTY)
        self._plan = lru_cache(maxsize=2)(self._planned)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="batches")  # alone may it change the buffer
        self._ahead: dict[int, Future[Gathered]] = {}

    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """The places in the buffer of the windows that step number `step` (from 0) sees; reads what is not there."""
        rows, epoch, number = self._find(step)
        if (epoch, number) != self._at:
            self._enter(epoch, number)
        return torch.from_numpy(self._slot_of_row[rows].astype(np.int64))

    def _gathered(self, step: int) -> Gathered:
        found = self._ahead.pop(step, None) or self._reader.submit(self._read_and_pinned, step)
        parts, goes_on = found.result(), step + 1 < self.settings.steps
        self._ahead = {step + 1: self._reader.submit(self._read_and_pinned, step + 1)} if goes_on else {}
        return parts

    def _read_and_pinned(self, step: int) -> Gathered:
        """The same, in memory that a GPU fetches from while the CPU goes on, where there is one."""
        imu, film, recording, start_seconds = super()._gathered(step)
        if self.device.type != "cuda":
            return imu, film, recording, start_seconds
        return imu.pin_memory(), film.pin_memory(), recording.pin_memory(), start_seconds.pin_memory()

    def _find(self, step: int) -> tuple[Int64[Array, "batch"], int, int]:
        """The windows of a step, its epoch, and the number of its plan step there."""
        epoch, place = divmod(step, self.steps_per_epoch)
        plan = self._plan(epoch)
        given = np.cumsum([len(one.rows) for one in plan])
        start = place * self.batch
        number = int(np.searchsorted(given, start, side="right"))
        start -= int(given[number]) - len(plan[number].rows)
        return plan[number].rows[start : start + self.batch], epoch, number

    def _planned(self, epoch: int) -> tuple[ShufflePlanStep, ...]:
        random = np.random.default_rng(seed_for("shards", self.settings.seed, epoch))
        return plan_epoch(self._dataset.counts, capacity=self._dataset.capacity, batch=self.batch, generator=random)

    def _enter(self, epoch: int, number: int) -> None:
        """Makes the buffer what it is in this plan step: drops what is not wanted any more, reads what is missing."""
        wanted = rows_held(self._plan(epoch), windows=self._dataset.counts, number=number)
        is_wanted = np.zeros(len(self._dataset), bool)
        is_wanted[wanted] = True
        leaving = np.flatnonzero((self._row_in_slot != EMPTY) & ~is_wanted[self._row_in_slot])
        self._slot_of_row[self._row_in_slot[leaving]] = EMPTY
        self._row_in_slot[leaving] = EMPTY
        missing = wanted[self._slot_of_row[wanted] == EMPTY]
        recordings = np.searchsorted(self._first, missing, side="right") - 1
        free = np.flatnonzero(self._row_in_slot == EMPTY)
        for recording in np.unique(recordings).tolist():
            rows = missing[recordings == recording]
            slots, free = free[: len(rows)], free[len(rows) :]
            self._put(recording, rows=rows, slots=slots)
        self._at = (epoch, number)

    def _put(self, recording: int, *, rows: Int64[Array, "joining"], slots: Int64[Array, "joining"]) -> None:
        """Reads a recording and puts these of its windows into these slots."""
        windows, settings = self._dataset.read(recording), self.settings
        found = WindowBuffer.of(windows, jitter_steps=settings.jitter_steps, window_seconds=settings.window_seconds)
        source, target = torch.from_numpy(rows - self._first[recording]), torch.from_numpy(slots)
        self._put_sensors(windows, source=source, target=target)
        buffer = self.buffer
        buffer.recording[target] = recording
        for mine, theirs in (
            (buffer.earlier, found.earlier),
            (buffer.later, found.later),
            (buffer.film, found.film),
            (buffer.start_seconds, found.start_seconds),
        ):
            mine[target] = theirs[source]
        self._slot_of_row[rows], self._row_in_slot[slots] = slots, rows

    def _put_sensors(
        self, windows: WindowDataset, *, source: Int64[Tensor, "joining"], target: Int64[Tensor, "joining"]
    ) -> None:
        """Copies the rows of windows with what lies around them into their slots' streams."""
        streams, theirs, margin = self.buffer.imu.streams, windows.imu.streams, self.settings.jitter_steps
        assert isinstance(streams, MemoryStreams)
        assert isinstance(theirs, MemoryStreams)
        wide = windows.imu.steps + 2 * margin
        slots = streams.imu.view(streams.channels, -1, wide)
        offset = torch.arange(wide) - margin
        for window, slot in zip(source.tolist(), target.tolist(), strict=True):
            rows = (windows.imu.start_row[window] + offset).clamp(0, len(theirs.valid) - 1)
            slots[:, slot] = theirs.imu[:, rows]


def _empty_buffer(dataset: StreamingDataset, *, jitter_steps: int) -> WindowBuffer:
    """Room for as many windows as the data set may hold; each slot is a stream of a window with its margins."""
    imu, capacity = dataset.windows.imu, dataset.capacity
    wide = imu.steps + 2 * jitter_steps
    zeros = torch.zeros(capacity, dtype=torch.int64)
    streams = MemoryStreams(
        torch.empty(imu.streams.channels, capacity * wide),
        torch.ones(1, dtype=torch.bool).expand(capacity * wide),
        torch.arange(capacity + 1) * wide,
    )
    return WindowBuffer(
        SensorWindows(streams, torch.arange(capacity), zeros + jitter_steps, steps=imu.steps),
        film=torch.empty(capacity, dataset.windows.film.shape[1]),
        recording=zeros.clone(),
        start_seconds=torch.zeros(capacity, dtype=torch.float64),
        earlier=zeros.clone(),
        later=zeros.clone(),
    )


def _check_capacity(dataset: StreamingDataset, *, batch: int) -> None:
    """Refuses a buffer into whose half a batch or the longest recording does not fit."""
    largest = max([batch, *dataset.counts])
    if largest > dataset.capacity // 2:
        need = dataset.memory_gib * 2 * (largest + 1) / max(dataset.capacity, 1)
        what = "a batch" if largest == batch else "a recording"
        raise BadInput(
            "train.memory_gib",
            found=f"room for {dataset.capacity} windows in the shuffle buffer, and {what} of {largest}",
            expected="room for twice as many",
            remedy=f"Set train.memory_gib={need:.2g} or more.",
        )
