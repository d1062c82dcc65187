"""Refuses a sensor whose accelerometer and gyroscope hold the same numbers: a column was written twice."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput

MOSTLY = 0.99
"""Share of rows with equal numbers from which two columns are one."""
LEAST_ROWS = 50


def refuse_doubled(values: Float64[Array, "rows channels"], *, names: Sequence[str], where: Path | str) -> None:
    """`values` are the three columns of the acceleration, then those of the angular rate, in the file's own units."""
    for one in range(3):
        for other in range(3, values.shape[1]):
            pair = values[:, [one, other]]
            pair = pair[np.isfinite(pair).all(axis=1)]
            moves = len(pair) >= LEAST_ROWS and np.ptp(pair[:, 0]) > 0
            if moves and float((pair[:, 0] == pair[:, 1]).mean()) > MOSTLY:
                raise BadInput(
                    where,
                    found=f"the same numbers in {names[one]} and {names[other]}",
                    expected="an acceleration and an angular rate",
                    remedy="Export the file again: one of the two stands there twice.",
                )
