"""Windows of sensor streams by where they start: cut when they are asked for, so that no sample is held twice."""

from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float32, Int64
from numpy import ndarray as Array
from torch import Tensor

from .streams import MemoryStreams, SensorStreams

Rows = slice | Tensor | Array | list[int]
"""Chosen rows, as a tensor takes them."""


@dataclass(frozen=True)
class SensorWindows:
    """Windows `[windows, channels, steps]` in SI units; reads like a tensor along its first axis."""

    streams: SensorStreams = field(repr=False)
    """What they are cut from."""
    recording: Int64[Tensor, "windows"] = field(repr=False)
    """Number of the recording in `streams`."""
    start_row: Int64[Tensor, "windows"] = field(repr=False)
    """First row within the recording."""
    steps: int
    """Rows of a window."""

    @classmethod
    def of(cls, imu: Float32[Tensor, "windows channels steps"]) -> "SensorWindows":
        """Windows that are cut already and share nothing: a recording each."""
        count, channels, steps = imu.shape
        stream = imu.transpose(0, 1).reshape(channels, count * steps)
        edges = torch.arange(count + 1) * steps
        streams = MemoryStreams(stream, torch.ones(count * steps, dtype=torch.bool), edges)
        return cls(streams, torch.arange(count), torch.zeros(count, dtype=torch.int64), steps)

    def __len__(self) -> int:
        return len(self.start_row)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Windows, channels, steps."""
        return len(self), self.streams.channels, self.steps

    def __getitem__(self, rows: Rows) -> Float32[Tensor, "chosen channels steps"]:
        """These windows, cut."""
        if isinstance(rows, slice):
            return self.streams.cut(self.recording[rows], start_row=self.start_row[rows], steps=self.steps)
        return self.cut(torch.as_tensor(rows, dtype=torch.int64, device=self.start_row.device))

    def cut(
        self, rows: Int64[Tensor, "chosen"], *, shift: Int64[Tensor, "chosen"] | None = None
    ) -> Float32[Tensor, "chosen channels steps"]:
        """Windows of these row numbers, each moved by so many samples, later being positive."""
        start_row = self.start_row[rows] if shift is None else self.start_row[rows] + shift
        return self.streams.cut(self.recording[rows], start_row=start_row, steps=self.steps)

    def take(self, rows: Int64[Tensor, "chosen"]) -> "SensorWindows":
        """A view of the windows of these row numbers."""
        return replace(self, recording=self.recording[rows], start_row=self.start_row[rows])

    def in_memory(self) -> "SensorWindows":
        """The same on copies of the recordings that they are of, and of no others."""
        numbers, place = self.recording.unique(return_inverse=True)  # type: ignore[no-untyped-call]  # torch
        return replace(self, streams=self.streams.select(numbers), recording=place)

    def to(self, device: torch.device) -> "SensorWindows":
        """The same on that device, with the recordings that they are of."""
        if self.streams.device.type == device.type:
            return self
        chosen = self.in_memory()
        assert isinstance(chosen.streams, MemoryStreams)
        streams, start_row = chosen.streams.to(device), self.start_row.to(device)
        return replace(self, streams=streams, recording=chosen.recording.to(device), start_row=start_row)
