"""Columns of time beside a declared rate: where they contradict it, rows are missing, or of several sensors.

A rate counts rows, so that a row that is missing moves all that follow it. What a file's own clock says against it is
remarked on; it is not taken instead, as its unit is not declared.
"""

import re
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from jaxtyping import Float, Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .named_turns import last_part
from .sensor import SECONDS_PER_UNIT
from .stated_units import split_brackets
from .wraps import unwrap_integers

TELLS_TIME = re.compile(
    "(t|time|timestamps?|elapsed(time)?|seconds?elapsed|unixtime(stamp)?|epoch|millis|sampletimefine|clock)"
    "(s|ms|us|ns|secs?|seconds?|micros(ec(onds?)?)?|millis(ec(onds?)?)?|nanos(ec(onds?)?)?)?"
)
"""Names of columns of time, in small letters alone."""
MOST_COLUMNS = 3
LEAST_ROWS, KNOWN = 100, 0.9
"""Rows that show a clock, and the share of them that must bear a stamp."""
NEAR = 3.0
"""A unit in which the clock's rate is that many times the declared one, or less, is the clock's."""
OFF_SECONDS, OFF_SHARE = 0.25, 0.005
"""By how much the clock may leave the declared rate, in seconds or as a part of the recording: quartz is nearer."""
BACK_ROWS = 5.0
"""Usual steps by which a clock that is only jittering does not go back."""
LAPS = (60.0, 3600.0, 43200.0, 86400.0, 604800.0)
"""Seconds after which a clock of minutes, hours, days or weeks starts again."""


def clock_columns(names: Iterable[str], *, asked: Sequence[str]) -> tuple[str, ...]:
    """The first few columns of time by their names, but for those asked for."""
    stems = {
        name: re.sub("[^a-z]", "", split_brackets(last_part(name))[0].lower()) for name in names if name not in asked
    }
    return tuple(name for name, stem in stems.items() if TELLS_TIME.fullmatch(stem))[:MOST_COLUMNS]


def clock_remarks(
    names: Iterable[str], *, asked: Sequence[str], rate_hz: float, read: Callable[[str], Float[Array, "rows"]]
) -> tuple[str, ...]:
    """What the columns of time beside those asked for say against a declared rate; `read` gives one by its name."""
    remarks = []
    for name in clock_columns(names, asked=asked):
        try:
            values = read(name).astype(np.float64, copy=False)
        except BadInput:  # clock times in words, say
            continue
        remark = clock_remark(name, values, rate_hz=rate_hz)
        if remark:
            remarks.append(remark)
    return tuple(remarks[:1])


def clock_remark(name: str, values: Float64[Array, "rows"], *, rate_hz: float) -> str:
    """What one such column says against the rate; empty for nothing."""
    rows = np.flatnonzero(np.isfinite(values))
    if len(rows) < max(LEAST_ROWS, KNOWN * len(values)):
        return ""
    stamps = unwrap_integers(values[rows])
    steps = np.diff(stamps)
    usual = float(np.median(np.abs(steps[steps != 0]))) if steps.any() else 0.0
    if not usual or (steps == 1.0).all():  # numbers of rows
        return ""
    falls = steps < (-BACK_ROWS * usual if stamps[-1] > stamps[0] else 0.0)
    if falls.any():
        again = _starts_again(steps[falls], usual=usual)
        return "" if again else _goes_back(name, row=int(falls.argmax()) + 2, times=int(falls.sum()))
    unit, scale = _unit(float(stamps[-1] - stamps[0]) / float(rows[-1] - rows[0]), rate_hz=rate_hz)
    if not unit:
        return ""
    seconds = (stamps - stamps[0]) * scale
    off = seconds - (rows - rows[0]) / rate_hz
    if float(np.ptp(off)) <= max(OFF_SECONDS, OFF_SHARE * float(seconds[-1])) + usual * scale:
        return ""
    counted, apart = (rows[-1] - rows[0]) / rate_hz, np.abs(off).max()
    return (
        f"by the column {name} its rows take {seconds[-1]:.4g} s, by `rate_hz: {rate_hz:g}` {counted:.4g} s, up to "
        f"{apart:.3g} s apart: rows are missing, or the rate is another; "
        f"declare `time: {{column: {name}, unit: {unit}}}`"
    )


def _goes_back(name: str, *, row: int, times: int) -> str:
    return (
        f"the column {name} goes back at row {row} ({times} times in all), which `rate_hz` does not see: rows of "
        "several sensors or recordings, or parts in another order? Write one file for each"
    )


def _starts_again(falls: Float64[Array, "falls"], *, usual: float) -> bool:
    """Whether a clock falls back by the same whole minute, hour, day or week each time, in some unit."""
    laps = [lap / scale for lap in LAPS for scale in SECONDS_PER_UNIT.values()]
    return any(bool((np.abs(falls + lap) <= BACK_ROWS * usual).all()) for lap in laps)


def _unit(per_row: float, *, rate_hz: float) -> tuple[str, float]:
    """The unit in which a clock's rate is about the declared one, and its seconds; "" where there is none."""
    for unit, scale in SECONDS_PER_UNIT.items():
        if per_row > 0 and 1.0 / NEAR <= per_row * scale * rate_hz <= NEAR:
            return unit, scale
    return "", 0.0
