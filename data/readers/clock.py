"""Repairs the clock of one sensor: stray stamps, bursts, one stamp for a block of samples.

What is repaired is what the file itself proves: a counter says how many samples lie between two rows, neighbours show
that one stamp strays. A clock that was set back cannot be mended; it is left as it is, for `rows_in_order` to refuse.
"""

import bisect

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from .bursts import burst_anchors, burst_starts, runs_steadily

STRAYS_AT_MOST = 0.01
"""Share of rows whose stamps may stray; with more, nothing says which of them are right."""
BRIDGED_SAMPLES = 3
"""Stamps off by more than this many samples show of a gap, or stray; as many missing samples may be bridged later."""
FITTED_SECONDS = 10.0
"""A clock is fitted anew this often: its rate wanders with temperature, by parts per million in a minute."""
FITTED_ANCHORS = 8
"""And from no fewer stamps than these."""
STRAY_ANCHORS = 4
"""This many stamps in a row may stray without being taken for a step of the clock."""
FAR_ANCHORS = 4096
"""Pairs of stamps for the rate lie no farther apart."""
FIRST_ROWS = 10
"""Within these, packets may be left from before the recording (Movella DOT sends such)."""


def repair_clock(
    stamp_seconds: Float64[Array, "rows"], *, counter: Float64[Array, "rows"] | None = None
) -> Float64[Array, "rows"]:
    """Sample times from stamps, and from a running counter of samples where there is one: NaN for rows to leave out.

    With a counter, times follow a robust fit of stamp against counter, so that stray, repeated and jittering stamps do
    not matter; where stamps step away from the counter for good (a restart), each side has its own fit. Without one,
    stamps that stand for a block of rows are spread over it at the fitted rate: the stamp is taken to be that of the
    block's first row, which a device may mean otherwise, a constant shift. Stamps of arrival, which come in bursts, are
    spread likewise (`bursts`). Stamps one by one stay as they are.
    """
    there = np.isfinite(stamp_seconds)
    if there.sum() < FITTED_ANCHORS or (counter is None and there.all() and runs_steadily(stamp_seconds)):
        return stamp_seconds
    if counter is not None:
        there &= np.isfinite(counter)
        return _leading_packets_out(stamp_seconds, _fitted(counter, stamp_seconds, anchors=there))
    first_of_block = _first_of_blocks(stamp_seconds)
    if first_of_block is None:
        return _without_bursts(_without_strays(stamp_seconds))
    rows = np.arange(len(stamp_seconds), dtype=np.float64)
    seconds = _fitted(rows, _without_strays(stamp_seconds), anchors=first_of_block)
    return np.where(there, seconds, np.nan)


def _without_bursts(stamps: Float64[Array, "rows"]) -> Float64[Array, "rows"]:
    """Stamps that come in bursts, spread at the fitted rate: a burst begins to arrive when its last sample is taken."""
    there = np.isfinite(stamps)
    starts = burst_starts(stamps[there])
    if starts is None or starts.sum() < FITTED_ANCHORS:
        return stamps
    last, first = burst_anchors(starts)
    arrival = np.full(int(there.sum()), np.nan)
    arrival[last] = stamps[there][first]
    spread = np.full_like(stamps, np.nan)
    rows = np.arange(len(arrival), dtype=np.float64)
    spread[there] = _fitted(rows, arrival, anchors=np.isfinite(arrival), before=True)
    return spread


def _first_of_blocks(stamps: Float64[Array, "rows"]) -> Bool[Array, "rows"] | None:
    """The first rows of blocks that share a stamp, or None where most stamps stand alone."""
    there = np.flatnonzero(np.isfinite(stamps))
    changes = np.concatenate([[True], np.diff(stamps[there]) != 0])
    sizes = np.diff(np.append(np.flatnonzero(changes), len(there)))
    if len(sizes) < FITTED_ANCHORS or float(np.median(sizes)) < 2:
        return None
    first: Bool[Array, rows] = np.zeros(len(stamps), bool)
    first[there[changes]] = True
    return first


def _fitted(
    count: Float64[Array, "rows"], stamps: Float64[Array, "rows"], *, anchors: Bool[Array, "rows"], before: bool = False
) -> Float64[Array, "rows"]:
    """Times of all counted rows from the stamps of some of them, stretch by stretch. The rows that belong to an anchor
    follow it, or lie `before` it."""
    anchors = anchors & np.isfinite(stamps)
    at, stamp = count[anchors], stamps[anchors]
    period = _period(at, stamp, far=len(at) // 8)
    if not period > 0:
        return stamps
    cuts = _steps(stamp - period * at, least=_least_step(at) * period)
    seconds = np.full_like(stamps, np.nan)
    places = np.flatnonzero(anchors)
    all_rows = np.split(np.arange(len(count)), places[cuts - 1] + 1 if before else places[cuts])
    for rows, own in zip(all_rows, np.split(np.arange(len(at)), cuts), strict=True):
        rate = _period(at[own], stamp[own], far=len(own) // 2) if len(own) >= FITTED_ANCHORS else period
        centres, offsets = _wander(at[own], stamp[own] - rate * at[own], period=rate)
        seconds[rows] = rate * count[rows] + np.interp(count[rows], centres, offsets)
    return seconds


def _period(count: Float64[Array, "anchors"], stamp: Float64[Array, "anchors"], *, far: int) -> float:
    """Seconds a sample: the median slope between anchors this far apart (Theil 1950), untouched by strays. Steps of the
    clock lie between few of the pairs when `far` is a small part of all anchors."""
    for apart in (max(1, min(FAR_ANCHORS, far)), 1):
        run, rise = count[apart:] - count[:-apart], stamp[apart:] - stamp[:-apart]
        forward = (run > 0) & (rise > 0)
        if forward.any():
            return float(np.median(rise[forward] / run[forward]))
    return 0.0


def _least_step(count: Float64[Array, "anchors"]) -> float:
    """Samples by which a clock steps where it does: the packets that are lost, or more than may be bridged."""
    apart = float(np.median(np.diff(count)))
    return min(apart - 0.5, BRIDGED_SAMPLES + 0.5) if apart >= 2.0 else BRIDGED_SAMPLES + 0.5


def _steps(ahead: Float64[Array, "anchors"], *, least: float) -> np.ndarray:
    """Anchors at which stamps step away from a steady rate for good, by this at least and more than jitter brings."""
    from scipy.ndimage import median_filter  # late: a run in which nothing is new resamples nothing

    steady = median_filter(ahead, size=2 * STRAY_ANCHORS + 1, mode="nearest")
    jitter = float(np.median(np.abs(np.diff(ahead))))
    return np.flatnonzero(np.abs(np.diff(steady)) > max(least, 8 * jitter)) + 1


def _wander(
    count: Float64[Array, "anchors"], ahead: Float64[Array, "anchors"], *, period: float
) -> tuple[Float64[Array, "knots"], Float64[Array, "knots"]]:
    """By how much the stamps run ahead of a steady rate: medians over ten seconds each, at their mean counts."""
    seconds = (count[-1] - count[0]) * period
    knots = int(max(1, min(seconds // FITTED_SECONDS, len(count) // FITTED_ANCHORS)))
    if knots == 1:
        return count[:1], np.array([np.median(ahead)])
    whole = len(count) // knots * knots
    by_knot, offsets = count[:whole].reshape(knots, -1), ahead[:whole].reshape(knots, -1)
    order = np.argsort(by_knot.mean(axis=1), kind="stable")
    return by_knot.mean(axis=1)[order], np.median(offsets, axis=1)[order]


def _leading_packets_out(stamps: Float64[Array, "rows"], seconds: Float64[Array, "rows"]) -> Float64[Array, "rows"]:
    """Without first rows whose stamps are not the recording's: they are left from before it, whatever they count."""
    usual = float(np.nanmedian(np.abs(np.diff(seconds)))) if len(seconds) > 1 else 0.0
    off = np.abs(stamps - seconds)[:FIRST_ROWS] > (BRIDGED_SAMPLES + 0.5) * usual
    split = np.abs(np.diff(seconds[: FIRST_ROWS + 1])) > 1.0
    last = max([-1, *np.flatnonzero(off), *np.flatnonzero(split)])
    return np.concatenate([np.full(last + 1, np.nan), seconds[last + 1 :]])


def _without_strays(stamps: Float64[Array, "rows"]) -> Float64[Array, "rows"]:
    """Rows whose stamps break the order become NaN: as few as restore it, no more than three in a row, or none."""
    rows = np.flatnonzero(np.isfinite(stamps))
    values = stamps[rows]
    lowest_after = np.minimum.accumulate(values[::-1])[::-1]
    disturbed = (values > lowest_after) | (values < np.maximum.accumulate(values))
    if not disturbed.any():
        return stamps
    edges = np.flatnonzero(np.diff(np.concatenate([[False], disturbed, [False]])))
    stray = np.zeros(len(values), bool)
    for begin, end in edges.reshape(-1, 2):
        stray[begin:end] = ~_longest_rise(values[begin:end])
    runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[False], stray, [False]]))).reshape(-1, 2), axis=1)
    if stray.sum() > max(2, STRAYS_AT_MOST * len(values)) or runs.max() > BRIDGED_SAMPLES:
        return stamps
    mended = stamps.copy()
    mended[rows[stray]] = np.nan
    return mended


def _longest_rise(values: Float64[Array, "rows"]) -> Bool[Array, "rows"]:
    """Which values make the longest subsequence that never falls (patience sorting; Fredman 1975)."""
    ends: list[float] = []
    last: list[int] = []
    before = np.full(len(values), -1)
    for row, value in enumerate(values.tolist()):
        length = bisect.bisect_right(ends, value)
        before[row] = last[length - 1] if length else -1
        ends[length : length + 1], last[length : length + 1] = [value], [row]
    kept: Bool[Array, rows] = np.zeros(len(values), bool)
    row = last[-1] if last else -1
    while row >= 0:
        kept[row], row = True, int(before[row])
    return kept
