"""Reads columns of an HDF5 file: `acc/x`, a column `acc[:, 0]` of a matrix, or a field `samples[ax]` of a table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .fill_values import without_fill
from .named_turns import remarks_of_others
from .table import Table, refuse_too_long, to_numbers

COLUMN = re.compile(
    r"(?P<dataset>[^\[\]]+?)\s*"
    r"(\[\s*:\s*,\s*(?P<column>\d+)\s*\]|\[\s*(?P<row>\d+)\s*,\s*:\s*\]|\[(?P<field>[^\[\]:]+)\])?"
)
"""A column: a dataset, a column or row of one by number, or a field of one by name."""

SHORT_LINE = 6
"""Axes of a sensor at most: a line of so few numbers across a longer matrix is one instant."""

DAMAGED = (OSError, RuntimeError, KeyError, ValueError, MemoryError)
"""What h5py raises of damaged files."""


class Hdf5Reader:
    """Datasets by their path, whole or one column or row of them."""

    generic = True

    def recognises(self, head: bytes) -> bool:
        """The format's signature, unless MATLAB's stands before it."""
        return not head.startswith(b"MATLAB") and is_hdf5(head)

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The columns of these paths."""
        with open_hdf5(path) as file:
            read = {column: _read_column(file, path=path, column=column) for column in columns}
            names = _plain_columns(file)
            blocks = remarks_of_others(path, names, asked=read, read=lambda name: _values(file, column=name))
            units = {column: _unit(file, column=column) for column in columns}
            return Table(path, read, units=units, names=names, blocks=blocks)


def is_hdf5(head: bytes) -> bool:
    """Whether the signature stands where HDF5 allows it: at byte 0, or after a user block of 2^n * 512 bytes."""
    return any(head[at : at + 8] == b"\x89HDF\r\n\x1a\n" for at in (0, 512, 1024, 2048, 4096))


@contextmanager
def open_hdf5(path: Path) -> Iterator[Any]:
    """The file, open for reading; damage that shows while it is read is bad input."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            yield file
    except DAMAGED as error:
        found = " ".join(str(error).split())[:200] or type(error).__name__
        raise BadInput(path, found=found, expected="a whole HDF5 file", remedy="Write or copy it again.") from None


def line_of(match: re.Match[str]) -> tuple[slice | int, slice | int] | None:
    """Which column or row of a matrix a `COLUMN` names; None for neither."""
    if match["column"] is not None:
        return slice(None), int(match["column"])
    return None if match["row"] is None else (int(match["row"]), slice(None))


def refuse_short_line(shape: Sequence[int], *, match: re.Match[str], path: Path) -> None:
    """Refuses a line of two or three numbers across a matrix of samples that lies the other way."""
    if match["column"] is not None or match["row"] is not None:
        own, other = (shape[0], shape[1]) if match["column"] is not None else (shape[1], shape[0])
        if own <= SHORT_LINE < other:
            number = match["column"] or match["row"]
            turned = f"[{number}, :]" if match["column"] is not None else f"[:, {number}]"
            raise BadInput(
                path,
                found=f"{match[0]} of {own} numbers across {match['dataset']}, which is {shape[0]} x {shape[1]}",
                expected="one number for each sample",
                remedy=f"Its samples lie the other way: write `{match['dataset']}{turned}`.",
            )


def _read_column(file: Any, *, path: Path, column: str) -> Float64[Array, "rows"]:
    import h5py

    match = COLUMN.fullmatch(column)
    dataset = file.get(match["dataset"]) if match else None
    if match is None or not isinstance(dataset, h5py.Dataset):
        raise _no_such_column(path, column=column, there=_datasets(file))
    refuse_too_long(dataset.shape, path=path)
    if len(dataset.shape) == 2:
        refuse_short_line(dataset.shape, match=match, path=path)
    try:
        values = dataset[line_of(match) or match["field"] or ()]
    except (IndexError, ValueError, TypeError, OSError) as error:
        there = (f"{match['dataset']} of shape {dataset.shape} and type {dataset.dtype} ({error})",)
        raise _no_such_column(path, column=column, there=there) from None
    values, attributes = _as_signed(values, attributes=dict(dataset.attrs))
    attributes = _of_column(attributes, match=match, path=path)
    return _unpacked(to_numbers(values, path=path, column=column), attributes=attributes)


def _of_column(attributes: Mapping[str, Any], *, match: re.Match[str], path: Path) -> Mapping[str, Any]:
    """The attributes, scale and offset as one number each: of several, that of the column or row."""
    one = dict(attributes)
    number = int(match["column"] or match["row"] or 0)
    for name in ("scale_factor", "add_offset"):
        numbers = _scalars(attributes.get(name, 0.0))
        if len(numbers) == 1:
            continue
        if number >= len(numbers) or not (match["column"] or match["row"]):
            found, expected = f"{len(numbers)} numbers in `{name}` of {match['dataset']}", "one, or one for each column"
            raise BadInput(path, found=found, expected=expected, remedy="Write the data unpacked.")
        one[name] = numbers[number]
    return one


def _unit(file: Any, *, column: str) -> str:
    """What a dataset's attribute `units` or `unit` says; "" for none."""
    match = COLUMN.fullmatch(column)
    attributes = file[match["dataset"]].attrs if match else {}
    said = attributes.get("units", attributes.get("unit", ""))
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said if isinstance(said, str) else ""


def _unpacked(values: Float64[Array, "rows"], *, attributes: Mapping[str, Any]) -> Float64[Array, "rows"]:
    """Values as the netCDF conventions mean them (CF 1.11, sections 2.5.1 and 8.1): those equal to `_FillValue` or
    `missing_value`, or out of the valid range, are NaN, the others times `scale_factor` plus `add_offset`."""
    fill = [_scalars(attributes[name]) for name in ("_FillValue", "missing_value") if name in attributes]
    there = without_fill(values, missing=[number for numbers in fill for number in numbers])
    low, high = _valid(attributes)
    there = np.where((there < low) | (there > high), np.nan, there)
    scale = _scalars(attributes.get("scale_factor", 1.0))[0]
    return there * scale + _scalars(attributes.get("add_offset", 0.0))[0]


def _as_signed(values: Any, *, attributes: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """Integers that netCDF's `_Unsigned` calls unsigned, as such, and attributes of their type (netCDF 3 has none)."""
    said = attributes.get("_Unsigned", b"")
    said = said.decode() if isinstance(said, bytes) else str(said)
    if said.lower() != "true" or getattr(values, "dtype", np.dtype(float)).kind != "i":
        return values, attributes
    signed, unsigned = values.dtype, values.dtype.str.replace("i", "u")
    same = {name: np.asarray(its).view(unsigned) for name, its in attributes.items() if _dtype(its) == signed}
    return values.view(unsigned), {**attributes, **same}


def _dtype(value: Any) -> np.dtype[Any]:
    return np.asarray(value).dtype


def _valid(attributes: Mapping[str, Any]) -> tuple[float, float]:
    """The range in which packed values are measurements."""
    both = _scalars(attributes.get("valid_range", ()))
    low, high = both if len(both) == 2 else (-np.inf, np.inf)
    return _scalars(attributes.get("valid_min", low))[0], _scalars(attributes.get("valid_max", high))[0]


def _scalars(value: Any) -> list[float]:
    """The numbers of an attribute, which HDF5 keeps as scalars or as arrays of one."""
    return [float(number) for number in np.atleast_1d(value).ravel()]


def _no_such_column(path: Path, *, column: str, there: Sequence[str]) -> BadInput:
    found = ", ".join(there[:20]) + (f" and {len(there) - 20} more" if len(there) > 20 else "")
    remedy = "Write columns as `path/to/data`, `path/to/matrix[:, 0]` (or `[0, :]`) or `path/to/table[field]`."
    return BadInput(path, found=found or "no data", expected=f"a column {column}", remedy=remedy)


def _plain_columns(file: Any) -> tuple[str, ...]:
    """Vectors of numbers or words, and fields of tables, as a manifest names them."""
    import h5py

    names: list[str] = []

    def add(name: str | bytes, item: Any) -> None:
        if isinstance(name, str) and isinstance(item, h5py.Dataset) and item.ndim == 1:
            names.extend([f"{name}[{field}]" for field in item.dtype.names] if item.dtype.names else [name])

    file.visititems(add)
    return tuple(names)


def _values(file: Any, *, column: str) -> Array:
    """A plain column as it is stored."""
    match = COLUMN.fullmatch(column)
    return np.asarray(file[match["dataset"]][match["field"] or ()]) if match else np.empty(0)


def _datasets(file: Any) -> tuple[str, ...]:
    import h5py

    names: list[str | bytes] = []  # bytes where they are no UTF-8
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return tuple(name if isinstance(name, str) else name.decode(errors="replace") for name in names)
