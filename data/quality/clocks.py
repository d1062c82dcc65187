"""Clocks of sensors among themselves, by their motion: stamps that are off the others', and drift."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..sync.alignment_features import AlignmentFeatures
from ..sync.clock_fit import fit_clock, independent_share
from ..sync.sensors import UnitSignals, channel_of, sensor_features
from ..sync.settings import SyncSpec
from ..sync.units import UnitClock, align_units
from ..sync.windows import best_line, window_table

LEAST_WINDOWS = 8
"""Windows that must agree before a drift is reported: they span a minute and more."""
BODY_SECONDS = 0.003
"""By so much two sites of a body move out of step in one gait and not in another: a bout of it resembles drift."""
WORTH_TELLING_PPM = 100.0
"""Quartz clocks differ by less: a drift known no better than this says nothing."""
REACH_SECONDS = 0.3
"""Sites of one body move out of step by up to half a stride."""


@dataclass(frozen=True)
class OwnClock:
    """One sensor's clock against the others'."""

    offset_seconds: float = 0.0
    """By which its times would have to be moved; 0 when they agree."""
    drift_ppm: float | None = None
    """By how much it runs slower than the sensor that the others are compared with; None where that is not known."""
    sigma_ppm: float | None = None
    """Standard uncertainty of that; None for the sensor that the others are compared with."""
    note: str | None = None
    """What the check found, unless all is well."""


def own_clocks(found: Mapping[str, UnitSignals | str]) -> dict[str, OwnClock]:
    """Each site's clock, by what `signals_by_site` found.

    Steady gaits show little: a drift comes with its uncertainty, and without any if unknown.
    """
    spec = SyncSpec()
    units = {site: unit for site, unit in found.items() if not isinstance(unit, str)}
    clocks = {
        site: OwnClock(note=unit.removeprefix(f"{site}: ")) for site, unit in found.items() if isinstance(unit, str)
    }
    if not units:
        return clocks
    _, aligned = align_units(list(units.values()), spec=spec)
    anchor = _anchor([each.site for each in aligned if each.used and not each.offset_seconds])
    reference = sensor_features([units[anchor]], apart=False)
    for each in aligned:
        if each.offset_seconds or not each.used:
            clocks[each.site] = OwnClock(offset_seconds=each.offset_seconds, note=_note(each))
        else:
            drift = None if each.site == anchor else _drift(units[each.site], reference, spec=spec)
            clocks[each.site] = OwnClock(drift_ppm=drift[0], sigma_ppm=drift[1]) if drift else OwnClock()
    if len(units) > 1:
        clocks[anchor] = OwnClock(drift_ppm=0.0)
    return clocks


def _note(clock: UnitClock) -> str:
    """What to do about a sensor whose stamps are not the others'."""
    if not clock.used:
        return clock.note
    ahead = f"its stamps run {-clock.offset_seconds:+.3f} s ahead of the other sensors'"
    return f"{ahead}: `sync` moves it, or set `shift_seconds: {clock.offset_seconds:.3f}`"


def _anchor(sites: Sequence[str]) -> str:
    """The first of the part of the horse that bears most sensors: they move most alike."""
    parts = [channel_of(site) for site in sites]
    return sites[parts.index(max(parts, key=parts.count))]


def _drift(unit: UnitSignals, reference: AlignmentFeatures, *, spec: SyncSpec) -> tuple[float, float] | None:
    """Drift in ppm and its standard uncertainty, from the windows in which the two move alike."""
    table = window_table(
        sensor_features([unit], apart=False), reference, offset_seconds=0.0, spec=spec, reach_seconds=2 * REACH_SECONDS
    )
    _, shift, drift = best_line(table, reach_seconds=REACH_SECONDS, spec=spec)
    line = fit_clock(table, shift_seconds=shift, drift_ppm=drift, spec=spec)
    if line.inlier.sum() < LEAST_WINDOWS:
        return None
    lever = table.centre_seconds[line.inlier] - table.centre_seconds[line.inlier].mean()
    chance = 1.4826 * line.mad_seconds / float(np.sqrt((lever**2).sum() * independent_share(spec)))
    sigma = 1e6 * float(np.hypot(chance, BODY_SECONDS / lever.std()))
    return (line.drift_ppm, sigma) if sigma < WORTH_TELLING_PPM else None
