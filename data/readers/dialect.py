"""How numbers are written in a table of text: decimal commas, thousands separators, padding, names and units of rows.

What can mean one thing only is read; what can mean two is refused by name.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import BadInput

NUMBER = re.compile(r"[-+]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?|[-+]?(nan|inf)", re.IGNORECASE)
_WITH_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
_GROUPED = {mark: re.compile(rf"[-+]?[1-9]\d{{0,2}}(\{mark}\d{{3}})+") for mark in ".,"}
_SHORT = re.compile(r"[-+]?\d{1,3}")
GROUPED_AT_LEAST = 3
"""So many numbers with groups of three digits, and so many of at most three without, in a column in which no number is
written otherwise: decimals would show other lengths, or none."""
SAMPLE_BYTES = 65536

Rows = Sequence[Sequence[str]]


def split_padded(text: str) -> tuple[str, ...]:
    """The fields of a line in which any number of blanks stands between two."""
    return split(re.sub(" +", " ", text.strip(" ")), delimiter=" ")


def split(text: str, *, delimiter: str) -> tuple[str, ...]:
    """The fields of a line, without quotes and surrounding blanks."""
    try:
        return tuple(
            field.strip()
            for field in next(csv.reader([text], delimiter=delimiter, skipinitialspace=delimiter != " "), [])
        )
    except csv.Error:
        return ()


def sampled_rows(body: memoryview, *, delimiter: str) -> Rows:
    """The rows of the first and the last 64 KiB, but for those that these cut."""
    head, tail = bytes(body[:SAMPLE_BYTES]), bytes(body[SAMPLE_BYTES:][-SAMPLE_BYTES:])
    lines = head.splitlines()[: -1 if tail else None] + tail.splitlines()[1:]
    return [split(line.decode("latin-1"), delimiter=delimiter) for line in lines]


def decimal_point(rows: Rows, *, positions: Sequence[int], path: Path, names: Sequence[str]) -> str:
    """The decimal mark of these columns: a comma where commas stand in their numbers and points in none."""
    fields = {at: [row[at] for row in rows if at < len(row)] for at in positions}
    for at, column in fields.items():
        _refuse_thousands(column, path=path, name=names[at])
    every = [field for column in fields.values() for field in column]
    commas = any(_WITH_COMMA.fullmatch(field) for field in every)
    return "," if commas and not any("." in field and NUMBER.fullmatch(field) for field in every) else "."


def names_as_wide_as_rows(names: tuple[str, ...], rows: Rows) -> tuple[str, ...]:
    """The header's names, one for each field of the rows.

    Rows may end in a delimiter that the header lacks, or the header in one that they lack; and rows that R wrote begin
    with a name of their own, for which the header has none.
    """
    first = (*rows, ())[0]
    if len(first) == len(names) + 1 and first[-1] == "":
        return (*names, "")
    if rows and all(len(row) == len(names) + 1 for row in rows[:2]) and _row_names(*(row[0] for row in rows[:2])):
        return ("", *names)
    if len(first) == len(names) - 1 and names[-1] == "":
        return names[:-1]
    return names


def is_unit_row(rows: Rows, *, positions: Sequence[int]) -> bool:
    """Whether the first row tells units: no number in the columns asked for, where the next row has numbers only."""
    first, second = ([row[at] if at < len(row) else "" for at in positions] for row in (*rows, (), ())[:2])
    return (
        any(first)
        and not any(NUMBER.fullmatch(field) for field in first)
        and all(NUMBER.fullmatch(field) for field in second)
    )


def remedy_for(value: str, *, names: Sequence[str]) -> str:
    """The way out where this stands in place of a number."""
    if value in names:
        return "The header stands there again: cut the file there into two recordings, or take that line out."
    if re.fullmatch(r"[-+]?[\d.,' \u00a0\u202f]+", value):
        return "Export it with decimal points alone: no decimal commas, no thousands separators."
    if re.match(r"\d+(-\d\d-|:\d\d)", value):
        return "Write seconds, or ms, us or ns, as plain numbers in place of dates and clock times."
    return "Mend or cut those rows."


def _row_names(first: str, second: str = "2") -> bool:
    """Whether these are the names R gives to rows: 1 and 2, or words."""
    if first.isdigit() and second.isdigit():
        return int(second) == int(first) + 1
    return not NUMBER.fullmatch(first) and not NUMBER.fullmatch(second)


def _refuse_thousands(column: Sequence[str], *, path: Path, name: str) -> None:
    for mark, grouped in _GROUPED.items():
        marked = [field for field in column if mark in field]
        short = sum(bool(_SHORT.fullmatch(field)) for field in column)
        if min(len(marked), short) < GROUPED_AT_LEAST or not all(grouped.fullmatch(field) for field in marked):
            continue
        raise BadInput(
            path,
            found=f"numbers with a thousands separator in {name}, such as {marked[0]}",
            expected="plain numbers",
            remedy="Export it without thousands separators.",
        )
