"""Training windows that stay in the cache, where there are more of them than memory shall hold.

One pass over the cache indexes them, and keeps what training needs of all: each recording's mean film feature, a sample
by which both sides are scaled, and a digest. Then recordings are read in the order that `shuffle` plans.

Of the memory allowed the shuffle buffer takes a half, recordings that validation or scores read on demand a quarter,
the sample an eighth; the last eighth is for the recording that is being read.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from ..runtime.seeds import seed_for
from .loading import GIB, Recordings, stored_windows
from .sensor_windows import SensorWindows
from .window_dataset import WindowDataset, digest_of

BUFFER_SHARE, KEPT_SHARE, SAMPLE_SHARE = 1 / 2, 1 / 4, 1 / 8
"""Of the memory allowed: the shuffle buffer, recordings read on demand, the sample."""
SAMPLE_WINDOWS = 10_000
"""Windows of all recordings at most that stay in memory, to scale both sides by: 300 MB of five sites."""


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
    sample: WindowDataset = field(repr=False)
    """A share of them in memory, the same for every recording."""
    digest: str
    """SHA-256 of them all."""

    def __len__(self) -> int:
        return self.rows[1] - self.rows[0]


@dataclass(frozen=True)
class StreamingDataset:
    """The training windows of a run past memory."""

    windows: WindowDataset
    """All usable windows of the cache, on streams that stay there."""
    recordings: tuple[IndexedRecording, ...]
    """Those that are trained on."""
    capacity: int
    """Windows that the shuffle buffer holds."""
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
    def sample(self) -> WindowDataset:
        """Windows of every recording, for the shapes and scales of both sides."""
        return _joined([recording.sample for recording in self.recordings])

    @property
    def digest(self) -> str:
        """SHA-256 of all windows."""
        return hashlib.sha256("".join(recording.digest for recording in self.recordings).encode()).hexdigest()

    def read(self, number: int) -> WindowDataset:
        """The windows of recording number `number`, in memory."""
        first, stop = self.recordings[number].rows
        return self.windows.take(torch.arange(first, stop)).in_memory()

    def of(self, horses: Collection[str]) -> "StreamingDataset":
        """Those of these horses."""
        return replace(self, recordings=tuple(one for one in self.recordings if one.horse in horses))


def window_bytes(recordings: Recordings, *, jitter_steps: int) -> int:
    """Bytes of a window in the buffer: its sensors, with the margins for jitter, and its film feature."""
    steps = recordings.settings.windows.steps + 2 * jitter_steps
    return (4 * recordings.channels + 1) * steps + 4 * max(recordings.film_dim, 1)


def index_recordings(recordings: Recordings, *, needs: TrainingNeeds) -> tuple[StreamingDataset, tuple[str, ...]]:
    """Reads every recording once: what can be trained on, and every horse that has a valid window, sorted."""
    room = needs.memory_gib * GIB / window_bytes(recordings, jitter_steps=needs.jitter_steps)
    windows = stored_windows(recordings, most_bytes=int(needs.memory_gib * GIB * KEPT_SHARE))
    usable = windows.filmed() if needs.needs_film else windows.without_film(dim=max(recordings.film_dim, 1))
    share = min(room * SAMPLE_SHARE / 2, SAMPLE_WINDOWS, len(usable)) / max(len(usable), 1)  # joined: held twice
    indexed = tuple(_index(usable, rows=rows, share=share, seed=needs.seed) for rows in _spans(usable))
    capacity = int(room * BUFFER_SHARE)
    return StreamingDataset(usable, indexed, capacity=capacity, memory_gib=needs.memory_gib), windows.horses


def _spans(windows: WindowDataset) -> Iterator[tuple[int, int]]:
    """First row and the one after the last of each recording."""
    _, counts = windows.imu.recording.unique_consecutive(return_counts=True)  # type: ignore[no-untyped-call]  # torch's own
    stops = counts.cumsum(0)
    yield from zip((stops - counts).tolist(), stops.tolist(), strict=True)


def _index(usable: WindowDataset, *, rows: tuple[int, int], share: float, seed: int) -> IndexedRecording:
    """One recording and its share of the sample: at least one window, drawn by the run's seed."""
    windows = usable.take(torch.arange(*rows))
    film = windows.film[:]
    windows = replace(windows, film=film)
    random = np.random.default_rng(seed_for(f"sample of {windows.recording[0]}", seed))
    drawn = random.permutation(len(windows))[: max(1, int(share * len(windows)))]
    sample = windows.take(np.sort(drawn))
    return IndexedRecording(
        horse=windows.horse[0],
        rows=rows,
        mean_film=film.mean(0),
        sample=replace(sample, imu=SensorWindows.of(sample.imu[:])),
        digest=digest_of(windows),
    )


def _joined(parts: Sequence[WindowDataset]) -> WindowDataset:
    """Data sets of the same sites, classes and teacher, one after the other."""
    films = [part.film[:] for part in parts]
    seconds = [part.film_seconds for part in parts if part.film_seconds is not None]
    return replace(
        parts[0],
        imu=SensorWindows.of(torch.cat([part.imu[:] for part in parts])),
        film=torch.cat(films),
        has_film=torch.cat([part.has_film for part in parts]),
        label=np.concatenate([part.label for part in parts]),
        horse=tuple(horse for part in parts for horse in part.horse),
        recording=tuple(recording for part in parts for recording in part.recording),
        start_seconds=torch.cat([part.start_seconds for part in parts]),
        film_seconds=torch.cat(seconds) if seconds else None,
    )
