"""What travels through equigait: sensor streams, films, bouts, the clock between them, and a recording of all of these.

Intervals are [start, stop). Times are seconds. Film time is the film's own presentation time (PTS); IMU time is the
sensor files' own clock. `ClockMap` takes IMU time to film time.
"""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from .conditions import UNNOTED, Conditions
from .large_arrays import row_blocks
from .packets import PacketTable


@dataclass(frozen=True)
class ImuStream:
    """One sensor's samples as read: body axes, SI units, its own clock, nothing interpolated."""

    site: str
    """Where it was mounted, e.g. `withers`."""
    time_seconds: Float64[Array, "samples"]
    """IMU time of each sample, strictly increasing."""
    specific_force: Float64[Array, "samples 3"]
    """Specific force along x forward, y left, z up, in m/s^2: +9.81 along z at rest. NaN where a sample is bad."""
    angular_rate: Float64[Array, "samples 3"]
    """Angular rate about x, y, z in rad/s. NaN where a sample is bad."""
    source: Path
    """The file it came from, for messages."""
    stated_rate_hz: float | None = None
    """The rate that manifest or file state; None where neither does."""
    remarks: tuple[str, ...] = ()
    """What the file says against its own values, for people."""
    gravity_removed: bool = False
    """Whether the device subtracted gravity: `specific_force` is then its linear acceleration."""

    def __post_init__(self) -> None:
        later, earlier = self.time_seconds[1:], self.time_seconds[:-1]
        if not all(bool((later[rows] > earlier[rows]).all()) for rows in row_blocks(later)):
            raise ValueError(f"{self.source}: sample times of {self.site} must increase strictly")

    @cached_property
    def rate_hz(self) -> float:
        """The sampling rate from the median spacing of the samples."""
        return float(1.0 / np.median(np.diff(self.time_seconds), overwrite_input=True))


@dataclass(frozen=True)
class Video:
    """A film as its packets describe it, before a single frame is decoded."""

    path: Path
    """The film file."""
    width: int
    """Width of the decoded frames in pixels, before rotation."""
    height: int
    """Height of the decoded frames in pixels, before rotation."""
    rotation_degrees: int
    """Counter-clockwise rotation that shows the film upright: 0, 90, 180 or 270."""
    frame_seconds: Float64[Array, "frames"]
    """Presentation time of every frame, increasing: never frame / fps."""
    player_start_seconds: float | None = None
    """Presentation time at which players show 0: where the file begins, sound included; None: at the first frame."""
    pixel_aspect: float = 1.0
    """Width of a pixel over its height, as the film states it, before rotation."""
    interlaced: bool = False
    """Whether a frame holds two fields, taken one after the other."""
    packets: PacketTable | None = field(default=None, repr=False, compare=False)
    """What each packet is to the others, for decoding; None where it was not kept (it is read again then)."""
    sha256: str | None = field(default=None, repr=False, compare=False)
    """SHA-256 of the file, hexadecimal, where it was hashed while its packets were read."""

    @property
    def start_seconds(self) -> float:
        """Presentation time of the first frame."""
        return float(self.frame_seconds[0])

    @property
    def stop_seconds(self) -> float:
        """The end of the last frame, taking it to last as long as the median frame."""
        spacing = float(np.median(np.diff(self.frame_seconds))) if self.frame_seconds.size > 1 else 0.0
        return float(self.frame_seconds[-1]) + spacing


@dataclass(frozen=True)
class Bout:
    """A stretch of one gait or activity, in film time."""

    start_seconds: float
    """Film time at which it begins."""
    stop_seconds: float
    """Film time at which it ends (exclusive)."""
    label: str
    """What was done, in the vocabulary of the recipe's labels after the manifest's label map."""

    def __post_init__(self) -> None:
        if not self.stop_seconds > self.start_seconds:
            raise ValueError(f"a bout must end after it starts: {self}")


@dataclass(frozen=True)
class ClockMap:
    """Takes IMU time to film time: film = imu + offset_seconds + drift_ppm * 1e-6 * (imu - reference_seconds)."""

    offset_seconds: float
    """Film time minus IMU time at `reference_seconds`."""
    drift_ppm: float = 0.0
    """By how many parts per million film time runs faster than IMU time."""
    reference_seconds: float = 0.0
    """IMU time at which `offset_seconds` is exact."""
    origin: str = "known"
    """Where it came from: `known` (one clock, or simulated), `by-hand`, or `sync`."""

    def to_film(self, imu_seconds: Float64[Array, "..."]) -> Float64[Array, "..."]:
        """Film time of IMU times, in seconds."""
        drift = self.drift_ppm * 1e-6 * (imu_seconds - self.reference_seconds)
        return imu_seconds + (self.offset_seconds + drift)

    def to_imu(self, film_seconds: Float64[Array, "..."]) -> Float64[Array, "..."]:
        """IMU time of film times, in seconds: the exact inverse of `to_film`."""
        shifted = film_seconds - self.offset_seconds - self.reference_seconds
        return self.reference_seconds + shifted / (1.0 + self.drift_ppm * 1e-6)


@dataclass(frozen=True)
class Recording:
    """One horse, one stretch of time: its sensor streams, its film if there is one, its labels, and the clock."""

    id: str
    """Unique in the data set; the folder's name unless the manifest says otherwise."""
    horse: str
    """Who was recorded: splits go by this name."""
    manifest: Path
    """The `recording.yaml` that it was read from."""
    streams: tuple[ImuStream, ...]
    """Sensor streams, in the order of the manifest."""
    video: Video | None
    """The film, or None for a recording of sensors alone."""
    bouts: tuple[Bout, ...]
    """Labelled bouts in film time, by start. Time without a bout is unlabelled."""
    clock: ClockMap
    """From IMU time to film time."""
    keypoints: Path | None = None
    """The file of joints in the film's frames, if there is one."""
    conditions: Conditions = UNNOTED
    """What a person wrote down of the ride."""


@dataclass(frozen=True)
class Grid:
    """All sensors of a recording on one uniform grid in film time (50 Hz by default)."""

    start_seconds: float
    """Film time of row 0."""
    rate_hz: float
    """Rows a second."""
    sites: tuple[str, ...]
    """Sites in channel order."""
    imu: np.ndarray = field(repr=False)
    """`[rows, 6 * sites]` float32: site by site ax ay az (m/s^2) gx gy gz (rad/s). NaN where not valid."""
    imu_valid: Bool[Array, "rows sites"] = field(repr=False)
    """Whether a row of a site rests on real samples: false across gaps of more than three samples, NaN, or outside."""
    source: Path | None = field(default=None, compare=False)
    """The manifest of the recording that it was made from, for messages."""
    signals: str = "all"
    """What the channels hold, see `resample.GridSpec.signals`."""

    @property
    def stop_seconds(self) -> float:
        """Film time just after the last row."""
        return self.start_seconds + len(self.imu) / self.rate_hz


@dataclass(frozen=True)
class ClipGrid:
    """Which frames of a film make which clips: clips on the film's own time grid, frames shared between neighbours."""

    frame_index: np.ndarray = field(repr=False)
    """`[clips, clip_frames]` int64: frames in presentation order."""
    start_seconds: Float64[Array, "clips"]
    """Film time of each clip's first sampled frame."""
    stop_seconds: Float64[Array, "clips"]
    """Film time one sampling interval after each clip's last sampled frame."""


@dataclass(frozen=True)
class WindowIndex:
    """The windows of one recording: rows of its grid, the clips inside each, its label. One entry a window."""

    start_row: np.ndarray
    """int64: first grid row."""
    clip_first: np.ndarray
    """int64: first clip that lies inside the window."""
    clip_count: np.ndarray
    """int64: how many clips lie inside it, 0 when the film does not cover it."""
    label: np.ndarray
    """int16: index into the label vocabulary, or UNLABELLED, or TRANSITION."""
    valid: np.ndarray
    """bool: every row of every site is valid."""


UNLABELLED = -1
"""No bout covers enough of the window. Unlabelled time is never `stand`."""
TRANSITION = -2
"""Bouts cover the window, but none of them 80 % of it."""
