"""MATLAB files of both kinds give the same columns by the same names; damage is refused."""

import struct
from pathlib import Path

import h5py
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.formats import choose_format
from equigait.data.readers import FORMATS
from equigait.data.readers.matlab_file import MatlabReader
from scipy.io import savemat
from scipy.sparse import csc_array

ACCELERATION = np.arange(12.0).reshape(4, 3)
TIMES = np.arange(4.0)


def write_5(path: Path) -> None:
    savemat(path, {"imu": {"acc": ACCELERATION, "t": TIMES}, "counts": ACCELERATION.astype(np.int16), "name": "h01"})


def write_73(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:  # as MATLAB writes them: dimensions reversed, vectors 1 x N
        file["imu/acc"], file["imu/t"] = ACCELERATION.T, TIMES[None]
        file["counts"] = ACCELERATION.astype(np.int16).T
        file["name"] = np.frombuffer("h01".encode("utf-16-le"), np.uint16)[:, None]
        file["#refs#/a"] = np.zeros(3)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64")


KINDS = pytest.mark.parametrize("write", [write_5, write_73])


@KINDS
def test_fields_and_columns_of_matrices_are_columns(tmp_path: Path, write: object) -> None:
    path = tmp_path / "a.mat"
    write(path)
    assert choose_format(path, declared=None, formats=FORMATS) is FORMATS["matlab"]
    columns = MatlabReader()(path, columns=("imu/t", "imu/acc[:, 1]", "counts[:, 2]", "imu/acc[3, :]")).columns
    np.testing.assert_array_equal(columns["imu/t"], TIMES)
    np.testing.assert_array_equal(columns["imu/acc[:, 1]"], [1, 4, 7, 10])
    np.testing.assert_array_equal(columns["counts[:, 2]"], [2, 5, 8, 11])
    np.testing.assert_array_equal(columns["imu/acc[3, :]"], [9, 10, 11])


@KINDS
@pytest.mark.parametrize(
    "column", ["imu/gyro", "imu", "imu/acc[:, 3]", "imu/acc[4, :]", "imu/t[:, 0]", "imu/acc", "imu/acc[x]", ""]
)
def test_what_is_no_column_is_refused_with_what_is_there(tmp_path: Path, write: object, column: str) -> None:
    write(tmp_path / "a.mat")
    with pytest.raises(BadInput) as refusal:
        MatlabReader()(tmp_path / "a.mat", columns=(column,))
    assert "(4, 3)" in refusal.value.found


@KINDS
@pytest.mark.parametrize("share", [0.3, 0.7, 0.97])
def test_a_truncated_file_is_refused(tmp_path: Path, write: object, share: float) -> None:
    write(tmp_path / "a.mat")
    content = (tmp_path / "a.mat").read_bytes()
    (tmp_path / "a.mat").write_bytes(content[: int(share * len(content))])
    with pytest.raises(BadInput, match="a whole"):
        MatlabReader()(tmp_path / "a.mat", columns=("counts[:, 2]",))


def write_others_5(path: Path) -> None:
    trials = np.zeros((2, 1), dtype=[("acc", object)])
    content = {
        "trials": trials,
        "cells": np.array([1, "two"], dtype=object),
        "text": "h01",
        "sparse": csc_array([[1.0]]),
    }
    savemat(path, content)
    parts = b"".join(
        _element(kind, data) for kind, data in ((6, b"\x11" + bytes(7)), (1, b"tt"), (1, b"MCOS"), (1, b"table"))
    )
    path.write_bytes(path.read_bytes() + _element(14, parts))


def write_others_73(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        reference = file.create_dataset("#refs#/a", data=np.zeros(3)).ref
        for name, kind in (("trials/acc", None), ("cells", b"cell")):
            item = file.create_dataset(name, data=np.array([[reference]] * 2, dtype=h5py.ref_dtype))
            if kind:
                item.attrs["MATLAB_class"] = np.bytes_(kind)
        file["text"] = np.frombuffer("h01".encode("utf-16-le"), np.uint16)[:, None]
        file["text"].attrs["MATLAB_class"] = np.bytes_(b"char")
        file["sparse/data"] = np.ones(1)
        file["sparse"].attrs["MATLAB_sparse"] = np.uint64(1)
        file["tt"] = np.zeros((1, 6), np.uint32)
        file["tt"].attrs["MATLAB_class"] = np.bytes_(b"table")
        file["tt"].attrs["MATLAB_object_decode"] = np.int32(3)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64")


def _element(kind: int, content: bytes) -> bytes:
    return struct.pack("<II", kind, len(content)) + content + bytes(-len(content) % 8)


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ("trials", "struct array"),
        ("cells", "a cell array"),
        ("text", "text"),
        ("sparse", "a sparse matrix"),
        ("tt", "an object of class table"),
    ],
)
@pytest.mark.parametrize("write", [write_others_5, write_others_73])
def test_what_holds_no_plain_numbers_is_refused_by_what_it_is(
    tmp_path: Path, write: object, column: str, what: str
) -> None:
    write(tmp_path / "a.mat")
    with pytest.raises(BadInput, match=what) as refusal:
        MatlabReader()(tmp_path / "a.mat", columns=(column,))
    assert "\n" not in str(refusal.value)


def test_a_line_across_a_matrix_that_lies_the_other_way_is_refused_with_the_way(tmp_path: Path) -> None:
    savemat(str(tmp_path / "a.mat"), {"acc": np.zeros((3, 500))}, appendmat=False)
    with pytest.raises(BadInput, match=r"of 3 numbers across acc, which is 3 x 500.*write `acc\[0, :\]`"):
        MatlabReader()(tmp_path / "a.mat", columns=("acc[:, 0]",))
