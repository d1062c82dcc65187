"""Delimited text to columns of numbers: finds the header by the names asked for, parses through pyarrow."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput

DELIMITERS = ("\t", ";", ",", " ")
HEADER_BYTES = 65536
"""A header begins within the first 64 KiB and its first hundred lines, or there is none."""
HEADER_LINES = 100
COMMENTS = ("#", "//", "%", "sep=", '"sep=')
MISSING = (
    "",
    "nan",
    "NaN",
    "NAN",
    "NA",
    "N/A",
    "n/a",
    "null",
    "NULL",
    "Null",
    "None",
    "#N/A",
    "-nan",
    "nan(ind)",
    "-nan(ind)",
)
_NUMBER = re.compile(r"[-+]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?|[-+]?(nan|inf)", re.IGNORECASE)
_CUT_OFF = re.compile(r"(^|\d|[-+])[-+.,eE]$")


Columns = Mapping[str, Float64[Array, "rows"]]


@dataclass(frozen=True)
class Layout:
    """How a text file is laid out."""

    names: tuple[str, ...]
    """Column names in order: the header's, or `1`, `2`... where there is none."""
    delimiter: str
    """Between fields."""
    rows_at: int
    """Byte at which the first row of data begins."""


def read_text(path: Path) -> bytes:
    """The bytes of a text file, without the NULs that a power cut leaves at the end."""
    data = path.read_bytes().rstrip(b"\0").removeprefix(b"\xef\xbb\xbf")
    if b"\0" in data[:HEADER_BYTES]:
        raise BadInput(path, found="bytes that are not text", expected="text in UTF-8", remedy="Declare its `format:`.")
    return data


def find_layout(data: bytes, *, path: Path, columns: Sequence[str]) -> Layout:
    """The layout under which every column asked for is there: a header line with all the names, or numbers only."""
    offset, plain = 0, None
    for line in data[:HEADER_BYTES].splitlines(keepends=True)[:HEADER_LINES]:
        offset += len(line)
        text = decode(line)
        for delimiter in DELIMITERS:
            names = split(text, delimiter=delimiter)
            if set(columns) <= set(names):
                return Layout(
                    _widened(names, data[offset : offset + HEADER_BYTES], delimiter=delimiter), delimiter, offset
                )
        if plain is None and text.strip() and not text.startswith(COMMENTS):
            plain = _without_header(text, rows_at=offset - len(line)) or best_split(text)
            if isinstance(plain, Layout) and set(columns) <= set(plain.names):
                return plain
    raise _no_such_columns(plain, path=path, columns=columns)


def parse_columns(data: bytes, *, path: Path, layout: Layout, columns: Sequence[str]) -> Columns:
    """The columns of these names as numbers, missing values as NaN. An incomplete last line (a logger that lost power
    while writing it) is left out; any other row with too few or too many fields, or with text among the numbers, is
    refused."""
    twice = [name for name in columns if layout.names.count(name) > 1]
    if twice:
        found = f"the column {twice[0]} {layout.names.count(twice[0])} times"
        raise BadInput(path, found=found, expected="column names that are unique", remedy="Rename them in the file.")
    end = complete_rows(data, layout=layout)
    body = memoryview(data)[layout.rows_at : end]
    if not data[layout.rows_at : min(end, layout.rows_at + HEADER_BYTES)].strip():
        raise BadInput(path, found="a header and no rows", expected="rows of numbers", remedy="Export it again.")
    positions = [layout.names.index(name) for name in columns]
    table = _parse(body, path=path, layout=layout, positions=positions)
    return {name: _to_float64(table[str(at)]) for name, at in zip(columns, positions, strict=True)}


def decode(line: bytes) -> str:
    """A line of a header: UTF-8, or Latin-1 as older programs write degree signs."""
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip("\r\n")


def split(text: str, *, delimiter: str) -> tuple[str, ...]:
    """The fields of a line, without quotes and surrounding blanks."""
    try:
        return tuple(
            field.strip()
            for field in next(csv.reader([text], delimiter=delimiter, skipinitialspace=delimiter != " "), [])
        )
    except csv.Error:
        return ()


def best_split(text: str) -> tuple[str, ...]:
    """The fields of a line under the delimiter that gives most."""
    return max((split(text, delimiter=delimiter) for delimiter in DELIMITERS), key=len)


def _widened(names: tuple[str, ...], rows: bytes, *, delimiter: str) -> tuple[str, ...]:
    """The names, with one more where each row ends in a delimiter that the header lacks."""
    first = next((line for line in rows.splitlines() if line.strip()), b"")
    fields = split(decode(first), delimiter=delimiter)
    return (*names, "") if len(fields) == len(names) + 1 and fields[-1] == "" else names


def _without_header(text: str, *, rows_at: int) -> Layout | None:
    """The layout of a file that begins with numbers right away: columns are called 1, 2, 3..."""
    for delimiter in DELIMITERS:
        fields = split(text, delimiter=delimiter)
        if len(fields) > 1 and all(_NUMBER.fullmatch(field) for field in fields):
            return Layout(tuple(str(1 + at) for at in range(len(fields))), delimiter, rows_at)
    return None


def _no_such_columns(plain: Layout | tuple[str, ...] | None, *, path: Path, columns: Sequence[str]) -> BadInput:
    names = plain.names if isinstance(plain, Layout) else plain
    if names is None:
        return BadInput(path, found="no line of data", expected="a header and rows", remedy="Export it again.")
    missing = [name for name in columns if name not in names] or list(columns)
    found = f"columns {', '.join(names[:40])}" + (f" and {len(names) - 40} more" if len(names) > 40 else "")
    header = " (numbers only, no header: they are called 1, 2, ...)" if isinstance(plain, Layout) else ""
    return BadInput(
        path, found=found + header, expected=f"a column {missing[0]}", remedy="Correct `columns:` in the manifest."
    )


def complete_rows(data: bytes, *, layout: Layout) -> int:
    """Where the last complete row ends: before a last line with too few fields, or whose last number was cut off."""
    tail_at = max(layout.rows_at, len(data) - HEADER_BYTES)
    tail = data[tail_at:].rstrip(b"\r\n")
    line_at = max(tail.rfind(b"\n"), tail.rfind(b"\r")) + 1
    if line_at == 0:
        return len(data)
    fields = split(decode(tail[line_at:]), delimiter=layout.delimiter)
    unfinished = tail_at + len(tail) == len(data) and bool(fields) and bool(_CUT_OFF.search(fields[-1]))
    return tail_at + line_at if len(fields) < len(layout.names) or unfinished else len(data)


def _parse(body: memoryview, *, path: Path, layout: Layout, positions: Sequence[int]) -> pa.Table:
    wanted = sorted({str(at) for at in positions})
    convert = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(wanted, pa.float64()),
        include_columns=wanted,
        null_values=list(MISSING),
        decimal_point=_decimal_point(body, delimiter=layout.delimiter),
    )
    parse = pa.csv.ParseOptions(delimiter=layout.delimiter)
    names = [str(at) for at in range(len(layout.names))]
    try:
        read = pa.csv.ReadOptions(column_names=names)
        return pa.csv.read_csv(pa.py_buffer(body), read_options=read, parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        found = _describe(str(error), names=layout.names)
        expected = f"numbers in {len(layout.names)} fields a row"
        raise BadInput(path, found=found, expected=expected, remedy="Mend or cut those rows.") from None


def _decimal_point(body: memoryview, *, delimiter: str) -> str:
    """A comma where commas stand between digits and points do not: never in a file that commas delimit."""
    sample = bytes(body[:HEADER_BYTES]) + bytes(body[-HEADER_BYTES:])
    commas, points = re.search(rb"\d,\d", sample), re.search(rb"\d\.\d", sample)
    return "," if delimiter != "," and commas and not points else "."


def _describe(message: str, *, names: Sequence[str]) -> str:
    """Arrow's message with the column's own name, short enough for a line."""
    column = re.search(r"In CSV column #(\d+): ", message)
    text = re.sub(r"In CSV column #\d+: |CSV (parse|conversion) error( to double)?: ", "", message)
    text = " ".join(text.split())
    place = f"in column {names[int(column[1])]}: " if column else ""
    return place + (text if len(text) <= 120 else f"{text[:120]}...")


def _to_float64(column: pa.ChunkedArray) -> Float64[Array, "rows"]:
    return np.asarray(column.to_numpy(), dtype=np.float64)
