"""Sensors among themselves: whether they share a clock, and what takes one that does not to the first one's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .evidence import Evidence
from .line import fit_line
from .score import score_curve
from .sensors import UnitSignals, sensor_evidence
from .settings import SyncSpec
from .windows import best_line, on_line, window_table

SAME_CLOCK_SECONDS = 0.10
"""Units closer than this share a clock: their sites move up to a tenth of a second out of step within one stride."""
CLEAR_LEAD = 0.05
"""A unit is moved only when another offset leads its own stamps by this."""


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


def align_units(units: Sequence[UnitSignals], *, spec: SyncSpec) -> tuple[tuple[UnitSignals, ...], tuple[UnitClock, ...]]:
    """Units on the clock of the one that has most valid samples: stamps are trusted after a check, moved when clearly wrong."""
    if not units:
        return (), ()
    reference = max(units, key=lambda u: int(u.valid.sum()))
    anchor = sensor_evidence([reference])
    moved, clocks = [], []
    for unit in units:
        clock = UnitClock(unit.site, 0.0, True, "reference")
        if unit is not reference:
            clock = _against(unit, sensor_evidence([unit]), anchor, spec=spec)
        clocks.append(clock)
        if clock.used:
            moved.append(replace(unit, start_seconds=unit.start_seconds + clock.offset_seconds))
    return tuple(moved), tuple(clocks)


def _against(unit: UnitSignals, own: Evidence, anchor: Evidence, *, spec: SyncSpec) -> UnitClock:
    search = SyncSpec(max_drift_ppm=spec.max_drift_ppm, min_overlap_seconds=spec.min_overlap_seconds)
    curve = score_curve(own, anchor, spec=search)
    near = np.abs(curve.offset_seconds) <= SAME_CLOCK_SECONDS
    at_stamps = float(np.nanmax(curve.score[near])) if np.isfinite(curve.score[near]).any() else -1.0
    if not np.isfinite(curve.score).any():
        return UnitClock(unit.site, 0.0, False, "no stretch of time shared with the other units: left out")
    best = int(np.nanargmax(curve.score))
    offset = float(curve.offset_seconds[best])
    if near[best] or float(curve.score[best]) - at_stamps < CLEAR_LEAD:
        return UnitClock(unit.site, 0.0, True, "shares the clock")
    table = window_table(own, anchor, offset_seconds=offset, spec=search)
    _, shift, drift = best_line(table, reach_seconds=0.2, spec=search)
    line = fit_line(table, shift_seconds=shift, drift_ppm=drift, spec=search)
    rivals = on_line(table, shift_seconds=table.shift_seconds, drift_ppm=drift)
    outside = np.abs(table.shift_seconds - shift) > 0.12
    clear = float(np.interp(shift, table.shift_seconds, rivals)) - float(rivals[outside].max())
    if clear < CLEAR_LEAD or line.inlier.sum() < spec.thresholds.inliers:
        return UnitClock(unit.site, 0.0, False, "does not share the clock, and its own offset is not clear: left out")
    total = offset + line.shift_seconds
    return UnitClock(unit.site, total, True, f"its stamps are {total:+.3f} s off the other units': moved")
