"""Batches from shards: a buffer of bounded size through which the cache's recordings pass."""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Int64
from numpy import ndarray as Array
from torch import Tensor

from ...data.errors import BadInput
from ..runtime.seeds import seed_for
from .batches import BatchSource, Held, hold
from .shuffle import Passage, plan_epoch, rows_held
from .streaming import Shards
from .temporal_jitter import WideWindows

EMPTY = -1


class ShardBatches(BatchSource):
    """The same batches at any step, whichever step was drawn before; steps in a row read each recording once an epoch.

    Memory holds the buffer (`shards.capacity` windows), the one recording that is being read, the sample of all, and
    some 40 bytes of planning for each window of the cache. The buffer stays with the CPU; batches go to the device.
    """

    def __init__(
        self, shards: Shards, *, batch: int, seed: int, window_seconds: float, device: torch.device, jitter_steps: int
    ) -> None:
        _check_capacity(shards, batch=batch)
        self._shards, self._jitter_steps = shards, jitter_steps
        sample = shards.shards[0].sample
        imu = torch.empty(shards.capacity, sample.imu.shape[1], sample.imu.shape[2] + 2 * jitter_steps)
        nobody = torch.zeros(shards.capacity, dtype=torch.int64)
        super().__init__(
            Held(
                WideWindows(imu, earlier=nobody, later=nobody.clone(), margin=jitter_steps),
                film=torch.empty(shards.capacity, sample.film.shape[1]),
                recording=nobody.clone(),
                start_seconds=torch.zeros(shards.capacity, dtype=torch.float64),
            ),
            looks=shards.looks,
            windows=len(shards),
            batch=batch,
            seed=seed,
            window_seconds=window_seconds,
            device=device,
        )
        self._first = np.cumsum([0, *shards.windows])
        self._slot_of_row = np.full(len(shards), EMPTY, np.int32)
        self._row_in_slot = np.full(shards.capacity, EMPTY, np.int64)
        self._at = (EMPTY, EMPTY)
        self._plan = lru_cache(maxsize=2)(self._planned)

    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """The places in the buffer of the windows that step number `step` (from 0) sees; reads what is not there."""
        rows, epoch, number = self._find(step)
        if (epoch, number) != self._at:
            self._enter(epoch, number)
        return torch.from_numpy(self._slot_of_row[rows].astype(np.int64))

    def rows_of_step(self, step: int) -> Int64[Array, "batch"]:
        """Which windows that step sees, counted through all recordings; nothing is read."""
        return self._find(step)[0]

    def _find(self, step: int) -> tuple[Int64[Array, "batch"], int, int]:
        """The windows of a step, its epoch, and the number of its passage there."""
        epoch, place = divmod(step, self.steps_per_epoch)
        passages = self._plan(epoch)
        given = np.cumsum([len(passage.rows) for passage in passages])
        start = place * self.batch
        number = int(np.searchsorted(given, start, side="right"))
        start -= int(given[number]) - len(passages[number].rows)
        return passages[number].rows[start : start + self.batch], epoch, number

    def _planned(self, epoch: int) -> tuple[Passage, ...]:
        random = np.random.default_rng(seed_for("shards", self.seed, epoch))
        return plan_epoch(self._shards.windows, capacity=self._shards.capacity, batch=self.batch, generator=random)

    def _enter(self, epoch: int, number: int) -> None:
        """Makes the buffer what it is in this passage: drops what is not wanted any more, reads what is missing."""
        wanted = rows_held(self._plan(epoch), windows=self._shards.windows, number=number)
        is_wanted = np.zeros(len(self._shards), bool)
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
        """Reads a recording and puts these of its windows into these places."""
        windows, held = self._shards.read(recording), self.held
        if len(windows) != self._shards.windows[recording]:
            raise self._changed(recording)
        found = hold(
            windows,
            recording=torch.full((len(windows),), recording),
            jitter_steps=self._jitter_steps,
            window_seconds=self.window_seconds,
        )
        source, target = torch.from_numpy(rows - self._first[recording]), torch.from_numpy(slots)
        for mine, theirs in (
            (held.imu.imu, found.imu.imu),
            (held.imu.earlier, found.imu.earlier),
            (held.imu.later, found.imu.later),
            (held.film, found.film),
            (held.recording, found.recording),
            (held.start_seconds, found.start_seconds),
        ):
            mine[target] = theirs[source]
        self._slot_of_row[rows], self._row_in_slot[slots] = slots, rows

    def _changed(self, recording: int) -> BadInput:
        entry = self._shards.shards[recording].entry
        return BadInput(
            f"{self._shards.recordings.store.location}, {entry.recording_id}",
            found="other windows than when the run began",
            expected="a cache that nobody writes while it is learned from",
            remedy="Start the run again when `extract-teacher` is done.",
        )


def _check_capacity(shards: Shards, *, batch: int) -> None:
    """Refuses a buffer into whose half a batch or the longest recording does not fit."""
    largest = max([batch, *shards.windows])
    if largest > shards.capacity // 2:
        need = shards.recordings.recipe.train.memory_gib * 2 * (largest + 1) / max(shards.capacity, 1)
        what = "a batch" if largest == batch else "a recording"
        raise BadInput(
            "train.memory_gib",
            found=f"room for {shards.capacity} windows, and {what} of {largest}",
            expected="room for twice as many",
            remedy=f"Set train.memory_gib={need:.2g} or more.",
        )
