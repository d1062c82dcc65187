"""From a cache to windows: in memory, or read on demand where memory shall not hold them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray as Array
from torch import Tensor

from ...cache.reader import committed, read_segment, read_segments
from ...cache.schema import Entry, Segment
from ...cache.store import CacheStore, open_store
from ...data.errors import BadInput
from ...data.sites import CHANNELS, resolve_sites
from ...data.windows import pool_clips
from .duplicates import refuse_duplicates
from .film_features import StoredFilm
from .matching import check_fits, check_same_kind, matching_entries, other_kind
from .sensor_windows import SensorWindows
from .settings import DatasetSettings
from .streams import MemoryStreams, SensorStreams, StoredStreams, joined_streams, stream_bytes
from .window_dataset import WindowDataset

GIB = 1 << 30
FILMS_KEPT = 4
"""Recordings whose film features are kept by those that read them on demand."""


@dataclass(frozen=True)
class Recordings:
    """What a cache holds for these settings."""

    store: CacheStore
    """Where they lie."""
    entries: tuple[Entry, ...]
    """One a recording, by recording id."""
    settings: DatasetSettings
    """What they must fit."""
    sensors_only: bool = False
    """Whether film is left out, so that any teacher's will do and any hop between windows."""

    def read(self, entry: Entry, *, sensors: bool = True) -> Segment:
        """One of them, with or without its samples; refused when it has another grid or other windows."""
        segment = read_segment(self.store, entry, sensors=sensors)
        self._check(segment)
        return segment

    def read_each(self, *, sensors: bool = True) -> Iterator[Segment]:
        """All of them one after the other, refused in the same way."""
        first: Segment | None = None
        for segment in read_segments(self.store, self.entries, sensors=sensors):
            self._check(segment)
            first = first or segment
            if segment.labels != first.labels:
                found, expected, where = segment.labels, first.labels, self.store.location
                raise other_kind(segment.recording_id, cache=where, name="labels", found=found, expected=expected)
            yield segment

    def _check(self, segment: Segment) -> None:
        check = check_same_kind if self.sensors_only else check_fits
        check(segment, settings=self.settings, cache=self.store.location)

    @property
    def film_dim(self) -> int:
        """Length of the teacher's features; 0 where nothing was filmed."""
        if self.sensors_only:
            return 0
        return max((int(entry.fingerprint.teacher.get("dim", 0)) for entry in self.entries), default=0)

    @property
    def channels(self) -> int:
        """Channels of a recording."""
        return len(CHANNELS) * len(resolve_sites(self.settings.grid.sites))

    @property
    def bytes_in_memory(self) -> int:
        """What all of them take in memory, film features twice: views of some windows copy those."""
        rows, windows = sum(e.rows for e in self.entries), sum(e.windows for e in self.entries)
        return stream_bytes(rows, channels=self.channels) + 2 * 4 * windows * self.film_dim


def open_recordings(cache: str | Path, *, settings: DatasetSettings) -> Recordings:
    """The committed recordings of the settings' teacher, and those of sensors alone; no samples are read yet.

    Refused when two of them are one and the same under two names.
    """
    store = open_store(cache)
    entries = matching_entries(committed(store, indexing=True), settings=settings, cache=cache)
    refuse_duplicates(entries, cache=cache)
    return Recordings(store, entries=tuple(entries), settings=settings)


def load_windows(cache: str | Path, *, settings: DatasetSettings, memory_gib: float | None = None) -> WindowDataset:
    """Every valid window of the committed recordings; a cache that does not fit the settings is refused.

    Where they would take more than `memory_gib`, recordings are read when their windows are asked for.
    """
    return _load(open_recordings(cache, settings=settings), memory_gib=memory_gib)


def load_sensor_windows(cache: str | Path, *, settings: DatasetSettings, memory_gib: float) -> WindowDataset:
    """Every valid window of a cache, film left out; windows of other sites, rate or length are refused."""
    store = open_store(cache)
    newest = {entry.recording_id: entry for entry in committed(store, indexing=True)}
    if not newest:
        raise BadInput(cache, found="no committed recording", expected="a cache", remedy="Check the path.")
    entries = tuple(newest[name] for name in sorted(newest))
    refuse_duplicates(entries, cache=cache)
    return _load(Recordings(store, entries, settings, sensors_only=True), memory_gib=memory_gib)


def exceeds_memory(recordings: Recordings, *, memory_gib: float) -> bool:
    """Whether all windows of these recordings, valid or not, would take more."""
    return recordings.bytes_in_memory > memory_gib * GIB


def _load(recordings: Recordings, *, memory_gib: float | None) -> WindowDataset:
    if memory_gib is not None and exceeds_memory(recordings, memory_gib=memory_gib):
        return stored_windows(recordings, most_bytes=int(memory_gib * GIB) // 2)
    return memory_windows(recordings)


def memory_windows(recordings: Recordings) -> WindowDataset:
    """All windows on streams in memory, filled recording by recording."""
    rows = sum(entry.rows for entry in recordings.entries)
    imu, valid = torch.empty(recordings.channels, rows), torch.empty(rows, dtype=torch.bool)
    film = torch.empty(sum(entry.windows for entry in recordings.entries), recordings.film_dim)
    parts: list[_RecordingWindows] = []
    row = window = 0
    for segment in recordings.read_each():
        stream, features = _stream(segment), _film(segment, dim=recordings.film_dim)
        here = slice(row, row + len(stream.valid))
        imu[:, here], valid[here] = stream.imu, stream.valid
        film[window : window + len(features)] = features
        row, window = here.stop, window + len(features)
        parts.append(_windows(segment, film=features))
    edges = torch.tensor([0, *(part.rows for part in parts)]).cumsum(0)
    return _assembled(parts, streams=MemoryStreams(imu, valid, edges), film=film[:window])


def stored_windows(
    recordings: Recordings, *, most_bytes: int, note_film: Callable[[Tensor], object] = lambda _: None
) -> WindowDataset:
    """All windows on streams that stay in the cache; up to `most_bytes` of the recordings read last are kept.

    `note_film` is called with each recording's features, which are not kept.
    """
    dim, parts = recordings.film_dim, []
    for segment in recordings.read_each(sensors=False):
        film = _film(segment, dim=dim)
        note_film(film)
        parts.append(_windows(segment, film=film))
    streams = StoredStreams(
        lambda number: _stream(recordings.read(recordings.entries[number])),
        channels=recordings.channels,
        most_bytes=most_bytes,
    )

    @lru_cache(maxsize=FILMS_KEPT)
    def read_film(number: int) -> Float32[Tensor, "windows dim"]:
        return _film(recordings.read(recordings.entries[number], sensors=False), dim=dim)

    counts = torch.tensor([len(part.start_row) for part in parts], dtype=torch.int64)
    number = torch.arange(len(parts)).repeat_interleave(counts)
    window = torch.arange(len(number)) - (counts.cumsum(0) - counts)[number]
    return _assembled(parts, streams=streams, film=StoredFilm(read_film, number, window, dim=dim))


def windows_of(segments: Sequence[Segment]) -> WindowDataset:
    """The valid windows of these segments, which share sites, labels and teacher, in memory."""
    dim = max(segment.clips.shape[1] for segment in segments)
    films = [_film(segment, dim=dim) for segment in segments]
    parts = [_windows(segment, film=film) for segment, film in zip(segments, films, strict=True)]
    streams = [_stream(segment) for segment in segments]
    joined = joined_streams([(one.imu, one.valid) for one in streams], channels=streams[0].channels)
    return _assembled(parts, streams=joined, film=torch.cat(films))


@dataclass(frozen=True)
class _RecordingWindows:
    """The valid windows of one segment, and what is said of all of them; neither samples nor features."""

    recording_id: str
    horse: str
    classes: tuple[str, ...]
    sites: tuple[str, ...]
    teacher: dict[str, Any]
    steps: int
    rows: int
    start_row: Int64[Tensor, "windows"]
    has_film: Tensor
    label: Int64[Array, "windows"]
    start_seconds: Float64[Tensor, "windows"]
    film_seconds: Float64[Tensor, "windows 2"]


def _windows(segment: Segment, *, film: Float32[Tensor, "windows dim"]) -> _RecordingWindows:
    windows, grid = segment.windows, segment.grid
    start_row = windows.start_row[windows.valid].astype(np.int64)
    return _RecordingWindows(
        recording_id=segment.recording_id,
        horse=segment.horse,
        classes=segment.labels,
        sites=grid.sites,
        teacher=dict(segment.fingerprint.teacher),
        steps=segment.window_steps,
        rows=len(grid.imu),
        start_row=torch.from_numpy(start_row),
        has_film=torch.isfinite(film).all(1) & (film.shape[1] > 0),
        label=windows.label[windows.valid].astype(np.int64),
        start_seconds=torch.from_numpy(grid.start_seconds + start_row / grid.rate_hz),
        film_seconds=torch.from_numpy(_film_seconds(segment)[windows.valid]),
    )


def _assembled(
    parts: Sequence[_RecordingWindows], *, streams: SensorStreams, film: Float32[Tensor, "windows dim"] | StoredFilm
) -> WindowDataset:
    """The recordings one after the other, numbered in this order."""
    first = parts[0]
    counts = torch.tensor([len(part.start_row) for part in parts], dtype=torch.int64)
    number = torch.arange(len(parts)).repeat_interleave(counts)
    return WindowDataset(
        imu=SensorWindows(streams, number, torch.cat([part.start_row for part in parts]), steps=first.steps),
        film=film,
        has_film=torch.cat([part.has_film for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        horse=_repeated((part.horse for part in parts), counts=counts),
        recording=_repeated((part.recording_id for part in parts), counts=counts),
        start_seconds=torch.cat([part.start_seconds for part in parts]),
        classes=first.classes,
        sites=first.sites,
        teacher=next((part.teacher for part in parts if part.teacher), {}),
        film_seconds=torch.cat([part.film_seconds for part in parts]),
    )


def _repeated(names: Iterable[str], *, counts: Int64[Tensor, "recordings"]) -> tuple[str, ...]:
    return tuple(name for name, count in zip(names, counts.tolist(), strict=True) for _ in range(count))


def _stream(segment: Segment) -> MemoryStreams:
    """The samples of one segment."""
    valid = torch.from_numpy(segment.grid.imu_valid.all(axis=1))
    edges = torch.tensor([0, len(valid)])
    return MemoryStreams(torch.from_numpy(np.ascontiguousarray(segment.grid.imu.T)), valid, edges)


def _film(segment: Segment, *, dim: int) -> Float32[Tensor, "windows {dim}"]:
    """The mean embedding of the clips inside each valid window, NaN where there are none."""
    valid = segment.windows.valid
    if not segment.fingerprint.teacher or not dim:
        return torch.full((int(valid.sum()), dim), torch.nan)
    return torch.from_numpy(pool_clips(segment.clips, segment.windows)[valid])


def _film_seconds(segment: Segment) -> Float64[Array, "windows 2"]:
    """When the first clip inside each window starts and the last one stops; NaN where there are none."""
    first, count = segment.windows.clip_first, segment.windows.clip_count
    seconds = np.full((len(first), 2), np.nan)
    has = count > 0
    seconds[has, 0] = segment.clip_start_s[first[has]]
    seconds[has, 1] = segment.clip_stop_s[first[has] + count[has] - 1]
    return seconds
