"""What an inspection hands back: facts, refusals and suspicions of each recording, and the JSON of them."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..files import write_atomically
from ..words import WORDS, Words

Span = tuple[float, float]
"""[start, stop) in seconds."""


@dataclass(frozen=True)
class Envelope:
    """A long signal as a page draws it: its lowest and highest value in each of a few hundred columns of time."""

    start_seconds: float
    stop_seconds: float
    low: Float64[Array, "columns"] = field(repr=False)
    """NaN where the column holds no sample."""
    high: Float64[Array, "columns"] = field(repr=False)


@dataclass(frozen=True)
class SensorFacts:
    """What one sensor's samples show. Shares are of 1."""

    samples: int
    start_seconds: float
    """Time of the first sample on the sensors' own clock."""
    duration_seconds: float
    rate_hz: float
    """As its sample times have it; equal to `stated_rate_hz` for a file without times."""
    stated_rate_hz: float | None
    """As manifest or file state it."""
    lost_share: float
    """Samples that are missing between the first and the last, or not numbers."""
    gaps: int
    """Holes of more than three samples, which windows never cross."""
    longest_gap_seconds: float
    force_clipped_share: float
    """Samples of which some axis of the accelerometer is at the end of its range."""
    turning_clipped_share: float
    """The same of the gyroscope."""
    repeated_share: float
    """Samples that repeat the one before in all axes."""
    gravity_m_s2: float | None
    """|a| where the sensor rests most: about 9.81."""
    up: tuple[float, float, float] | None
    """Where gravity says up is, in body axes, length 1: near (0, 0, 1) as declared."""
    at_rest: bool = False
    """Whether the sensor is still where `gravity_m_s2` was measured."""
    clock_offset_seconds: float = 0.0
    """By how much its stamps seem off the other sensors'; 0 when they agree."""
    drift_ppm: float | None = None
    """By how much it seems to run slower than the sensor that the others are compared with; None where unknown."""
    drift_sigma_ppm: float | None = None
    """Standard uncertainty of that; None for that sensor itself."""


@dataclass(frozen=True)
class SensorReport:
    """One sensor of a recording: its facts, or why it is refused."""

    site: str
    file: str
    facts: SensorFacts | None
    refusal: str | None = None
    remarks: tuple[str, ...] = ()
    """What is suspect without being impossible."""
    force: Envelope | None = field(default=None, repr=False)
    """|a| over time, in m/s^2."""
    gaps: tuple[Span, ...] = field(default=(), repr=False)
    """When the holes of more than three samples are."""


@dataclass(frozen=True)
class FilmFacts:
    """What the packets of a film show."""

    file: str
    frames: int
    start_seconds: float
    duration_seconds: float
    rate_hz: float
    """Frames a second, holes left out."""
    steady: bool
    """Whether frames come at even distances; dropped ones can only be counted then."""
    dropped: int
    """Frames missing at that rate; of an uneven film only what holes of a quarter of a second and more would hold."""
    longest_gap_seconds: float
    width: int
    height: int
    intervals: Envelope = field(repr=False)
    """Milliseconds between frames."""
    pixel_aspect: float = 1.0
    """Width of a pixel over its height, as the film is shown."""
    interlaced: bool = False
    """Whether a frame holds two fields, taken one after the other."""


@dataclass(frozen=True)
class LabelFacts:
    """How much of a recording is labelled."""

    bouts: int
    covered_share: float
    """Of the time that the sensors share."""
    seconds: dict[str, float]
    """By label, within that time."""
    spans: tuple[tuple[float, float, str], ...] = field(repr=False)
    """Start, stop in film time, label."""


@dataclass(frozen=True)
class ClockFacts:
    """What is known of the clock between film and sensors."""

    origin: str | None
    """Of the manifest's clock: known, by-hand or sync; None without one."""
    offset_seconds: float | None
    drift_ppm: float | None
    reference_seconds: float
    """Sensor time at which the offset is exact."""
    verdict: str | None
    """Of the last `sync`: ACCEPT, REVIEW or REFUSE; None where there was none."""
    reasons: tuple[str, ...] = ()
    """Of that verdict."""
    found_offset_seconds: float | None = None
    """What that `sync` found, accepted or not."""


@dataclass(frozen=True)
class RecordingReport:
    """One recording: what it is, why it is refused if it is, and what is suspect."""

    id: str
    horse: str
    manifest: Path
    refusals: tuple[str, ...]
    """Why no other command would take it; empty for a sound one."""
    remarks: tuple[str, ...]
    sensors: tuple[SensorReport, ...]
    film: FilmFacts | None
    labels: LabelFacts | None
    clock: ClockFacts
    words: Words = WORDS
    """What its manifest calls who was recorded and what they did."""
    labels_file: str | None = None
    """The label file that the manifest names, whether its labels could be placed or not."""

    @property
    def settling_command(self) -> str | None:
        """The command that gives a filmed recording its clock; None where it has one, or a person must decide first."""
        return None if self.film is None else settling_command(self.clock, self.manifest)

    @property
    def refused(self) -> bool:
        """Whether anything of it is refused."""
        return bool(self.refusals) or any(sensor.refusal for sensor in self.sensors)


def settling_command(clock: ClockFacts, manifest: Path) -> str | None:
    """The command that gives the recording of this manifest its clock; None where it has one or none was found."""
    words = ["equigait-cli", "sync", str(manifest.resolve())]
    if clock.origin is None and clock.verdict is None:
        return shlex.join(words)
    if clock.origin is not None or clock.verdict == "REFUSE" or clock.found_offset_seconds is None:
        return None
    return shlex.join([*words, "--offset", f"{clock.found_offset_seconds:.4f}"])


def write_json(reports: Sequence[RecordingReport], path: Path) -> None:
    """Write `{"version": 1, "recordings": [...]}`: each with the fields of `RecordingReport`, without what pages draw.

    Keys are the field names: seconds, Hz and shares as they say; `refused` says whether any command would refuse it.
    """
    content = {"version": 1, "recordings": [_plain(report) for report in reports]}
    write_atomically(path, json.dumps(content, indent=1, allow_nan=False) + "\n")


def _plain(report: RecordingReport) -> dict[str, object]:
    words = report.words.model_dump()
    values = asdict(report) | {"manifest": str(report.manifest), "refused": report.refused, "words": words}
    for drawn in ("force", "gaps"):
        for sensor in values["sensors"]:
            del sensor[drawn]
    for part, drawn in (("film", "intervals"), ("labels", "spans")):
        if values[part] is not None:
            del values[part][drawn]
    return {key: _finite(value) for key, value in values.items()}


def _finite(value: object) -> object:
    """Rounded, so that files can be compared; what is not a number becomes null."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    if isinstance(value, float):
        return round(value, 6) if np.isfinite(value) else None
    return value
