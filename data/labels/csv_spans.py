"""Reads labels from CSV with the columns start, end and label: seconds, and the file's own words."""

import csv
from pathlib import Path

from ..errors import BadInput
from ..readers.delimited import DELIMITERS, decode
from ..readers.dialect import split
from .table import Span

COLUMNS = ("start", "end", "label")


class CsvSpans:
    """Delimited text with a header that names `start`, `end` and `label`; further columns are left alone."""

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
        rows = csv.DictReader(lines, delimiter=delimiter, skipinitialspace=True)
        return tuple(_span(row, path=path, number=number) for number, row in enumerate(rows, start=1))


def _header(data: bytes) -> str:
    lines = data[:65536].removeprefix(b"\xef\xbb\xbf").splitlines()
    return decode(lines[0]) if lines else ""


def _delimiter(header: str) -> str | None:
    return next((mark for mark in DELIMITERS if set(COLUMNS) <= set(split(header, delimiter=mark))), None)


def _span(row: dict[str, str], *, path: Path, number: int) -> Span:
    values = {(name or "").strip(): value for name, value in row.items() if isinstance(value, str)}
    try:
        start, stop = (float(values[name].replace(",", ".")) for name in ("start", "end"))
        label = values["label"].strip()
    except (KeyError, ValueError):
        found = f"{values} in row {number}"
        raise BadInput(path, found=found, expected="start and end in seconds, and a label", remedy="Mend it.") from None
    return Span(start, stop, label, f"row {number}")
