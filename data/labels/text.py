"""What label formats in text share: decoding, rows under a header wherever it stands, numbers or a refusal."""

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import BadInput

HEADER_LINES = 40
"""A header stands within these, below whatever facts a program writes first."""
DELIMITERS = ("\t", ",", ";")


def decode_text(data: bytes) -> str:
    """UTF-16 where a byte order mark says so (Praat writes it), else UTF-8, else Latin-1 as older programs write."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_label_text(path: Path) -> str:
    """The text of a label file."""
    return decode_text(path.read_bytes())


def header_of(lines: Sequence[str], *, needed: Sequence[str]) -> tuple[int, str] | None:
    """Line number and delimiter of the first line that has all these names."""
    for at, line in enumerate(lines[:HEADER_LINES]):
        for delimiter in DELIMITERS:
            if set(needed) <= set(_fields(line, delimiter=delimiter)):
                return at, delimiter
    return None


def rows_below(text: str, *, needed: Sequence[str], path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number from 1 and fields by name of each row below the header. Fields that a short row lacks are empty."""
    lines = text.splitlines()
    header = header_of(lines, needed=needed)
    if header is None:
        found, expected = f"no line with {', '.join(needed)}", "a header with these names"
        raise BadInput(path, found=found, expected=expected, remedy="Export it again, or correct `format:`.")
    at, delimiter = header
    names = _fields(lines[at], delimiter=delimiter)
    for number, line in enumerate(lines[at + 1 :], start=at + 2):
        if line.strip():
            fields = _fields(line, delimiter=delimiter)
            refuse_surplus(fields, names=names, path=path, place=f"line {number}")
            yield number, dict(zip(names, [*fields, *[""] * (len(names) - len(fields))], strict=False))


def refuse_surplus(fields: Sequence[str], *, names: Sequence[str], path: Path, place: str) -> None:
    """Refuses a row that has more to say than the header has names."""
    if any(fields[len(names) :]):
        found, expected = f"{len(fields)} fields in {place}", f"{len(names)}, as in the header"
        remedy = "Quote a field that holds the separator, and write without row names (in R: row.names = FALSE)."
        raise BadInput(path, found=found, expected=expected, remedy=remedy)


def to_seconds(text: object, *, path: Path, place: str) -> float:
    """A number of seconds, with a decimal point or comma; anything else is bad input."""
    try:
        seconds = float(str(text).strip().replace(",", "."))
    except ValueError:
        seconds = math.nan
    if isinstance(text, bool) or not math.isfinite(seconds):
        found = f"the time {str(text)[:40]!r} in {place}"
        raise BadInput(path, found=found, expected="a number of seconds", remedy="Mend it in the file.")
    return seconds


def _fields(line: str, *, delimiter: str) -> list[str]:
    try:
        return [field.strip() for field in next(csv.reader([line.replace("\0", "")], delimiter=delimiter), [])]
    except csv.Error:
        return []
