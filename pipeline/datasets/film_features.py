"""Film features that stay in a cache, pooled for windows when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from .sensor_windows import Rows


@dataclass(frozen=True)
class StoredFilm:
    """Features `[windows, dim]`; reads like a tensor along its first axis. Rows in order read each recording once."""

    read: Callable[[int], Float32[Tensor, "windows dim"]] = field(repr=False)
    """The features of all windows of a recording by its number; whoever gives it may keep the last ones."""
    recording: Int64[Tensor, "windows"] = field(repr=False)
    """Number of each window's recording."""
    window: Int64[Tensor, "windows"] = field(repr=False)
    """Number of the window within its recording."""
    dim: int
    """Length of a feature."""
    fill: float | None = None
    """What stands where there is no film; None leaves NaN."""

    def __len__(self) -> int:
        return len(self.recording)

    @property
    def shape(self) -> tuple[int, int]:
        """Windows, dim."""
        return len(self), self.dim

    def __getitem__(self, rows: Rows) -> Float32[Tensor, "chosen dim"]:
        """Features of these windows."""
        index = torch.arange(*rows.indices(len(self))) if isinstance(rows, slice) else torch.as_tensor(rows)
        recording, window = self.recording[index], self.window[index]
        found = torch.empty(len(index), self.dim)
        for number in recording.unique().tolist():  # type: ignore[no-untyped-call]  # torch leaves it untyped
            here = (recording == number).nonzero().squeeze(1)
            found[here] = self.read(number)[window[here]]
        return found if self.fill is None else torch.nan_to_num(found, nan=self.fill)

    def take(self, rows: Int64[Tensor, "chosen"]) -> "StoredFilm":
        """A view of these windows."""
        return replace(self, recording=self.recording[rows], window=self.window[rows])
