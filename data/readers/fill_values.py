"""Numbers that stand for a missing sample: declared ones become NaN, undeclared ones are refused by name.

A sample is six numbers, or three, of a moving body with noise: that all of them are equal is no measurement.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import kept_rows, releasing, row_blocks

LEAST_ROWS = 2
"""So many rows of one number are no accident."""
LEAST_OF_TRIAD = 3
"""And so many of one number on the three axes of one sensor."""
ALONE = 1.25
"""A number that fills is borne by single axes in at most so many times as many rows."""
FAR = 8.0
"""A number this many times as far from the median as any other is no reading, if it comes again: blows reach twice as
far as the next, and an axis at the end of its range has readings just below it."""
LEAST_VALUES = 50


def without_fill(values: Float[Array, "..."], *, missing: Sequence[float]) -> Float[Array, "..."]:
    """The values with every number of `missing` as NaN, also where a file held it in single precision: there -999.9
    is another number than in double."""
    if not missing:
        return values
    numbers = np.array(missing, np.float64)
    with np.errstate(over="ignore"):  # 1e300 has no single
        singles = numbers.astype(np.float32).astype(np.float64)
    return np.where(np.isin(values, np.concatenate([numbers, singles])), np.nan, values)


def filled_rows(columns: Sequence[Float[Array, "rows"]]) -> Bool[Array, "rows"]:
    """Rows in which all channels bear one and the same finite number."""
    same: Bool[Array, rows] = np.empty(len(columns[0]), bool)
    for rows in row_blocks(columns[0]):
        first, part = columns[0][rows], same[rows]
        np.isfinite(first, out=part)
        for column in columns[1:]:
            part &= column[rows] == first
    return same


def refuse_fill(columns: Sequence[Float[Array, "rows"]], *, names: Sequence[str], where: Path | str) -> None:
    """Refuses rows that bear one number other than 0 in every channel, in the file's own units, and a number far from
    all others of its channel that comes again.

    Rows of zeros are left: a dead sensor writes them, too, and `inspect` remarks on them.
    """
    rows = len(columns[0])
    for chosen in (slice(None), slice(3), slice(3, None)):
        if (found := _filling(columns[chosen], others=len(columns[chosen]) < len(columns))) is not None:
            raise _filled(found[0], rows=found[1], of=rows, columns=names[chosen], where=where)
    far = {
        name: number
        for name, column in releasing(zip(names, columns, strict=True), every=1)
        if (number := _far_number(kept_rows(column, np.isfinite(column)))) is not None
    }
    if far:
        first = next(iter(far.values()))
        filled = [name for name, its in far.items() if its == first]
        bearing = int((columns[names.index(filled[0])] == first).sum())
        raise _filled(first, rows=bearing, of=rows, columns=filled, where=where)


def _filling(columns: Sequence[Float[Array, "rows"]], *, others: bool) -> tuple[float, int] | None:
    """The number other than 0 that most rows bear in all of these columns, and in how many; None where that is chance.

    Where there are `others` beside them, the number must be one that these columns hardly bear in any other row, as
    coarse sensors come to equal axes by themselves, and not their extreme, which is the end of a range.
    """
    if not columns:
        return None
    same = filled_rows(columns) & (columns[0] != 0)
    numbers, counts = np.unique(columns[0][same], return_counts=True)
    if not counts.size or counts.max() < LEAST_ROWS:
        return None
    number, rows = float(numbers[np.argmax(counts)]), int(counts.max())
    if not others:
        return number, rows
    inside = all(np.nanmin(column) < number < np.nanmax(column) for column in columns)
    alone = max(int(np.count_nonzero(column == number)) for column in columns) <= ALONE * rows
    return (number, rows) if inside and alone and rows >= LEAST_OF_TRIAD else None


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
    written = _written(number)
    return BadInput(
        where,
        found=f"{written} in {', '.join(columns)} in {rows} of {of} rows",
        expected="samples of a sensor",
        remedy=f"If that marks missing samples, declare `missing: [{written}]` for this sensor.",
    )


def _written(number: float) -> str:
    """The shortest text that gives this number back; of one in single precision, that which gives it there."""
    with np.errstate(over="ignore"):
        single = np.float32(number)
    return (str(single) if float(single) == number else repr(number)).removesuffix(".0")
