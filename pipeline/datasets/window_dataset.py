"""Windows of many recordings: sensors beside film features, labels and horses, as views of streams held once."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float32, Float64, Int64
from numpy import ndarray as Array
from torch import Tensor

from .film_features import StoredFilm
from .sensor_windows import SensorWindows

CHUNK_WINDOWS = 512
"""Windows cut at once where all are read."""


@dataclass(frozen=True)
class WindowDataset:
    """Valid windows, one row each, in the order of recordings and then of time."""

    imu: SensorWindows = field(repr=False)
    """Sensors, site by site ax ay az (m/s^2) gx gy gz (rad/s); `imu[rows]` cuts `[rows, channels, steps]`."""
    film: Float32[Tensor, "windows dim"] | StoredFilm = field(repr=False)
    """Mean of the teacher's clips inside the window, NaN where there are none; `film[rows]` gives a tensor."""
    has_film: Bool[Tensor, "windows"] = field(repr=False)
    """Whether at least one clip lies inside the window."""
    label: Int64[Array, "windows"] = field(repr=False)
    """Index into `classes`, or UNLABELLED (-1), or TRANSITION (-2)."""
    horse: tuple[str, ...] = field(repr=False)
    """Who was recorded, per window."""
    recording: tuple[str, ...] = field(repr=False)
    """Id of the recording, per window."""
    start_seconds: Float64[Tensor, "windows"] = field(repr=False)
    """Film time at which the window starts."""
    classes: tuple[str, ...]
    """Names that `label` counts in."""
    sites: tuple[str, ...]
    """Sites in channel order."""
    teacher: dict[str, Any] = field(repr=False)
    """Identity of the teacher whose features these are; empty when nothing was filmed."""
    film_seconds: Float64[Tensor, "windows 2"] | None = field(default=None, repr=False)
    """Film time at which the first clip of each window starts and the last one stops; NaN where there are none."""

    def __post_init__(self) -> None:
        lengths = {len(self.horse), len(self.recording), len(self.imu), len(self.label)}
        if len(lengths) > 1:
            raise ValueError(f"every window needs sensors, a label, a horse and a recording: {lengths = }")

    def __len__(self) -> int:
        return len(self.imu)

    @property
    def horses(self) -> tuple[str, ...]:
        """Every horse once, sorted."""
        return tuple(sorted(set(self.horse)))

    def take(self, index: Tensor | Array) -> "WindowDataset":
        """A view of the windows of these row numbers, or of those marked true; itself when all are marked."""
        chosen = torch.as_tensor(index)
        if chosen.dtype == torch.bool:
            if bool(chosen.all()):
                return self
            chosen = chosen.nonzero().squeeze(1)
        numbers = chosen.tolist()
        return replace(
            self,
            imu=self.imu.take(chosen),
            film=self.film.take(chosen) if isinstance(self.film, StoredFilm) else self.film[chosen],
            has_film=self.has_film[chosen],
            label=self.label[chosen.numpy()],
            horse=tuple(self.horse[row] for row in numbers),
            recording=tuple(self.recording[row] for row in numbers),
            start_seconds=self.start_seconds[chosen],
            film_seconds=None if self.film_seconds is None else self.film_seconds[chosen],
        )

    def of(self, horses: Collection[str]) -> "WindowDataset":
        """The windows of these horses."""
        wanted = frozenset(horses)
        return self.take(np.array([horse in wanted for horse in self.horse], dtype=bool))

    def filmed(self) -> "WindowDataset":
        """The windows that have film."""
        return self.take(self.has_film)

    def without_film(self, *, dim: int | None = None) -> "WindowDataset":
        """All windows, for objectives of sensors alone: where there is no film, zeros stand for it."""
        here, everywhere = self.film.shape[1], torch.ones(len(self), dtype=torch.bool)
        wanted = max(here, 1) if dim is None else dim
        film: Tensor | StoredFilm
        if here != wanted:
            film = torch.zeros(1, wanted).expand(len(self), wanted)
        elif isinstance(self.film, StoredFilm):
            film = replace(self.film, fill=0.0)
        else:
            film = torch.nan_to_num(self.film)
        return replace(self, film=film, has_film=everywhere)

    def in_memory(self) -> "WindowDataset":
        """The same on copies of the samples and features that it is of."""
        film = self.film[:] if isinstance(self.film, StoredFilm) else self.film
        return replace(self, imu=self.imu.in_memory(), film=film)

    def thinned(self, most: int) -> "WindowDataset":
        """At most so many of them, evenly over recordings and time; itself where there are no more."""
        return self if len(self) <= most else self.take(torch.arange(most) * len(self) // most)

    def cut_out(self) -> "WindowDataset":
        """The same in memory, of which nothing is held but these windows: those that overlap hold samples twice."""
        return replace(self, imu=SensorWindows.of(self.imu[:]), film=self.film[:])


def digest_of(*datasets: WindowDataset) -> str:
    """SHA-256 of what is learned from these windows."""
    digest = hashlib.sha256()
    for windows in datasets:
        digest.update("\n".join(windows.recording).encode())
        for first in range(0, len(windows), CHUNK_WINDOWS):
            digest.update(windows.imu[first : first + CHUNK_WINDOWS].numpy().data)
        for tensor in (windows.film[:], windows.start_seconds):
            digest.update(tensor.contiguous().numpy().data)
    return digest.hexdigest()
