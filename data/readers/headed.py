"""What device formats in delimited text share: finding the line of column names, reading columns from below it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from .delimited import DELIMITERS, HEADER_BYTES, HEADER_LINES, Columns, Layout, decode, find_layout, parse_columns
from .dialect import split


def header_names(head: bytes, *, first: str) -> tuple[str, ...]:
    """The names of the header line whose first name ends in `first`, wherever it stands; empty where there is none."""
    for line in head.removeprefix(b"\xef\xbb\xbf").splitlines()[:HEADER_LINES]:
        for delimiter in DELIMITERS[:3]:
            names = split(decode(line), delimiter=delimiter)
            if len(names) > 1 and names[0].endswith(first):
                return names
    return ()


def read_columns(
    data: bytes, *, path: Path, own: Sequence[str], asked: Sequence[str], lines_below: int = 0
) -> tuple[Layout, Columns]:
    """The format's own columns and those asked for. `lines_below` the names are left out: a row of units, say."""
    wanted = tuple(dict.fromkeys((*own, *asked)))
    layout = find_layout(data, path=path, columns=wanted, units_below=not lines_below)
    rows_at = layout.rows_at
    below = data[rows_at : rows_at + HEADER_BYTES].splitlines(keepends=True)[:lines_below]
    rows_at += sum(map(len, below))
    layout = replace(layout, rows_at=rows_at)
    return layout, parse_columns(data, path=path, layout=layout, columns=wanted)
