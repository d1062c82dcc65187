"""Reads labels from CSV with the columns start, end and label: seconds, and the file's own words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import BadInput
from ..readers.delimited import DELIMITERS
from ..readers.dialect import decimal_point, names_as_wide_as_rows, split
from .table import Span
from .text import csv_rows, decode_text, lines_of, read_label_text, refuse_surplus

COLUMNS = ("start", "end", "label")
WHOSE = (
    "file",
    "film",
    "video",
    "media",
    "recording",
    "observation",
    "subject",
    "horse",
    "animal",
    "individual",
    "tier",
)
"""Columns that tell apart labels of several films, horses or layers: each combination is a tier."""


class CsvSpans:
    """Delimited text with a header that names `start`, `end` and `label`, in small letters or capitals.

    Where columns tell several films, horses or layers apart, these are tiers; further columns are left alone.
    """

    generic = True

    def recognises(self, head: bytes) -> bool:
        """A first line with the three names."""
        return _delimiter(_header(decode_text(head))) is not None

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """Its spans. A row whose times are not numbers is refused."""
        text = read_label_text(path)
        delimiter = _delimiter(_header(text))
        if delimiter is None:
            found, expected = f"the header {_header(text)!r}", f"the columns {', '.join(COLUMNS)}"
            raise BadInput(path, found=found, expected=expected, remedy="Rename the columns.")
        lines = lines_of(text)
        width = len(_names(lines[0], delimiter=delimiter))
        numbered = csv_rows(lines[1:], delimiter=delimiter, width=width, path=path, first_line=1)
        rows = [row for _, row in numbered if any(field.strip() for field in row)]
        names = names_as_wide_as_rows(_names(lines[0], delimiter=delimiter), rows[:2])
        _refuse_twice(names, path=path)
        times = [names.index(name) for name in COLUMNS[:2]]
        point = decimal_point(rows, positions=times, path=path, names=names)
        spans = [
            _span(row, names=names, point=point, path=path, number=number) for number, row in enumerate(rows, start=1)
        ]
        several = len({span.tier for span in spans}) > 1
        return tuple(spans) if several else tuple(replace(span, tier="") for span in spans)


def _header(text: str) -> str:
    return lines_of(text[:65536])[0]


def _delimiter(header: str) -> str | None:
    return next((mark for mark in DELIMITERS if set(COLUMNS) <= set(_names(header, delimiter=mark))), None)


def _names(header: str, *, delimiter: str) -> tuple[str, ...]:
    return tuple(name.lower() for name in split(header, delimiter=delimiter))


def _refuse_twice(names: Sequence[str], *, path: Path) -> None:
    twice = [name for name in (*COLUMNS, *WHOSE) if names.count(name) > 1]
    if twice:
        remedy = "Name the columns apart."
        raise BadInput(path, found=f"the column {twice[0]} twice", expected="each once", remedy=remedy)


def _span(row: Sequence[str], *, names: Sequence[str], point: str, path: Path, number: int) -> Span:
    refuse_surplus(row, names=names, path=path, place=f"row {number}")
    values = dict(zip(names, row, strict=False))
    try:
        start, stop = (_number(values[name], point=point) for name in ("start", "end"))
        label = values["label"].strip()
    except (KeyError, ValueError):
        found = f"{values} in row {number}"
        raise BadInput(path, found=found, expected="start and end in seconds, and a label", remedy="Mend it.") from None
    return Span(start, stop, label, f"row {number}", tier=_tier(values))


def _number(text: str, *, point: str) -> float:
    if "_" in text:  # which Python reads over
        raise ValueError(text)
    return float(text.replace(point, "."))


def _tier(values: Mapping[str, str]) -> str:
    return " / ".join(value for name in WHOSE if (value := values.get(name, "").strip()))
