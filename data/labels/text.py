"""What label formats in text share: decoding, rows under a header wherever it stands, numbers or a refusal."""

import csv
import math
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ..errors import BadInput

HEADER_LINES = 40
"""A header stands within these, below whatever facts a program writes first."""
DELIMITERS = ("\t", ",", ";")
WESTERN = {byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(128, 160)}
"""Letters of Windows (dashes, quotes, dots) where Latin-1 has none."""


def decode_text(data: bytes) -> str:
    """UTF-16 where a byte order mark says so (Praat and Excel write it), else UTF-8, else Windows' Western letters."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "".join(WESTERN.get(byte, chr(byte)) for byte in data)


def lines_of(text: str) -> list[str]:
    """The lines of a text: no letter but those that end a line ends one, as Python has it for eight others."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def plain_word(text: str) -> str:
    """A word as it is seen: accents written one way, one blank for several or for a hard one, no invisible letters."""
    seen = (letter for letter in unicodedata.normalize("NFC", text) if unicodedata.category(letter) != "Cf")
    return " ".join("".join(seen).split())


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
    lines = lines_of(text)
    header = header_of(lines, needed=needed)
    if header is None:
        found, expected = f"no line with {', '.join(needed)}", "a header with these names"
        raise BadInput(path, found=found, expected=expected, remedy="Export it again, or correct `format:`.")
    at, delimiter = header
    names = _fields(lines[at], delimiter=delimiter)
    body = list(csv_rows(lines[at + 1 :], delimiter=delimiter, width=len(names), path=path, first_line=at + 2))
    for number, row in body:
        fields = [field.strip() for field in row]
        if any(fields):
            refuse_surplus(fields, names=names, path=path, place=f"line {number}")
            yield number, dict(zip(names, [*fields, *[""] * (len(names) - len(fields))], strict=False))


def csv_rows(
    lines: Sequence[str], *, delimiter: str, width: int, path: Path, first_line: int
) -> Iterator[tuple[int, list[str]]]:
    """Number of its first line, and fields, of each row: a field in quotes may hold line ends.

    A quote that is not closed would take the rows after it for its text: refused where one of them is as wide as the
    header.
    """
    reader = csv.reader((line.replace("\0", "") + "\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    before = 0
    try:
        for row in reader:
            inside = lines[before + 1 : reader.line_num]
            if any(len(_fields(line, delimiter=delimiter)) >= width > 1 for line in inside):
                raise csv.Error("a quote that is not closed")
            yield first_line + before, row
            before = reader.line_num
    except csv.Error as error:
        found, remedy = f"{error} in line {first_line + before}", "Close or remove that quote."
        raise BadInput(path, found=found, expected="rows of a table", remedy=remedy) from None


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
    if isinstance(text, bool) or "_" in str(text) or not math.isfinite(seconds):
        found = f"the time {str(text)[:40]!r} in {place}"
        raise BadInput(path, found=found, expected="a number of seconds", remedy="Mend it in the file.")
    return seconds


def _fields(line: str, *, delimiter: str) -> list[str]:
    try:
        return [field.strip() for field in next(csv.reader([line.replace("\0", "")], delimiter=delimiter), [])]
    except csv.Error:
        return []
