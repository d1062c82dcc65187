"""Sensor streams of recordings, each held once, in memory or read from a cache on demand; windows are cut from them."""

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import torch
from jaxtyping import Bool, Float32, Int64
from torch import Tensor

from ..runtime.memory import release_freed_memory


class SensorStreams(ABC):
    """Continuous signals of recordings on one grid rate, in SI units, channels site by site."""

    channels: int
    """Channels of every recording."""
    device: torch.device
    """Where windows are cut."""

    @abstractmethod
    def cut(
        self, recording: Int64[Tensor, "windows"], *, start_row: Int64[Tensor, "windows"], steps: int
    ) -> Float32[Tensor, "windows channels steps"]:
        """Windows of so many rows from these rows of these recordings on, time last."""

    @abstractmethod
    def select(self, recordings: Int64[Tensor, "recordings"]) -> "MemoryStreams":
        """A copy of these recordings in memory, in this order."""


@dataclass(frozen=True)
class MemoryStreams(SensorStreams):
    """Recordings one after the other in one array."""

    imu: Float32[Tensor, "channels rows"] = field(repr=False)
    """Samples of all recordings. A channel's lie side by side, as in the windows that are cut: copying is then fast."""
    valid: Bool[Tensor, "rows"] = field(repr=False)
    """Whether every site of a row is real."""
    first_row: Int64[Tensor, "edges"] = field(repr=False)
    """Where each recording begins, and after the last where it ends."""

    @property
    def channels(self) -> int:  # type: ignore[override]  # a property of the frozen array
        """Channels of every recording."""
        return self.imu.shape[0]

    @property
    def device(self) -> torch.device:  # type: ignore[override]  # a property of the frozen array
        """Where windows are cut."""
        return self.imu.device

    def cut(
        self, recording: Int64[Tensor, "windows"], *, start_row: Int64[Tensor, "windows"], steps: int
    ) -> Float32[Tensor, "windows channels steps"]:
        """Windows of so many rows from these rows of these recordings on, time last."""
        if not len(recording):
            return self.imu.new_empty(0, self.channels, steps)
        every_start = self.imu.unfold(1, steps, 1).transpose(0, 1)  # a view: only the windows asked for are copied
        rows = self.first_row[recording] + start_row
        return every_start.index_select(0, rows) if self.device.type == "cpu" else every_start[rows].contiguous()

    def select(self, recordings: Int64[Tensor, "recordings"]) -> "MemoryStreams":
        """A copy of these recordings in memory, in this order."""
        spans = [(int(self.first_row[n]), int(self.first_row[n + 1])) for n in recordings.tolist()]
        return joined_streams([(self.imu[:, a:b], self.valid[a:b]) for a, b in spans], channels=self.channels)

    def to(self, device: torch.device) -> "MemoryStreams":
        """The same on that device."""
        return MemoryStreams(self.imu.to(device), self.valid.to(device), self.first_row.to(device))

    def valid_run(
        self, recording: Int64[Tensor, "windows"], *, start_row: Int64[Tensor, "windows"], steps: int
    ) -> tuple[Int64[Tensor, "windows"], Int64[Tensor, "windows"]]:
        """How many valid rows of the same recording lie without a gap right before each window, and right after it."""
        start = self.first_row[recording] + start_row
        gaps = (~self.valid).nonzero().squeeze(1)
        last_gap = torch.searchsorted(gaps, start) - 1
        next_gap = torch.searchsorted(gaps, start + steps)
        padded = torch.cat([gaps, gaps.new_tensor([len(self.valid)])])
        before = torch.where(last_gap >= 0, padded[last_gap.clamp_min(0)] + 1, 0).maximum(self.first_row[recording])
        after = padded[next_gap].minimum(self.first_row[recording + 1])
        return start - before, after - (start + steps)


class StoredStreams(SensorStreams):
    """Recordings that stay in a cache: each is read when windows of it are asked for.

    Those asked for last are kept, up to `most_bytes`, one at least. Windows in the order of recordings read each once.
    """

    def __init__(self, read: Callable[[int], MemoryStreams], *, channels: int, most_bytes: int) -> None:
        self.channels, self.device = channels, torch.device("cpu")
        self._read, self._most_bytes = read, most_bytes
        self._kept: OrderedDict[int, MemoryStreams] = OrderedDict()

    def cut(
        self, recording: Int64[Tensor, "windows"], *, start_row: Int64[Tensor, "windows"], steps: int
    ) -> Float32[Tensor, "windows channels steps"]:
        """Windows of so many rows from these rows of these recordings on, time last."""
        windows = torch.empty(len(recording), self.channels, steps)
        for number in recording.unique().tolist():  # type: ignore[no-untyped-call]  # torch leaves it untyped
            rows = (recording == number).nonzero().squeeze(1)
            first = torch.zeros(len(rows), dtype=torch.int64)
            windows[rows] = self.recording(number).cut(first, start_row=start_row[rows], steps=steps)
        return windows

    def select(self, recordings: Int64[Tensor, "recordings"]) -> MemoryStreams:
        """A copy of these recordings in memory, in this order."""
        parts = [self.recording(number) for number in recordings.tolist()]
        return joined_streams([(part.imu, part.valid) for part in parts], channels=self.channels)

    def recording(self, number: int) -> MemoryStreams:
        """One recording, read unless it is kept."""
        found = self._kept.pop(number, None)
        if found is None:
            self._make_room()
            found = self._read(number)
            release_freed_memory()  # of what decoding took
        self._kept[number] = found
        return found

    def _make_room(self) -> None:
        """Lets go of those asked for longest ago, until one of the largest size kept so far still fits."""
        sizes = [stream_bytes(len(kept.valid), channels=self.channels) for kept in self._kept.values()]
        while self._kept and sum(sizes) + max(sizes) > self._most_bytes:
            self._kept.popitem(last=False)
            sizes.pop(0)


def joined_streams(
    parts: Sequence[tuple[Float32[Tensor, "channels _"], Bool[Tensor, "_"]]], *, channels: int
) -> MemoryStreams:
    """Samples and validity of recordings, one after the other."""
    edges = torch.tensor([0, *(len(valid) for _, valid in parts)]).cumsum(0)
    imu = torch.cat([torch.empty(channels, 0), *(imu for imu, _ in parts)], 1) if len(parts) != 1 else parts[0][0]
    valid = torch.cat([torch.empty(0, dtype=torch.bool), *(valid for _, valid in parts)])
    return MemoryStreams(imu, valid, edges)


def stream_bytes(rows: int, *, channels: int) -> int:
    """Bytes of so many rows in memory: samples and validity."""
    return rows * (4 * channels + 1)
