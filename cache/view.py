"""A cache as NumPy arrays: its recordings and horses, and of each recording the windows, labels and clip features."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, Float64
from numpy import ndarray as Array

from ..data.errors import BadInput
from ..data.sites import channel_names
from ..data.windows import pool_clips
from .reader import committed, read_segment
from .schema import Entry
from .store import CacheStore, open_store
from .verify import require_cache


@dataclass(frozen=True)
class CachedRecording:
    """One recording of a cache. `windows` counts all its windows, `clips` the clips of its film (0 without film)."""

    id: str
    """Unique in the cache."""
    horse: str
    """Who was recorded."""
    channels: tuple[str, ...]
    """Names of the channels in order, such as `withers.ax`: m/s^2 of specific force, rad/s of angular rate."""
    rate_hz: float
    """Samples of a window a second."""
    windows: Float32[Array, "windows channels steps"] = field(repr=False)
    """The sensors of every window in SI units; NaN where a sample is missing."""
    valid: Bool[Array, "windows"] = field(repr=False)
    """Whether every sample of a window is real."""
    start_seconds: Float64[Array, "windows"] = field(repr=False)
    """When each window starts, in film time."""
    labels: tuple[str | None, ...] = field(repr=False)
    """The label of each window; None where it has none, or several."""
    film_features: Float32[Array, "windows dim"] = field(repr=False)
    """The mean clip feature inside each window; NaN where no clip lies inside."""
    clip_features: Float32[Array, "clips dim"] = field(repr=False)
    """What the video teacher made of each clip."""
    clip_start_seconds: Float64[Array, "clips"] = field(repr=False)
    """When each clip starts, in film time."""
    clip_stop_seconds: Float64[Array, "clips"] = field(repr=False)
    """When it ends (exclusive)."""


class CacheView(Mapping[str, CachedRecording]):
    """The committed recordings of a cache, read when they are asked for: `view["bella-monday"].windows`.

    Iterating gives recording ids in alphabetical order. Nothing is written, and nothing is kept in memory.
    """

    def __init__(self, store: CacheStore, *, teacher: str | None = None) -> None:
        self._store = store
        self._entries: dict[str, Entry] = {}
        for entry in committed(store):
            name = entry.fingerprint.teacher.get("name")
            if teacher is None or name in (None, teacher):
                self._add(entry)

    @property
    def recordings(self) -> tuple[str, ...]:
        """Ids of the recordings, sorted."""
        return tuple(self._entries)

    @property
    def horses(self) -> tuple[str, ...]:
        """Names of the horses, sorted, each once."""
        return tuple(sorted({entry.horse for entry in self._entries.values()}))

    def __getitem__(self, recording: str) -> CachedRecording:
        """Reads one recording, each byte checked against its checksum; KeyError for an id that is not there."""
        segment = read_segment(self._store, self._entries[recording])
        grid, index = segment.grid, segment.windows
        rows = index.start_row[:, None] + np.arange(segment.window_steps)
        return CachedRecording(
            id=segment.recording_id,
            horse=segment.horse,
            channels=channel_names(grid.sites),
            rate_hz=grid.rate_hz,
            windows=np.ascontiguousarray(grid.imu[rows].transpose(0, 2, 1)),
            valid=index.valid,
            start_seconds=grid.start_seconds + index.start_row / grid.rate_hz,
            labels=tuple(segment.labels[label] if label >= 0 else None for label in index.label),
            film_features=pool_clips(segment.clips, index),
            clip_features=np.asarray(segment.clips, np.float32),
            clip_start_seconds=segment.clip_start_s,
            clip_stop_seconds=segment.clip_stop_s,
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def _add(self, entry: Entry) -> None:
        known = self._entries.setdefault(entry.recording_id, entry)
        if known is not entry:
            names = sorted({str(each.fingerprint.teacher.get("name")) for each in (known, entry)})
            raise BadInput(
                self._store.location,
                found=f"features of {entry.recording_id} by more than one teacher ({', '.join(names)})",
                expected="one teacher",
                remedy="Pass teacher=NAME, or keep one cache a teacher.",
            )


def open_cache(location: str | Path, *, teacher: str | None = None) -> CacheView:
    """The cache in a folder or at an s3:// address, read-only; a place that holds none raises BadInput.

    Where several teachers have filled one cache, `teacher` names the one whose features are meant.
    """
    store = open_store(location)
    require_cache(store)
    return CacheView(store, teacher=teacher)
