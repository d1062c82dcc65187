"""Sensors among themselves: whether they share a clock, and what takes one that does not to the first one's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .evidence import Evidence
from .line import fit_line
from .score import score_curve
from .sensors import UnitSignals, channel_of, sensor_evidence
from .settings import SyncSpec
from .windows import best_line, on_line, window_table

SAME_CLOCK_SECONDS = 0.30
"""Units closer than this by activity and rhythm share a clock. Those are known to a fraction of a second; the phase of
sites that move out of step by up to half a stride proves nothing."""
CLEAR_LEAD = 0.10
"""A unit's stamps are doubted only when activity and rhythm fit elsewhere better by this."""


@dataclass(frozen=True)
class UnitClock:
    """One sensor against the clock of the first."""

    site: str
    offset_seconds: float
    """To add to this unit's times; 0 when its stamps are trusted."""
    used: bool
    """Whether it took part in the synchronisation."""
    note: str
    """What the check found."""


def align_units(
    units: Sequence[UnitSignals], *, spec: SyncSpec
) -> tuple[tuple[UnitSignals, ...], tuple[UnitClock, ...]]:
    """Units on the clock of the one with most valid samples: stamps are checked, and moved when clearly wrong."""
    if not units:
        return (), ()
    reference = max(units, key=lambda u: (channel_of(u.site) not in (None, "head"), int(u.valid.sum())))
    anchor = sensor_evidence([reference], apart=False)
    moved, clocks = [], []
    for unit in units:
        clock = UnitClock(unit.site, 0.0, True, "reference")
        if unit is not reference:
            clock = _against(unit, sensor_evidence([unit], apart=False), anchor, spec=spec)
        clocks.append(clock)
        if clock.used:
            moved.append(replace(unit, start_seconds=unit.start_seconds + clock.offset_seconds))
    return tuple(moved), tuple(clocks)


def _against(unit: UnitSignals, own: Evidence, anchor: Evidence, *, spec: SyncSpec) -> UnitClock:
    search = SyncSpec(max_drift_ppm=spec.max_drift_ppm, min_overlap_seconds=spec.min_overlap_seconds)
    curve = score_curve(own, anchor, spec=search)
    if not np.isfinite(curve.context).any():
        return UnitClock(unit.site, 0.0, False, "no stretch of time shared with the other units: left out")
    near = np.abs(curve.offset_seconds) <= SAME_CLOCK_SECONDS
    best = float(np.nanmax(curve.context))
    if near.any() and float(np.max(np.nan_to_num(curve.context[near], nan=-1.0))) >= best - CLEAR_LEAD:
        return UnitClock(unit.site, 0.0, True, "shares the clock")
    likely = np.where(curve.context >= best - CLEAR_LEAD, curve.score, -np.inf)
    offset = float(curve.offset_seconds[int(np.nanargmax(likely))])
    table = window_table(own, anchor, offset_seconds=offset, spec=search)
    _, shift, drift = best_line(table, reach_seconds=0.2, spec=search)
    line = fit_line(table, shift_seconds=shift, drift_ppm=drift, spec=search)
    profile = on_line(table, shift_seconds=table.shift_seconds, drift_ppm=drift)
    outside = np.abs(table.shift_seconds - shift) > 0.12
    clear = float(np.interp(shift, table.shift_seconds, profile)) - float(profile[outside].max())
    total = offset + line.shift_seconds
    if clear < CLEAR_LEAD or line.inlier.sum() < spec.thresholds.inliers:
        return UnitClock(unit.site, total, False, f"its stamps are about {total:+.1f} s off the other units': left out")
    return UnitClock(unit.site, total, True, f"its stamps are {total:+.3f} s off the other units': moved")
