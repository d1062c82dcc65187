"""Reads columns of MATLAB files, version 5 to 7.3: `imu/acc[:, 0]` is the first column of the field `imu.acc`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .hdf5_file import COLUMN, open_hdf5
from .mat5 import read_mat5
from .table import Table, to_numbers

V5 = b"MATLAB 5.0 MAT-file"
V73 = b"MATLAB 7.3 MAT-file"


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
        arrays = dict(_arrays(variables))
        return Table(path, {column: _column(arrays, path=path, column=column) for column in columns})


def _variables_73(path: Path) -> dict[str, Any]:
    """Version 7.3 is HDF5 with MATLAB's order of dimensions, which is the reverse of HDF5's."""
    import h5py

    def plain(item: Any) -> Any:
        if isinstance(item, h5py.Group):
            return {name: plain(inner) for name, inner in item.items() if not name.startswith("#")}
        empty = bool(item.attrs.get("MATLAB_empty", 0)) or item.dtype.kind not in "fiub"
        return np.empty(0) if empty else np.squeeze(np.asarray(item[()]).T)

    with open_hdf5(path) as file:
        try:
            return {name: plain(item) for name, item in file.items() if not name.startswith("#")}
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            found = " ".join(str(error).split())[:200]
            raise BadInput(path, found=found, expected="a whole MATLAB file", remedy="Save it again.") from None


def _arrays(variables: Mapping[str, Any], *, stem: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Every numeric array by its path."""
    for name, value in variables.items():
        if isinstance(value, Mapping):
            yield from _arrays(value, stem=f"{stem}{name}/")
        elif isinstance(value, np.ndarray) and value.ndim and value.dtype.kind in "fiub":
            yield f"{stem}{name}", value


def _column(arrays: Mapping[str, np.ndarray], *, path: Path, column: str) -> Float64[Array, "rows"]:
    match = COLUMN.fullmatch(column)
    array = arrays.get(match["dataset"].strip("/")) if match and match["field"] is None else None
    index = int(match["index"]) if match and match["index"] is not None else None
    if array is None or (index is not None and (array.ndim != 2 or index >= array.shape[1])):
        there = [f"{name} of shape {value.shape}" for name, value in arrays.items()]
        found = ", ".join(there[:20]) + (f" and {len(there) - 20} more" if len(there) > 20 else "")
        remedy = "Write columns as `variable`, `struct/field` or `struct/matrix[:, 0]`."
        raise BadInput(path, found=found or "no numbers", expected=f"a column {column}", remedy=remedy)
    return to_numbers(array if index is None else array[:, index], path=path, column=column)
