"""What a synchronisation hands back: the clock if it was found, how sure, why or why not; and the `sync.json` of it."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..files import refuse_link_away, write_atomically
from ..recording import ClockMap
from .alignment_features import AlignmentFeatures
from .anchor_events import PairResidual
from .clock_step import ClockStep
from .units import UnitClock


class Verdict(StrEnum):
    """What may be done with the clock."""

    ACCEPT = "ACCEPT"
    """Use it."""
    REVIEW = "REVIEW"
    """Probably right: a person should check it first."""
    REFUSE = "REFUSE"
    """Not known: there is no clock."""


@dataclass(frozen=True)
class WindowResidual:
    """One window of film against the line that was found."""

    film_seconds: float
    """The window's middle."""
    residual_s: float | None
    """Its own best offset less the line's; None when it moves too little or fits nowhere near."""
    correlation: float | None
    """How well it fits there."""
    inlier: bool
    """Whether it agrees with the line."""


@dataclass(frozen=True)
class Rival:
    """Another offset that was compared with the one found, all windows together."""

    name: str
    """What it is, e.g. `a stride later`."""
    offset_s: float
    score: float


@dataclass(frozen=True)
class Plot:
    """What a page draws: not needed for the clock."""

    offset_s: Float64[Array, "lags"] = field(repr=False)
    """Offsets of the score curve."""
    score: Float64[Array, "lags"] = field(repr=False)
    """Score of each, NaN where not searched."""
    imu: AlignmentFeatures | None = field(repr=False)
    """The sensors' features, on IMU time."""
    film: AlignmentFeatures | None = field(repr=False)
    """The film's features, on film time."""


@dataclass(frozen=True)
class SyncResult:
    """The clock between sensors and film, or the reasons why there is none."""

    clock: ClockMap | None
    """From IMU time to film time; None when refused."""
    offset_s: float | None
    """Film time minus IMU time at `reference_s`; the best guess even when refused, None without one."""
    drift_ppm: float | None
    """By how much film time runs faster."""
    reference_s: float | None
    """IMU time at which the offset is exact."""
    sigma_s: float | None
    """Standard uncertainty of the offset."""
    gap: float | None
    """Score of the offset found less that of its best rival."""
    verdict: Verdict
    reasons: tuple[str, ...]
    """What stands against the clock, and what was done by hand. Empty for a plain ACCEPT."""
    windows: tuple[WindowResidual, ...] = field(repr=False)
    rivals: tuple[Rival, ...] = field(repr=False)
    """Strides earlier and later, half strides, other peaks, the film upside down."""
    clock_step: ClockStep | None
    """A step of a clock in mid-recording, if one was seen."""
    units: tuple[UnitClock, ...]
    """Each sensor against the first one's clock."""
    plot: Plot = field(repr=False)
    pairs: tuple[PairResidual, ...] = ()
    """Known pairs that a person gave, against the clock."""
    film: Path | None = None
    """The film that was compared; None where only its motion was given."""
    manifest: str = ""
    """What became of the clock in the recording's manifest, in words; empty for bare files."""


def write_sync(result: SyncResult, path: Path) -> Path:
    """Write `sync.json`: what was found, the verdict with its reasons, and what was compared."""
    content = {
        "offset_s": _rounded(result.offset_s),
        "drift_ppm": _rounded(result.drift_ppm, digits=3),
        "reference_s": _rounded(result.reference_s),
        "sigma_s": _rounded(result.sigma_s),
        "gap": _rounded(result.gap, digits=4),
        "verdict": str(result.verdict),
        "reasons": list(result.reasons),
        "origin": result.clock.origin if result.clock else None,
        "jump": _clock_step(result.clock_step),
        "events": [
            {
                "film_seconds": each.pair.film_seconds,
                "imu_seconds": each.pair.imu_seconds,
                "residual_s": _rounded(each.residual_s),
            }
            for each in result.pairs
        ],
        "units": [
            {"site": u.site, "offset_s": _rounded(u.offset_seconds), "used": u.used, "note": u.note}
            for u in result.units
        ],
        "rivals": [
            {"name": r.name, "offset_s": _rounded(r.offset_s), "score": _rounded(r.score)} for r in result.rivals
        ],
        "windows": [
            {
                "film_seconds": _rounded(w.film_seconds),
                "residual_s": _rounded(w.residual_s),
                "correlation": _rounded(w.correlation, digits=3),
                "inlier": w.inlier,
            }
            for w in result.windows
        ],
    }
    refuse_link_away(path)
    write_atomically(path, json.dumps(content, indent=2) + "\n")
    return path


def _clock_step(clock_step: ClockStep | None) -> dict[str, object] | None:
    if clock_step is None:
        return None
    return {
        "film_seconds": _rounded(clock_step.film_seconds),
        "step_s": _rounded(clock_step.step_seconds),
        "sure": clock_step.sure,
        "likelier": clock_step.likelier,
    }


def _rounded(value: float | None, *, digits: int = 6) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), digits)
