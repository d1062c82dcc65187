"""Finds tables in which rows of several sensors, or of accelerometer and gyroscope, take turns: they are refused.

Read as one sensor they resemble one of several times the rate. A real signal changes least from one row to the next;
where k sensors take turns, it changes least from a row to the k-th after it, and what stands in every k-th row differs
from what stands between in its mean or spread.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import kept_rows

MOST_IN_TURN = 24
"""Sensors that may take turns in one table."""
LEAST_ROWS = 200
"""Fewer rows say too little."""
STRETCHES, STRETCH_ROWS = 16, 4096
"""A long recording's changes are measured on about this many stretches of about so many rows, spread evenly: a day at
100 Hz has 8.6 million rows, and every lag would pass over all of them."""
HALVES = 0.1
"""Rows that hold both signals, relative to those that hold one: fewer are where two streams of rows meet by chance."""
LARGER = 4.0
"""Mean squared change from row to row over that from a row to its own sensor's next: of one sensor it is below 1."""
PARTS = 8
"""Of the recording, in which the turns are compared."""
SURE = 6.0
"""So many standard errors over the parts, a difference is no passing one."""
APART = 0.02
"""Difference of a turn's mean or deviation from the others', relative to the signal's own deviation."""


def refuse_interleaved(columns: Sequence[Float[Array, "rows"]], *, where: Path | str) -> None:
    """Refuses rows of several sensors in turn. `columns` are all signals of one sensor as its rows give them."""
    finite = _finite(columns)
    turns = sensors_in_turn([kept_rows(column, finite) for column in columns])
    if turns > 1:
        raise BadInput(
            where,
            found=f"rows in which {turns} signals take turns",
            expected="the rows of one sensor alone",
            remedy="Write one file for each sensor (and one row for each instant), or a column for each signal.",
        )


def refuse_halves(columns: Sequence[Float[Array, "rows"]], *, where: Path | str) -> None:
    """Refuses rows that hold either the acceleration or the angular rate: events of two sensors under one header."""
    if len(columns) <= 3:
        return
    force, turning = _finite(columns[:3]), _finite(columns[3:])
    either, both = int((force ^ turning).sum()), int((force & turning).sum())
    if min(force.sum(), turning.sum()) >= LEAST_ROWS // 2 and both < HALVES * either:
        raise BadInput(
            where,
            found=f"{either} rows that hold acceleration or angular rate alone, and {both} that hold both",
            expected="both in each row",
            remedy="Export them resampled to common times, or a row for each instant.",
        )


def sensors_in_turn(columns: Sequence[Float[Array, "rows"]]) -> int:
    """How many signals take turns in these rows; 1 where there is one."""
    rows = len(columns[0])
    if rows < LEAST_ROWS:
        return 1
    deviations = [(column, float(column.std(dtype=np.float64))) for column in columns]
    moving = [(column, deviation) for column, deviation in deviations if deviation > 0]
    if not moving:
        return 1

    def scaled(chosen: Array) -> Array:
        return np.stack([column[chosen] / deviation for column, deviation in moving], axis=1)

    stretches = np.array_split(np.arange(rows), max(1, rows // STRETCH_ROWS))
    chosen = scaled(np.concatenate(stretches[:: max(1, len(stretches) // STRETCHES)]))
    change = np.array([_change(chosen, lag=lag) for lag in range(1, MOST_IN_TURN + 1)])
    turns = int(np.argmin(change > change.min() * 1.5)) + 1  # the shortest lag of the nearly smallest change
    if turns == 1 or change[0] < LARGER * change[turns - 1]:
        return 1
    return turns if _differ(scaled(np.arange(rows)), turns=turns) else 1


def _finite(columns: Sequence[Float[Array, "rows"]]) -> Bool[Array, "rows"]:
    """Rows in which all of these hold numbers."""
    return np.logical_and.reduce([np.isfinite(column) for column in columns])


def _change(scaled: Float[Array, "rows channels"], *, lag: int) -> float:
    """Mean squared change over this many rows."""
    return float(((scaled[lag:] - scaled[:-lag]) ** 2).mean())


def _differ(scaled: Float[Array, "rows channels"], *, turns: int) -> bool:
    """Whether the turns differ in mean or deviation, and alike in each part of the recording.

    A tone of about this period, in one sensor, gives each turn its own mean for a while, and another one later.
    """
    rows = len(scaled) // (turns * PARTS)
    by_turn = scaled[: PARTS * rows * turns].reshape(PARTS, rows, turns, -1)
    for pattern in (by_turn.mean(axis=1), by_turn.std(axis=1)):
        apart = pattern - pattern.mean(axis=1, keepdims=True)
        lasting, error = np.abs(apart.mean(axis=0)), apart.std(axis=0, ddof=1) / np.sqrt(PARTS)
        if ((lasting > APART) & (lasting > SURE * error)).any():
            return True
    return False
