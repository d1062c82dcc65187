"""Counters and stamps that start again at 0, made to run on.

A counter's width is not stated in most files. It shows where the counter is full: it falls by nearly all of its range.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import kept_rows
from .clock import FIRST_ROWS

BYTES = (2.0**8, 2.0**16, 2.0**24, 2.0**32)
"""Where counters of 1 to 4 bytes start again at 0."""
SIGNED = (2.0**8, 2.0**16, 2.0**32)
"""Ranges of integers that programs read with a sign."""
WIDTHS = tuple(2.0**bits for bits in range(8, 33))
"""Where others do, of any whole number of bits."""
DAY = tuple(86400.0 * per_second for per_second in (1e3, 1e6, 1e9))
"""Where the time of day does, in ms, us or ns."""
DECIMAL = tuple(10.0**digits for digits in range(1, 10))
"""Where a counter of digits does. Stamps are never taken to: trials of 10 s, joined, would be taken so, too."""
SKIPPED_AT_MOST, SKIPPED_AT_A_WRAP = 100.0, 3.0
"""Usual steps that may be lost where a counter of whole bytes starts again; of another, which is less sure, fewer."""
SAME_FALLS = 3
"""So many falls of one size show a counter of samples of any other range."""


def unwrap(counter: Float64[Array, "rows"], *, period: float) -> Float64[Array, "rows"]:
    """A counter that starts again at 0 after `period`, made to run on. Steps back by less than half a period stay steps
    back; rows without a counter stay NaN."""
    running = np.full_like(counter, np.nan)
    there = np.isfinite(counter)
    if there.any():
        values = counter[there]
        steps = (np.diff(values) + period / 2) % period - period / 2
        running[there] = values[0] + np.concatenate([[0.0], np.cumsum(steps)])
    return running


def unwrap_integers(counter: Float64[Array, "rows"], *, of_samples: bool = False) -> Float64[Array, "rows"]:
    """Whole numbers that run up to the end of their range and start again, made to run on; all else as it is."""
    period = wrap_period(counter, of_samples=of_samples)
    return counter if period is None else unwrap(counter, period=period)


def wrap_period(counter: Float64[Array, "rows"], *, of_samples: bool = False) -> float | None:
    """Where whole numbers start again at 0; None where they are not seen to, or where their falls do not agree.

    Stamps start again after a number of bits or a day; a counter `of_samples`, beside which stamps tell what was lost,
    may do so anywhere.
    """
    values = kept_rows(counter, np.isfinite(counter))
    if not (values[1:] < values[:-1]).any() or (values != np.floor(values)).any():
        return None
    steps = np.diff(values)
    falls = steps[steps < 0]
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    if values.min() < 0:
        return _signed_period(values, falls=falls, usual=usual)
    if of_samples and len(falls) >= SAME_FALLS and np.ptp(falls) == 0.0 and falls[0] < -0.9 * values.max():
        return float(usual - falls[0])
    for period in BYTES:
        wrapped = falls[falls < -period / 2] + period
        if values.max() < period and wrapped.size and bool((wrapped <= SKIPPED_AT_MOST * usual).all()):
            return period
    for period in sorted((*WIDTHS, *DAY, *(DECIMAL if of_samples else ()))):
        wrapped = falls + period
        if values.max() < period and bool(((wrapped > 0) & (wrapped <= SKIPPED_AT_A_WRAP * usual)).all()):
            return period
    return None


def _signed_period(values: Float64[Array, "rows"], *, falls: Float64[Array, "falls"], usual: float) -> float | None:
    """Where integers of whole bytes that were read with a sign fall from half their range to minus half of it."""
    for period in SIGNED:
        wrapped = falls + period
        inside = -period / 2 <= values.min() and values.max() < period / 2
        if inside and bool(((wrapped > 0) & (wrapped <= SKIPPED_AT_MOST * usual)).all()):
            return period
    return None


def refuse_reset(counter: Float64[Array, "rows"], *, period: float, where: Path) -> None:
    """Refuses a counter, not yet unwrapped, that starts anew where it was not full: how long it stood still is unknown.

    Losing packets until just after it is full shows the same, and is refused too.
    """
    values = counter[np.isfinite(counter)]
    anew = np.flatnonzero((values[1:] < FIRST_ROWS) & (values[:-1] > values[1:]) & (values[:-1] < 0.98 * period))
    if anew.size:
        raise BadInput(
            where,
            found=f"a packet counter that starts anew at {values[anew[0] + 1]:.0f} after {values[anew[0]]:.0f}",
            expected="a counter that runs on (the file bears no stamps to tell how long it stood still)",
            remedy="Cut the file there into two recordings.",
        )
