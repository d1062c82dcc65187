"""Sensors among themselves: whether they share a clock, and what takes one that does not to the first one's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .alignment_features import AlignmentFeatures
from .clock_fit import fit_clock
from .score import SAME_LAG_SECONDS, ScoreCurve, score_curve
from .sensors import UnitSignals, channel_of, sensor_features
from .settings import SyncSpec
from .windows import best_line, on_line, window_table

SAME_CLOCK_SECONDS = 0.30
"""Units closer than this by activity and rhythm share a clock. Those are known to a fraction of a second; the phase of
sites that move out of step by up to half a stride proves nothing."""
CLEAR_LEAD = 0.20
"""Stamps are doubted only when activity and rhythm fit elsewhere better by this: sites of one body differ too."""
OPPOSED = -0.05
"""Units on one horse never oppose each other: below this, activity and rhythm at equal stamps are of different rides.
Of 372 pairs of units on one clock (people's legs, simulated horses), none came below 0."""
CLEAR_PEAK = 0.10
"""A doubted unit is moved only when its motion fits one offset better than any other nearby by this."""


@dataclass(frozen=True)
class UnitClock:
    """One sensor against the clock that most share."""

    site: str
    offset_seconds: float
    """To add to this unit's times; 0 when its stamps are trusted."""
    used: bool
    """Whether it took part in the synchronisation."""
    note: str
    """What the check found."""
    stray: bool = False
    """Its stamps are not the others', and by how much is not clear enough: whoever uses them is misled."""


def align_units(
    units: Sequence[UnitSignals], *, spec: SyncSpec
) -> tuple[tuple[UnitSignals, ...], tuple[UnitClock, ...]]:
    """Units on one clock: the stamps that most units agree on are trusted, others moved to them or left out."""
    spec = spec.model_copy(update={"events": ()})  # those are between film and sensors
    features = [sensor_features([unit], apart=False) for unit in units]
    agreeing: list[int] = []
    for anchor in features:  # the first anchor nearly always has the others with it
        others = [k for k, own in enumerate(features) if own is anchor or _rhythm_offset(own, anchor) == 0.0]
        agreeing = max(agreeing, others, key=len)
        if 2 * len(agreeing) > len(units):
            break
    clocks = []
    for k, unit in enumerate(units):
        if k in agreeing:
            clocks.append(UnitClock(unit.site, 0.0, True, "shares the clock"))
        else:
            clocks.append(_stray(unit, features[k], [(units[a], features[a]) for a in agreeing], spec=spec))
    moved = [
        replace(unit, start_seconds=unit.start_seconds + clock.offset_seconds)
        for unit, clock in zip(units, clocks, strict=True)
        if clock.used
    ]
    return tuple(moved), tuple(clocks)


def _rhythm_offset(own: AlignmentFeatures, anchor: AlignmentFeatures) -> float | None:
    """By how much one unit's stamps are off another's, by activity and rhythm: 0 unless clearly so, None if nowhere."""
    curve = _curve(own, anchor)
    if not np.isfinite(curve.context).any():
        return None
    near = np.abs(curve.offset_seconds) <= SAME_CLOCK_SECONDS
    best = float(np.nanmax(curve.context))
    by_stamps = float(np.max(np.nan_to_num(curve.context[near], nan=-1.0))) if near.any() else -1.0
    if by_stamps >= best - CLEAR_LEAD:
        return 0.0 if by_stamps >= OPPOSED else None
    return float(curve.offset_seconds[int(np.nanargmax(curve.context))])


def _stray(
    unit: UnitSignals,
    own: AlignmentFeatures,
    agreeing: Sequence[tuple[UnitSignals, AlignmentFeatures]],
    *,
    spec: SyncSpec,
) -> UnitClock:
    """A unit whose stamps are not the others': moved when one that rises and falls with it tells by how much."""
    about = _rhythm_offset(own, agreeing[0][1])
    if about is None:
        return UnitClock(
            unit.site, 0.0, False, "no stretch of time in which it moves as the other units do: left out", stray=True
        )
    note = f"its stamps are about {about:+.1f} s off the other units': left out"
    for partner, anchor in agreeing:
        if channel_of(partner.site) != channel_of(unit.site):
            continue
        offset, clear = _fine_offset(own, anchor, about=about, spec=spec)
        if clear >= CLEAR_PEAK:
            return UnitClock(unit.site, offset, True, f"its stamps are {offset:+.3f} s off the other units': moved")
    return UnitClock(unit.site, about, False, note, stray=True)


def _fine_offset(
    own: AlignmentFeatures, anchor: AlignmentFeatures, *, about: float, spec: SyncSpec
) -> tuple[float, float]:
    """The offset to a fraction of a sample, and the lead of its correlation over every other nearby."""
    table = window_table(own, anchor, offset_seconds=about, spec=spec)
    _, shift, drift = best_line(table, reach_seconds=2.0, spec=spec)
    line = fit_clock(table, shift_seconds=shift, drift_ppm=drift, spec=spec)
    profile = on_line(table, shift_seconds=table.shift_seconds, drift_ppm=drift)
    outside = np.abs(table.shift_seconds - line.shift_seconds) > SAME_LAG_SECONDS
    clear = float(np.interp(line.shift_seconds, table.shift_seconds, profile)) - float(profile[outside].max())
    return about + line.shift_seconds, clear


def _curve(own: AlignmentFeatures, anchor: AlignmentFeatures) -> ScoreCurve:
    """Over every lag at which the two share half of the shorter: chance agrees with less. What is looked at, activity
    and rhythm, no drift could blur."""
    shared = max(min(own.duration_seconds, anchor.duration_seconds) / 2, 1.0)
    return score_curve(own, anchor, spec=SyncSpec(max_drift_ppm=0.0, min_overlap_seconds=shared))
