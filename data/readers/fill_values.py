"""Numbers that stand for a missing sample: declared ones become NaN, undeclared ones are refused by name.

A sample is six numbers, or three, of a moving body with noise: that all of them are equal is no measurement.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from ..errors import BadInput

LEAST_ROWS = 2
"""So many rows of one number are no accident."""


def without_fill(values: Float64[Array, "..."], *, missing: Sequence[float]) -> Float64[Array, "..."]:
    """The values with every number of `missing` as NaN."""
    if not missing:
        return values
    return np.where(np.isin(values, np.array(missing, np.float64)), np.nan, values)


def filled_rows(values: Float64[Array, "rows channels"]) -> Bool[Array, "rows"]:
    """Rows in which all channels bear one and the same finite number."""
    same: Bool[Array, rows] = np.isfinite(values[:, 0]) & (values == values[:, :1]).all(axis=1)
    return same


def refuse_fill(values: Float64[Array, "rows channels"], *, where: Path | str) -> None:
    """Refuses rows that bear one number other than 0 in every channel, in the file's own units.

    Rows of zeros are left: a dead sensor writes them, too, and `inspect` remarks on them.
    """
    same = filled_rows(values) & (values[:, 0] != 0)
    if same.sum() < LEAST_ROWS:
        return
    numbers, counts = np.unique(values[same, 0], return_counts=True)
    number = float(numbers[np.argmax(counts)])
    if counts.max() < LEAST_ROWS:
        return
    raise BadInput(
        where,
        found=f"{number:g} in all of {values.shape[1]} columns in {int(counts.max())} of {len(values)} rows",
        expected="samples of a sensor",
        remedy=f"If that marks missing samples, declare `missing: [{number:g}]` for this sensor.",
    )
