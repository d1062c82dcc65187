"""Finds tables in which rows of several sensors, or of accelerometer and gyroscope, take turns: they are refused.

Read as one sensor they resemble one of several times the rate. A real signal changes least from one row to the next;
where k sensors take turns, it changes least from a row to the k-th after it, and what stands in every k-th row differs
from what stands between in its mean or spread. `uneven_turns` finds two sensors of different rates.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import all_finite, kept_rows, row_blocks
from .uneven_turns import LEAST_STICKING, rows_of_slower, share_sticking, sticks_out_evenly

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
    """How many signals take turns in these rows, at one rate or at two; 1 where there is one."""
    rows = len(columns[0])
    if rows < LEAST_ROWS:
        return 1
    deviations = [(column, _deviation(column)) for column in columns]
    moving = [(column, deviation) for column, deviation in deviations if deviation > 0]
    if not moving:
        return 1

    def scaled(chosen: Array) -> Array:
        return np.stack([column[chosen] / deviation for column, deviation in moving], axis=1)

    stretches = np.array_split(np.arange(rows), max(1, rows // STRETCH_ROWS))
    chosen = [scaled(stretch) for stretch in stretches[:: max(1, len(stretches) // STRETCHES)]]
    turns = _in_even_turn(np.concatenate(chosen))
    if turns > 1 and _lasts([scaled(part).reshape(-1, turns, len(moving)) for part in _parts(rows, turns=turns)]):
        return turns
    busiest = max(chosen, key=share_sticking)
    if share_sticking(busiest) < LEAST_STICKING:  # the costlier comparisons are not made
        return 1
    if sticks_out_evenly(busiest):
        return 2
    slower = rows_of_slower(busiest)
    return 1 if slower is None or not _lasts(_by_signal(busiest, slower)) else 2


def _in_even_turn(chosen: Float[Array, "rows channels"]) -> int:
    """After how many rows a signal seems to go on: the shortest lag of the nearly smallest change; 1 for one signal."""
    change = np.array([_change(chosen, lag=lag) for lag in range(1, MOST_IN_TURN + 1)])
    turns = int(np.argmin(change > change.min() * 1.5)) + 1
    return turns if change[0] >= LARGER * change[turns - 1] else 1


def _finite(columns: Sequence[Float[Array, "rows"]]) -> Bool[Array, "rows"]:
    """Rows in which all of these hold numbers."""
    finite: Bool[Array, rows] = np.ones(len(columns[0]), bool)
    for rows in row_blocks(columns[0]):
        for column in columns:
            if not all_finite(column[rows]):
                finite[rows] &= np.isfinite(column[rows])
    return finite


def _deviation(column: Float[Array, "rows"]) -> float:
    """Its standard deviation, in double precision."""
    blocks = [column[rows] for rows in row_blocks(column)]
    mean = sum(float(block.sum(dtype=np.float64)) for block in blocks) / len(column)
    squares = sum(float(np.square(np.subtract(block, mean, dtype=np.float64)).sum()) for block in blocks)
    return float(np.sqrt(squares / len(column)))


def _change(scaled: Float[Array, "rows channels"], *, lag: int) -> float:
    """Mean squared change over this many rows."""
    return float(((scaled[lag:] - scaled[:-lag]) ** 2).mean())


def _parts(rows: int, *, turns: int) -> list[Int[Array, "part"]]:
    """The rows of a recording, in parts of whole turns."""
    of_part = rows // (turns * PARTS) * turns
    return [np.arange(at * of_part, (at + 1) * of_part) for at in range(PARTS)]


def _by_signal(
    rows: Float[Array, "rows channels"], slower: Bool[Array, "rows"]
) -> list[Float[Array, "part 2 channels"]]:
    """In parts, as many rows of the one signal as of the other, side by side."""
    parts = []
    for part, own in zip(np.array_split(rows, PARTS), np.array_split(slower, PARTS), strict=True):
        count = min(int(own.sum()), int((~own).sum()))
        parts.append(np.stack([part[~own][:count], part[own][:count]], axis=1))
    return parts


def _lasts(parts: Sequence[Float[Array, "rows signals channels"]]) -> bool:
    """Whether the signals differ in mean or deviation, and alike in each part of the recording.

    A tone of about this period, in one sensor, gives each turn its own mean for a while, and another one later.
    """
    if min(len(part) for part in parts) < 2:
        return False
    for pattern in (np.stack([part.mean(axis=0) for part in parts]), np.stack([part.std(axis=0) for part in parts])):
        apart = pattern - pattern.mean(axis=1, keepdims=True)
        lasting, error = np.abs(apart.mean(axis=0)), apart.std(axis=0, ddof=1) / np.sqrt(PARTS)
        if ((lasting > APART) & (lasting > SURE * error)).any():
            return True
    return False
