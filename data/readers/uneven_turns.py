"""Finds rows of two sensors of different rates in one table: their turns have no period as short as those of one rate.

A row of the slower sensor sticks out from between its neighbours, which resemble each other, and the next one does so
after as many rows. Where rates are nearly the same or the order changes, each row is given to the nearer of two
signals: these then change much less from one of their rows to the next than the table does.
"""

import numpy as np
from jaxtyping import Bool, Float, Float64
from numpy import ndarray as Array

STICKS_OUT = 4.0
"""Squared distance of a row from the middle of its neighbours, over that of these from each other, beyond which it
sticks out."""
LEAST_STICKING = 0.04
"""Share of rows that stick out where two sensors take turns, one ten times slower than the other: 0.09. With fewer the
costlier comparison is not made."""
LEAST_STICKING_ROWS = 20
AS_USUAL = 0.05
"""Of the usual step, by which that over a row put between two may differ from it."""
IN_STEP = 0.6
"""Share of the rows that stick out which lie a whole number of usual gaps apart. Of 326 single sensors (people's legs
and trunks, a wrist, horses' keypoints, simulated horses) none shows more than 0.37; where rows of another site of these
were put between, after every second, fourth or eighth, 0.98, 0.98 and 0.86 of the tables or more exceed 0.6."""
STARTS = 5
"""The second signal begins at one of so many rows after the first."""
LARGER = 3.0
"""Mean squared change from row to row over that within the two signals: two sensors of 10 to 200 Hz show 3.9 to 250, a
single one up to 1.7 (people's legs) and 2.3 (a simulated unit that rattles)."""
EVEN = 0.9
"""Share of the slower sensor's rows that come as many rows after the one before as usual, to within one."""


def share_sticking(scaled: Float[Array, "rows channels"]) -> float:
    """Share of the rows that stick out from between their neighbours."""
    return float(_sticking(scaled).mean()) if len(scaled) > 2 else 0.0


def sticks_out_evenly(scaled: Float[Array, "rows channels"]) -> bool:
    """Whether every n-th row sticks out, n being three or more: a slower sensor's rows between a faster one's."""
    rows = np.flatnonzero(_sticking(scaled))
    if len(rows) < LEAST_STICKING_ROWS:
        return False
    usual = round(float(np.median(np.diff(rows))))
    return usual >= 3 and float(np.bincount(rows % usual).max()) > IN_STEP * len(rows)


def rows_of_slower(scaled: Float[Array, "rows channels"]) -> Bool[Array, "rows"] | None:
    """Which rows belong to the slower of two sensors; None where there seems to be one sensor."""
    changes = float(((scaled[1:] - scaled[:-1]) ** 2).sum(axis=1).mean())
    slower, within = min((_given(scaled, start=start) for start in range(1, STARTS + 1)), key=lambda found: found[1])
    slower = slower if slower.mean() <= 0.5 else ~slower
    gaps = np.diff(np.flatnonzero(slower))
    usual = float(np.median(gaps)) if gaps.size else 0.0
    even = usual >= 2 and float((np.abs(gaps - usual) <= 1).mean()) >= EVEN
    if not even or changes < LARGER * within:
        return None
    smooth = max(share_sticking(scaled[slower]), share_sticking(scaled[~slower])) < LEAST_STICKING
    return slower if smooth else None  # a tone of a few rows leaves parts that stick out as before


def _sticking(scaled: Float[Array, "rows channels"]) -> Bool[Array, "_"]:
    off = ((scaled[1:-1] - (scaled[:-2] + scaled[2:]) / 2) ** 2).sum(axis=1)
    return np.asarray(off > STICKS_OUT * ((scaled[2:] - scaled[:-2]) ** 2).sum(axis=1))


def _given(rows: Float[Array, "rows channels"], *, start: int) -> tuple[Bool[Array, "rows"], float]:
    """Which rows lie nearer to the signal that begins at row `start` than to that of row 0, and the mean squared change
    from each row to the one before of its signal."""
    last, total, second = [rows[0], rows[start]], 0.0, np.zeros(len(rows), bool)
    for at, row in enumerate(rows):
        change = [float((row - before) @ (row - before)) for before in last]
        second[at] = nearer = change[1] < change[0]
        last[nearer], total = row, total + change[nearer]
    return second, total / len(rows)


def rows_between(time_seconds: Float64[Array, "rows"], scaled: Float64[Array, "rows channels"]) -> int:
    """How many rows were put between two that follow one another at the usual step, and stick out there: those of a
    sensor that has few rows in this table. 0 where such rows are rare, or as a rule do not stick out."""
    steps = time_seconds[2:] - time_seconds[:-2]
    usual = float(np.median(np.diff(time_seconds)))
    between = np.abs(steps - usual) < AS_USUAL * usual
    sticking = int((_sticking(scaled) & between).sum())
    return sticking if sticking >= LEAST_STICKING_ROWS and sticking > IN_STEP * int(between.sum()) else 0
