"""Numbers that stand for a missing sample: declared ones become NaN, undeclared ones are refused by name.

A sample is six numbers, or three, of a moving body with noise: that all of them are equal is no measurement.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import kept_rows

LEAST_ROWS = 2
"""So many rows of one number are no accident."""
FAR = 8.0
"""A number this many times as far from the median as any other is no reading, if it comes again: blows reach twice as
far as the next, and an axis at the end of its range has readings just below it."""
LEAST_VALUES = 50


def without_fill(values: Float[Array, "..."], *, missing: Sequence[float]) -> Float[Array, "..."]:
    """The values with every number of `missing` as NaN."""
    if not missing:
        return values
    return np.where(np.isin(values, np.array(missing, np.float64)), np.nan, values)


def filled_rows(columns: Sequence[Float[Array, "rows"]]) -> Bool[Array, "rows"]:
    """Rows in which all channels bear one and the same finite number."""
    same: Bool[Array, rows] = np.isfinite(columns[0])
    for column in columns[1:]:
        same &= column == columns[0]
    return same


def refuse_fill(columns: Sequence[Float[Array, "rows"]], *, names: Sequence[str], where: Path | str) -> None:
    """Refuses rows that bear one number other than 0 in every channel, in the file's own units, and a number far from
    all others of its channel that comes again.

    Rows of zeros are left: a dead sensor writes them, too, and `inspect` remarks on them.
    """
    same = filled_rows(columns) & (columns[0] != 0)
    numbers, counts = np.unique(columns[0][same], return_counts=True)
    if counts.size and counts.max() >= LEAST_ROWS:
        usual = float(numbers[np.argmax(counts)])
        raise _filled(usual, rows=int(counts.max()), of=len(same), columns=names, where=where)
    far = {
        name: number
        for name, column in zip(names, columns, strict=True)
        if (number := _far_number(kept_rows(column, np.isfinite(column)))) is not None
    }
    if far:
        first = next(iter(far.values()))
        filled = [name for name, its in far.items() if its == first]
        rows = int((columns[names.index(filled[0])] == first).sum())
        raise _filled(first, rows=rows, of=len(same), columns=filled, where=where)


def _far_number(column: Float[Array, "rows"]) -> float | None:
    """The largest or smallest number, where it comes again and lies far beyond all others."""
    if len(column) < LEAST_VALUES:
        return None
    extremes = [float(end) for end in (column.max(), column.min()) if np.count_nonzero(column == end) >= LEAST_ROWS]
    middle = float(np.median(column)) if extremes else 0.0
    for number in extremes:
        others = column[column != number]
        beyond = others.max() - middle if number > middle else middle - others.min() if others.size else 0.0
        if abs(number - middle) > FAR * beyond > 0.0:
            return number
    return None


def _filled(number: float, *, rows: int, of: int, columns: Sequence[str], where: Path | str) -> BadInput:
    return BadInput(
        where,
        found=f"{number:g} in {', '.join(columns)} in {rows} of {of} rows",
        expected="samples of a sensor",
        remedy=f"If that marks missing samples, declare `missing: [{number:g}]` for this sensor.",
    )
