"""Reads columns of MATLAB files, version 5 to 7.3: `imu/acc[:, 0]` is the first column of the field `imu.acc`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .hdf5_file import COLUMN, line_of, open_hdf5, refuse_short_line
from .mat5 import read_mat5
from .named_turns import remarks_of_others
from .table import Table, refuse_too_long, to_numbers

V5 = b"MATLAB 5.0 MAT-file"
V73 = b"MATLAB 7.3 MAT-file"
OTHER_73 = {"cell": "a cell array", "char": "text", "function_handle": "a function"}
"""MATLAB's classes that hold no numbers, as version 7.3 names them."""


class MatlabReader:
    """Variables and fields of structs, by path. Row and column vectors are columns alike."""

    generic = True

    def recognises(self, head: bytes) -> bool:
        """The text that MATLAB begins its files with."""
        return head.startswith((V5, V73))

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The columns of these paths."""
        with path.open("rb") as file:
            newer = file.read(len(V73)) == V73
        variables = _variables_73(path) if newer else read_mat5(path)
        leaves = dict(_leaves(variables))
        read = {column: _column(leaves, path=path, column=column) for column in columns}
        plain = tuple(name for name, value in leaves.items() if isinstance(value, np.ndarray) and value.ndim == 1)
        blocks = remarks_of_others(path, plain, asked=read, read=lambda name: np.asarray(leaves[name]))
        return Table(path, read, names=plain, blocks=blocks)


def _variables_73(path: Path) -> dict[str, Any]:
    """Version 7.3 is HDF5 with MATLAB's order of dimensions, which is the reverse of HDF5's."""
    with open_hdf5(path) as file:
        file.visititems(lambda _, item: refuse_too_long(getattr(item, "shape", None), path=path))
        return {name: _plain_73(item) for name, item in file.items() if not name.startswith("#")}


def _plain_73(item: Any) -> Any:
    """Numbers as an array, a struct as a dictionary, and of anything else what it is."""
    import h5py

    matlab_class = bytes(item.attrs.get("MATLAB_class", b"")).decode("latin-1")
    if "MATLAB_object_decode" in item.attrs:
        return f"an object of class {matlab_class}"
    if "MATLAB_sparse" in item.attrs:
        return "a sparse matrix"
    if isinstance(item, h5py.Group):
        return {name: _plain_73(inner) for name, inner in item.items() if not name.startswith("#")}
    if matlab_class in OTHER_73:
        return OTHER_73[matlab_class]
    if item.dtype.kind not in "fiub":
        return {"O": "a field of a struct array", "V": "complex numbers"}.get(item.dtype.kind, f"{item.dtype}")
    return np.empty(0) if item.attrs.get("MATLAB_empty", 0) else np.squeeze(np.asarray(item[()]).T)


def _leaves(variables: Mapping[str, Any], *, stem: str = "") -> Iterator[tuple[str, np.ndarray | str]]:
    """Every array of numbers by its path, and every other thing as what it is."""
    for name, value in variables.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, stem=f"{stem}{name}/")
        elif isinstance(value, str) or value.ndim:
            yield f"{stem}{name}", value


def _column(leaves: Mapping[str, np.ndarray | str], *, path: Path, column: str) -> Float64[Array, "rows"]:
    match = COLUMN.fullmatch(column)
    found = leaves.get(match["dataset"].strip("/")) if match and match["field"] is None else None
    line = line_of(match) if match else None
    if match is not None and isinstance(found, np.ndarray) and found.ndim == 2:
        refuse_short_line(found.shape, match=match, path=path)
    try:
        if isinstance(found, np.ndarray) and (line is None or found.ndim == 2):
            return to_numbers(found if line is None else found[line], path=path, column=column)
    except IndexError:
        pass
    there = [
        f"{name} ({value})" if isinstance(value, str) else f"{name} of shape {value.shape}"
        for name, value in leaves.items()
    ]
    listed = ", ".join(there[:20]) + (f" and {len(there) - 20} more" if len(there) > 20 else "")
    if isinstance(found, str):
        listed = f"{found} in {column}; there are {listed}"
    remedy = (
        "Write columns as `variable`, `struct/field` or `struct/matrix[:, 0]` (or `[0, :]`); save others as numbers."
    )
    raise BadInput(path, found=listed or "no numbers", expected=f"a column {column}", remedy=remedy)
