"""Refuses a sensor whose accelerometer and gyroscope hold the same numbers, in one unit or in two."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from ..errors import BadInput

MOSTLY = 0.99
"""Share of rows with equal numbers from which two columns are one."""
LEAST_ROWS, ROWS = 50, 2**16
"""Of a long recording about so many rows are compared, spread evenly."""
ONE_SIGNAL = 1e-3
"""What rounding leaves of the difference of one signal in two units, relative to its deviation."""
TURNED = 0.1
"""What noise leaves of one signal turned into other axes, relative to its deviation. Accelerations explain so little of
turning that 0.48 or more is left, of 308 real and simulated sensors."""


def refuse_doubled(columns: Sequence[Float[Array, "rows"]], *, names: Sequence[str], where: Path | str) -> None:
    """`columns` are the three of the acceleration, then those of the angular rate, in the file's own units."""
    values = np.stack([column[:: max(1, len(column) // ROWS)] for column in columns], axis=1)
    if values.shape[1] == 6:
        _refuse_scaled(values[np.isfinite(values).all(axis=1)], names=names, where=where)
    for one in range(3):
        for other in range(3, values.shape[1]):
            pair = values[:, [one, other]]
            pair = pair[np.isfinite(pair).all(axis=1)]
            moves = len(pair) >= LEAST_ROWS and np.ptp(pair[:, 0]) > 0
            if moves and float((pair[:, 0] == pair[:, 1]).mean()) > MOSTLY:
                raise _twice(where, found=f"the same numbers in {names[one]} and {names[other]}")


def _refuse_scaled(values: Float[Array, "rows 6"], *, names: Sequence[str], where: Path | str) -> None:
    """Refuses three axes of which each is the other sensor's but for a factor and an offset, or a turn of axes."""
    if len(values) < LEAST_ROWS or not (spread := values[:, :3].std(axis=0)).all():
        return
    force, rate = np.split(values - values.mean(axis=0), 2, axis=1)
    factor = float((force * rate).sum() / (force**2).sum())
    if factor and ((rate - factor * force).std(axis=0) < ONE_SIGNAL * abs(factor) * spread).all():
        raise _twice(where, found=f"{', '.join(names[3:])} that are {factor:.4g} times {', '.join(names[:3])}")
    turned = force @ np.linalg.lstsq(force, rate, rcond=None)[0]
    if (rate.std(axis=0) > 0).all() and ((rate - turned).std(axis=0) < TURNED * rate.std(axis=0)).all():
        raise _twice(where, found=f"{', '.join(names[3:])} that are {', '.join(names[:3])} in other axes")


def _twice(where: Path | str, *, found: str) -> BadInput:
    remedy = "Export the file again: one of the two stands there twice."
    return BadInput(where, found=found, expected="an acceleration and an angular rate", remedy=remedy)
