"""Delimited text to columns of numbers: finds the header by the names asked for, parses through pyarrow."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .dialect import (
    NUMBER,
    decimal_point,
    is_unit_row,
    names_as_wide_as_rows,
    remedy_for,
    sampled_rows,
    split,
    split_padded,
)

DELIMITERS = ("\t", ";", ",", " ")
HEADER_BYTES = 65536
"""A header begins within the first 64 KiB and its first hundred lines, or there is none."""
HEADER_LINES = 100
COMMENTS = ("#", "//", "%", "sep=", '"sep=')
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
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
BLOCK_ENDS = 20
"""So many rows at either end of a file that hold one value show that a column may hold blocks."""
FIXED_ROWS = 50
"""So many rows whose last numbers have as many decimals were written with a fixed number of them."""
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
    padded: bool = False
    """Whether any number of blanks stands between two fields."""
    units: tuple[str, ...] = ()
    """What stands in a row of units below the names, where there is one."""

    def fields(self, line: bytes) -> tuple[str, ...]:
        """A line's fields."""
        return split_padded(decode(line)) if self.padded else split(decode(line), delimiter=self.delimiter)


def read_text(path: Path) -> bytes:
    """The bytes of a text file, without the NULs that a power cut leaves at the end."""
    data = path.read_bytes()
    if data.startswith(UTF_16):
        raise BadInput(path, found="text in UTF-16", expected="text in UTF-8", remedy="Save it as UTF-8.")
    data = data.rstrip(b"\0").removeprefix(b"\xef\xbb\xbf")
    if b"\0" in data[:HEADER_BYTES]:
        raise BadInput(path, found="bytes that are not text", expected="text in UTF-8", remedy="Declare its `format:`.")
    return data


def find_layout(data: bytes, *, path: Path, columns: Sequence[str], units_below: bool = True) -> Layout:
    """The layout under which every column asked for is there: a header line with all the names, or numbers only.

    A row of units below the header is left out, unless the caller knows what stands there.
    """
    offset, plain = 0, None
    for line in data[:HEADER_BYTES].splitlines(keepends=True)[:HEADER_LINES]:
        offset += len(line)
        text = decode(line)
        for delimiter in DELIMITERS:
            padded = delimiter == " " and "  " in f" {text}"
            names = split_padded(text) if padded else split(text, delimiter=delimiter)
            if set(columns) <= set(names):
                layout = _fitted(Layout(names, delimiter, offset, padded), rows=data[offset : offset + HEADER_BYTES])
                return below_units(layout, data, columns=columns) if units_below else layout
        if plain is None and text.strip() and not text.startswith(COMMENTS):
            plain = _without_header(text, rows_at=offset - len(line)) or best_split(text)
            if isinstance(plain, Layout) and set(columns) <= set(plain.names):
                _refuse_counted_columns(text, layout=plain, path=path)
                return plain
    raise _no_such_columns(plain, path=path, columns=columns)


def parse_columns(data: bytes, *, path: Path, layout: Layout, columns: Sequence[str]) -> Columns:
    """The columns of these names as numbers, missing values as NaN. An incomplete last line (a logger that lost power
    while writing it) is left out; any other row with too few or too many fields, or with text among the numbers, is
    refused."""
    _refuse_twice(columns, layout=layout, path=path)
    end = complete_rows(data, layout=layout)
    body = memoryview(data)[layout.rows_at : end]
    if not data[layout.rows_at : min(end, layout.rows_at + HEADER_BYTES)].strip():
        raise BadInput(path, found="a header and no rows", expected="rows of numbers", remedy="Export it again.")
    positions = [layout.names.index(name) for name in columns]
    table = _parse(_without_padding(body, layout=layout), path=path, layout=layout, positions=positions)
    return {name: _to_float64(table[str(at)]) for name, at in zip(columns, positions, strict=True)}


def parse_texts(data: bytes, *, path: Path, layout: Layout, column: str) -> pa.ChunkedArray:
    """A column as it is written, bytes; rows of other lengths are refused."""
    _refuse_twice([column], layout=layout, path=path)
    body = memoryview(data)[layout.rows_at : complete_rows(data, layout=layout)]
    at = str(layout.names.index(column))
    try:
        return pa.csv.read_csv(
            pa.py_buffer(_without_padding(body, layout=layout)),
            read_options=pa.csv.ReadOptions(column_names=[str(number) for number in range(len(layout.names))]),
            parse_options=pa.csv.ParseOptions(delimiter=layout.delimiter),
            convert_options=pa.csv.ConvertOptions(column_types={at: pa.binary()}, include_columns=[at]),
        )[at]
    except pa.ArrowInvalid as error:
        found = _describe(str(error), names=layout.names)
        raise BadInput(path, found=found, expected="rows of equal length", remedy="Mend or cut those rows.") from None


def blockwise_columns(data: bytes, *, layout: Layout, asked: Sequence[str]) -> tuple[str, ...]:
    """Columns beside those asked for that hold one value in the first rows and another in the last ones."""
    rows = sampled_rows(
        memoryview(data)[layout.rows_at : complete_rows(data, layout=layout)], delimiter=layout.delimiter
    )
    if len(rows) < 2 * BLOCK_ENDS or layout.padded:
        return ()
    ends = (rows[:BLOCK_ENDS], rows[-BLOCK_ENDS:])
    first, last = (
        [{row[at] if at < len(row) else "" for row in end} for at in range(len(layout.names))] for end in ends
    )
    apart = (len(one) == len(other) == 1 and one != other for one, other in zip(first, last, strict=True))
    others = zip(layout.names, apart, strict=True)
    return tuple(name for name, both in others if both and name and name not in asked and layout.names.count(name) == 1)


def decode(line: bytes) -> str:
    """A line of a header: UTF-8, or Latin-1 as older programs write degree signs."""
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip("\r\n")


def best_split(text: str) -> tuple[str, ...]:
    """The fields of a line under the delimiter that gives most."""
    return max((split(text, delimiter=delimiter) for delimiter in DELIMITERS), key=len)


def _refuse_twice(columns: Sequence[str], *, layout: Layout, path: Path) -> None:
    for name in columns:
        if (times := layout.names.count(name)) > 1:
            expected, remedy = "column names that are unique", "Rename them in the file."
            raise BadInput(path, found=f"the column {name} {times} times", expected=expected, remedy=remedy)


def _fitted(layout: Layout, *, rows: bytes) -> Layout:
    """The layout with a name for each field of the rows."""
    filled = [line for line in rows.splitlines() if line.strip()][:2]
    if layout.delimiter == " " and filled and len(split_padded(decode(filled[0]))) == len(layout.names):
        layout = replace(layout, padded=True)
    names = names_as_wide_as_rows(layout.names, [layout.fields(line) for line in filled])
    return replace(layout, names=names)


def below_units(layout: Layout, data: bytes, *, columns: Sequence[str] = ()) -> Layout:
    """The layout without a row of units under its names, which shows in these columns, or else in all with numbers."""
    lines = data[layout.rows_at : layout.rows_at + HEADER_BYTES].splitlines(keepends=True)
    filled = [number for number, line in enumerate(lines) if line.strip()][:2]
    rows = [layout.fields(lines[number]) for number in filled]
    numbers = [at for at, field in enumerate((*rows, (), ())[1]) if NUMBER.fullmatch(field)]
    if not is_unit_row(rows, positions=[layout.names.index(name) for name in columns] or numbers):
        return layout
    return replace(layout, units=rows[0], rows_at=layout.rows_at + sum(map(len, lines[: filled[0] + 1])))


def _without_header(text: str, *, rows_at: int) -> Layout | None:
    """The layout of a file that begins with numbers right away: columns are called 1, 2, 3..."""
    for delimiter in DELIMITERS:
        fields = split(text, delimiter=delimiter)
        if len(fields) > 1 and all(NUMBER.fullmatch(field) for field in fields):
            return Layout(tuple(str(1 + at) for at in range(len(fields))), delimiter, rows_at)
    return None


def _refuse_counted_columns(text: str, *, layout: Layout, path: Path) -> None:
    """Refuses a first line that counts the columns from 0, as pandas writes where they have no names."""
    if list(layout.fields(text.encode())) == [str(at) for at in range(len(layout.names))]:
        found = f"a first line that numbers the columns, {text[:40]}"
        remedy = "Name them in the manifest as that line does, or take it out."
        raise BadInput(path, found=found, expected="rows of numbers", remedy=remedy)


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
    """Where the last complete row ends: before a last line with too few fields, or whose last number was cut off: it
    ends in its sign or point, or, without a newline, has fewer decimals than all of the rows before."""
    tail_at = max(layout.rows_at, len(data) - HEADER_BYTES)
    tail = data[tail_at:].rstrip(b"\r\n")
    line_at = max(tail.rfind(b"\n"), tail.rfind(b"\r")) + 1
    if line_at == 0:
        return len(data)
    fields = layout.fields(tail[line_at:])
    unfinished = tail_at + len(tail) == len(data) and bool(fields) and _cut_off(fields[-1], tail[:line_at], layout)
    return tail_at + line_at if len(fields) < len(layout.names) or unfinished else len(data)


def _cut_off(last: str, rows_before: bytes, layout: Layout) -> bool:
    """Whether the last field of a file without a last newline is the beginning of a number."""
    if _CUT_OFF.search(last):
        return True
    rows = [layout.fields(line) for line in rows_before.splitlines()[-FIXED_ROWS:]]
    usual = {_decimals(row[-1]) for row in rows if row}
    fixed = len(rows) == FIXED_ROWS and len(usual) == 1
    return fixed and _decimals(last) < usual.pop() and bool(NUMBER.fullmatch(last))


def _decimals(field: str) -> int:
    """Signs behind the last point or comma."""
    *before, behind = re.split("[.,]", field)
    return len(behind) if before else 0


def _without_padding(body: memoryview, *, layout: Layout) -> memoryview:
    """The rows with one blank between two fields, where any number of them may stand."""
    if not layout.padded:
        return body
    return memoryview(re.sub(rb"(?m)^ +| +(?=\r?$)", b"", re.sub(rb" +", b" ", body)))


def _parse(body: memoryview, *, path: Path, layout: Layout, positions: Sequence[int]) -> pa.Table:
    wanted = sorted({str(at) for at in positions})
    rows = sampled_rows(body, delimiter=layout.delimiter)
    convert = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(wanted, pa.float64()),
        include_columns=wanted,
        null_values=list(MISSING),
        decimal_point=decimal_point(rows, positions=positions, path=path, names=layout.names),
    )
    parse = pa.csv.ParseOptions(delimiter=layout.delimiter)
    names = [str(at) for at in range(len(layout.names))]
    try:
        read = pa.csv.ReadOptions(column_names=names)
        return pa.csv.read_csv(pa.py_buffer(body), read_options=read, parse_options=parse, convert_options=convert)
    except pa.ArrowInvalid as error:
        found = _describe(str(error), names=layout.names)
        invalid = re.search(r"invalid value '(.*)'", str(error))
        remedy = remedy_for(invalid[1].strip() if invalid else "", names=[name for name in layout.names if name])
        raise BadInput(
            path, found=found, expected=f"numbers in {len(layout.names)} fields a row", remedy=remedy
        ) from None


def _describe(message: str, *, names: Sequence[str]) -> str:
    """Arrow's message with the column's own name, short enough for a line."""
    column = re.search(r"In CSV column #(\d+): ", message)
    text = re.sub(r"In CSV column #\d+: |CSV (parse|conversion) error( to double)?: ", "", message)
    text = " ".join(text.split())
    place = f"in column {names[int(column[1])]}: " if column else ""
    return place + (text if len(text) <= 120 else f"{text[:120]}...")


def _to_float64(column: pa.ChunkedArray) -> Float64[Array, "rows"]:
    return np.asarray(column.to_numpy(), dtype=np.float64)
