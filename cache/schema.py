"""What lies in the cache: segments, their fingerprints, and the manifest entries that commit them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jaxtyping import Float16, Float64
from numpy import ndarray as Array

from ..data.recording import Grid, WindowIndex

SCHEMA_VERSION = 1
"""Raised when the layout of a segment or the meaning of an array changes; caches of another version are refused."""

CHUNK_BYTES = 1024 * 768 * 2
"""Size of a chunk before compression: 1024 clip embeddings of 768 float16, or 13,107 grid rows of 30 float32.

One row in a chunk reads a hundred times slower; 1024 grid rows would make 180 files of an hour, each to be synced.
"""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What went into a segment: the same content always has the same fingerprint, and nothing else has it."""

    film_key: str
    """SHA-256 of film bytes, teacher identity, clip spec and schema version; empty when there is no film."""
    sensor_key: str
    """SHA-256 of the grid's arrays, clock, window spec, bouts and schema version."""
    teacher: Mapping[str, Any] = field(default_factory=dict)
    """The teacher's identity as JSON would hold it; empty when there is no film."""
    clip_spec: Mapping[str, Any] = field(default_factory=dict)
    """How clips were laid on the film, as JSON would hold it; empty when there is no film."""


@dataclass(frozen=True)
class FilmClips:
    """What the teacher saw in one film: enough to pool windows anew without the teacher."""

    clips: Float16[Array, "clips dim"] = field(repr=False)
    """One embedding a clip."""
    clip_start_s: Float64[Array, "clips"] = field(repr=False)
    """Film time of each clip's first sampled frame, in seconds."""
    clip_stop_s: Float64[Array, "clips"] = field(repr=False)
    """Film time one sampling interval after each clip's last sampled frame, in seconds."""


@dataclass(frozen=True)
class Segment:
    """All that the second phase needs of one recording: sensors, clip embeddings, and the windows that pair them."""

    recording_id: str
    """The recording, unique in the cache."""
    horse: str
    """Who was recorded: splits go by this name."""
    grid: Grid = field(repr=False)
    """The sensors, in film time."""
    clips: Float16[Array, "clips dim"] = field(repr=False)
    """One embedding a clip; no rows when there is no film."""
    clip_start_s: Float64[Array, "clips"] = field(repr=False)
    """Film time of each clip's first sampled frame, in seconds."""
    clip_stop_s: Float64[Array, "clips"] = field(repr=False)
    """Film time one sampling interval after each clip's last sampled frame, in seconds."""
    windows: WindowIndex = field(repr=False)
    """The windows: rows of the grid, clips inside, label, validity."""
    labels: tuple[str, ...]
    """The label vocabulary that `windows.label` points into."""
    window_steps: int
    """Rows in a window."""
    fingerprint: Fingerprint = field(repr=False)
    """What went in."""
    purity: float | None = None
    """Share of a window that its label covers at least; None where an older version did not say."""

    def __post_init__(self) -> None:
        clips = len(self.clips)
        if not clips == len(self.clip_start_s) == len(self.clip_stop_s):
            raise ValueError(
                f"{self.recording_id}: {clips = }, {len(self.clip_start_s) = }, {len(self.clip_stop_s) = }"
            )
        starts, counts = self.windows.start_row, self.windows.clip_count
        if starts.size and int(starts.max()) + self.window_steps > len(self.grid.imu):
            raise ValueError(f"{self.recording_id}: a window starts at row {starts.max()} of {len(self.grid.imu)}")
        if counts.size and int((self.windows.clip_first + counts)[counts > 0].max(initial=0)) > clips:
            raise ValueError(f"{self.recording_id}: a window holds clips beyond the {clips} there are")


@dataclass(frozen=True)
class StoredObject:
    """One object of a committed segment, as it was written."""

    path: str
    """Its path in the store."""
    size: int
    """Bytes."""
    sha256: str
    """SHA-256 of its bytes, hexadecimal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A committed segment as its manifest entry states it: what it is, and every object that it consists of.

    Some kilobytes each, for a cache of a hundred thousand recordings is opened by holding as many.
    """

    recording_id: str
    """The recording."""
    horse: str
    """Who was recorded."""
    key: str
    """SHA-256 of recording id, horse, film key and sensor key: the segment's name."""
    attempt: str
    """Which writing of it was committed: its objects lie under `seg/<key>/<attempt>/`."""
    generation: int
    """One more than the highest that the recording had when this was committed: the order of its segments, whatever
    the clocks of those who wrote them say. 0 in entries of earlier releases."""
    teacher_key: str
    """Names teacher and clip spec; empty without film."""
    fingerprint: Fingerprint = field(repr=False)
    """What went in."""
    committed_at: str
    """UTC, ISO 8601, to the microsecond, by the writer's clock."""
    rows: int
    """Rows of the grid."""
    windows: int
    """Windows, valid or not."""
    clips: int
    """Clips of the film."""
    listing: str = field(repr=False)
    """Its objects, one after the other with `;` between them: name within the folder, size and SHA-256."""
    samples_digest: str = field(repr=False)
    """The `samples_digest` of its listing: equal for equal stored samples, in whatever segment they lie."""
    path: str = field(default="", compare=False, repr=False)
    """Where its manifest entry lies."""

    @property
    def folder(self) -> str:
        """Where its objects lie in the store, without a closing slash."""
        return f"seg/{self.key}/{self.attempt}"

    @property
    def order(self) -> tuple[int, str, str, str]:
        """Sorts the segments of a recording as they were committed; it is total, so that one always comes last."""
        return self.generation, "" if self.generation else self.committed_at, self.key, self.path

    @property
    def objects(self) -> tuple[StoredObject, ...]:
        """Every object of the segment."""
        rows = (line.split(" ") for line in self.listing.split(";"))
        return tuple(StoredObject(f"{self.folder}/{name}", int(size), sha256) for name, size, sha256 in rows)
