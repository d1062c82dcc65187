"""Reads labels from CSV with the columns start, end and label: seconds, and the file's own words."""

import csv
from collections.abc import Sequence
from pathlib import Path

from ..errors import BadInput
from ..readers.delimited import DELIMITERS, decode
from ..readers.dialect import names_as_wide_as_rows, split
from .table import Span
from .text import refuse_surplus

COLUMNS = ("start", "end", "label")


class CsvSpans:
    """Delimited text with a header that names `start`, `end` and `label`, in small letters or capitals; further columns
    are left alone."""

    generic = True

    def recognises(self, head: bytes) -> bool:
        """A first line with the three names."""
        return _delimiter(_header(head)) is not None

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """Its spans. A row whose times are not numbers is refused."""
        data = path.read_bytes()
        delimiter = _delimiter(_header(data))
        if delimiter is None:
            found, expected = f"the header {_header(data)!r}", f"the columns {', '.join(COLUMNS)}"
            raise BadInput(path, found=found, expected=expected, remedy="Rename the columns.")
        lines = [decode(line) for line in data.removeprefix(b"\xef\xbb\xbf").splitlines()]
        rows = [row for row in csv.reader(lines[1:], delimiter=delimiter, skipinitialspace=True) if row]
        names = names_as_wide_as_rows(_names(lines[0], delimiter=delimiter), rows[:2])
        return tuple(_span(row, names=names, path=path, number=number) for number, row in enumerate(rows, start=1))


def _header(data: bytes) -> str:
    lines = data[:65536].removeprefix(b"\xef\xbb\xbf").splitlines()
    return decode(lines[0]) if lines else ""


def _delimiter(header: str) -> str | None:
    return next((mark for mark in DELIMITERS if set(COLUMNS) <= set(_names(header, delimiter=mark))), None)


def _names(header: str, *, delimiter: str) -> tuple[str, ...]:
    return tuple(name.lower() for name in split(header, delimiter=delimiter))


def _span(row: Sequence[str], *, names: Sequence[str], path: Path, number: int) -> Span:
    refuse_surplus(row, names=names, path=path, place=f"row {number}")
    values = dict(zip(names, row, strict=False))
    try:
        start, stop = (float(values[name].replace(",", ".")) for name in ("start", "end"))
        label = values["label"].strip()
    except (KeyError, ValueError):
        found = f"{values} in row {number}"
        raise BadInput(path, found=found, expected="start and end in seconds, and a label", remedy="Mend it.") from None
    return Span(start, stop, label, f"row {number}")
