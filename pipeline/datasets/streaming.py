"""Training windows that stay in the cache, where there are more of them than memory shall hold.

What is no sensor is read of every recording before the first step: its windows, and film for its mean feature. Sensors
are read of a sample, by which both sides are scaled. Then recordings are read in the order that `shuffle` plans.

Of the memory allowed the shuffle buffer takes a half, recordings that are read on demand, windows that choose the
checkpoint, and the sample an eighth each; the last eighth is for the recording that is being read.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Float32, Int64
from numpy import ndarray as Array
from torch import Tensor

from ..runtime.seeds import seed_for
from .loading import GIB, Recordings, stored_windows
from .window_dataset import WindowDataset

BUFFER_SHARE, KEPT_SHARE, VALIDATION_SHARE, SAMPLE_SHARE = 1 / 2, 1 / 8, 1 / 8, 1 / 8
"""Of the memory allowed: the shuffle buffer, recordings read on demand, validation, the sample."""
LEAST_SAMPLE, SAMPLE_WINDOWS = 16, 10_000
"""Windows of all recordings that stay in memory, to scale both sides by: at most 300 MB of five sites."""


@dataclass(frozen=True)
class TrainingNeeds:
    """What training asks of its windows."""

    needs_film: bool
    """Whether windows without film are left out."""
    memory_gib: float
    """Memory that windows may take, in GiB."""
    jitter_steps: int = 0
    """Samples by which a window's start moves at most."""
    seed: int = 0
    """Of the sample."""


@dataclass(frozen=True)
class IndexedRecording:
    """What the pass over the cache kept of a recording's usable windows."""

    horse: str
    """Who was recorded."""
    rows: tuple[int, int]
    """First of its windows in the data set, and the one after its last."""
    mean_film: Float32[Tensor, "dim"] = field(repr=False)
    """Mean of their film features."""
    digest: str
    """SHA-256 of its id and of all that the cache holds of it."""

    def __len__(self) -> int:
        return self.rows[1] - self.rows[0]


@dataclass(frozen=True)
class StreamingDataset:
    """The training windows of a run past memory."""

    windows: WindowDataset
    """All usable windows of the cache, on streams that stay there."""
    recordings: tuple[IndexedRecording, ...]
    """Those that are trained on."""
    sample: WindowDataset
    """Some of their windows in memory, evenly over recordings and time: both sides are scaled by them."""
    capacity: int
    """Windows that the shuffle buffer holds."""
    validation_capacity: int
    """Windows that there is room for beside it, to choose the checkpoint by."""
    memory_gib: float
    """What the user allowed, for messages."""

    def __len__(self) -> int:
        return sum(self.counts)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many windows each recording has."""
        return tuple(len(recording) for recording in self.recordings)

    @property
    def recording_means(self) -> Float32[Tensor, "recordings dim"]:
        """Each recording's mean film feature."""
        return torch.stack([recording.mean_film for recording in self.recordings])

    @property
    def digest(self) -> str:
        """SHA-256 of all recordings."""
        return hashlib.sha256("".join(recording.digest for recording in self.recordings).encode()).hexdigest()

    def read(self, number: int) -> WindowDataset:
        """The windows of recording number `number`, in memory."""
        first, stop = self.recordings[number].rows
        return self.windows.take(torch.arange(first, stop)).in_memory()

    def of(self, horses: Collection[str]) -> "StreamingDataset":
        """Those of these horses."""
        recordings = tuple(one for one in self.recordings if one.horse in horses)
        return replace(self, recordings=recordings, sample=self.sample.of(horses))


def window_bytes(recordings: Recordings, *, jitter_steps: int) -> int:
    """Bytes of a window in the buffer: its sensors, with the margins for jitter, and its film feature."""
    steps = recordings.settings.windows.steps + 2 * jitter_steps
    return (4 * recordings.channels + 1) * steps + 4 * max(recordings.film_dim, 1)


def index_recordings(recordings: Recordings, *, needs: TrainingNeeds) -> tuple[StreamingDataset, tuple[str, ...]]:
    """Reads of every recording what is not sensors: what can be trained on, and each horse with a valid window, sorted.

    Sensors are read of the recordings that the sample falls on.
    """
    room = needs.memory_gib * GIB / window_bytes(recordings, jitter_steps=needs.jitter_steps)
    most_bytes, means = int(needs.memory_gib * GIB * KEPT_SHARE), list[Tensor]()
    windows = stored_windows(recordings, most_bytes=most_bytes, note_film=lambda film: means.append(_mean_film(film)))
    usable = windows.filmed() if needs.needs_film else windows.without_film(dim=max(recordings.film_dim, 1))
    most = max(LEAST_SAMPLE, int(min(room * SAMPLE_SHARE / 2, SAMPLE_WINDOWS)))  # laid out anew once cut: held twice
    dataset = StreamingDataset(
        usable,
        tuple(_indexed(usable, rows=rows, recordings=recordings, means=means) for rows in _spans(usable)),
        sample=usable.take(drawn_evenly(len(usable), most=most, seed=needs.seed)).cut_out(),
        capacity=int(room * BUFFER_SHARE),
        validation_capacity=int(room * VALIDATION_SHARE),
        memory_gib=needs.memory_gib,
    )
    return dataset, windows.horses


def drawn_evenly(windows: int, *, most: int, seed: int) -> Int64[Array, "drawn"]:
    """Rows of at most so many windows, ascending: one at random of every stretch of equal length."""
    if windows <= most:
        return np.arange(windows)
    random = np.random.default_rng(seed_for("sample", seed))
    return np.unique(((np.arange(most) + random.random(most)) * (windows / most)).astype(np.int64))


def _spans(windows: WindowDataset) -> Iterator[tuple[int, int]]:
    """First row and the one after the last of each recording."""
    _, counts = windows.imu.recording.unique_consecutive(return_counts=True)  # type: ignore[no-untyped-call]  # torch's own
    stops = counts.cumsum(0)
    yield from zip((stops - counts).tolist(), stops.tolist(), strict=True)


def _mean_film(film: Float32[Tensor, "windows dim"]) -> Float32[Tensor, "dim_or_1"]:
    """Mean feature of the windows that have film; zeros where none has."""
    has_film = torch.isfinite(film).all(1)
    mean = film[has_film].sum(0) / has_film.sum().clamp_min(1)
    return mean if len(mean) else torch.zeros(1)


def _indexed(
    usable: WindowDataset, *, rows: tuple[int, int], recordings: Recordings, means: Sequence[Tensor]
) -> IndexedRecording:
    """One recording, given the mean features of all that the cache has."""
    first, _ = rows
    number = int(usable.imu.recording[first])
    entry = recordings.entries[number]
    digest = hashlib.sha256(f"{entry.recording_id} {entry.listing}".encode()).hexdigest()
    return IndexedRecording(horse=usable.horse[first], rows=rows, mean_film=means[number], digest=digest)
