"""MATLAB files of version 5: the same numbers as SciPy's reader gives, and no damage that ends the process."""

import struct
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.mat5 import read_mat5
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import loadmat, savemat

TYPES = ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")
CONTENT = {
    **{f"a_{kind}": np.arange(-12 if kind[0] != "u" else 0, 12).astype(kind).reshape(-1, 3) for kind in TYPES},
    "row": np.arange(5.0)[None],
    "cube": np.arange(24).reshape(2, 3, 4),
    "single": 7.5,
    "imu": {"acc": np.linspace(0, 1, 300).reshape(100, 3), "meta": {"rate": np.array([100.0, 50.0])}},
    "text": "h01",
    "cells": np.array([1, "two"], dtype=object),
    "complex": np.array([1 + 2j, 3.0]),
    "empty": np.zeros((0, 3)),
}


@pytest.mark.parametrize("compressed", [False, True])
def test_every_type_and_shape_reads_as_scipy_reads_it(tmp_path: Path, compressed: bool) -> None:
    savemat(tmp_path / "a.mat", CONTENT, do_compression=compressed)
    own, theirs = read_mat5(tmp_path / "a.mat"), loadmat(tmp_path / "a.mat", simplify_cells=True)
    others = {"text": "text", "cells": "a cell array", "complex": "complex numbers"}
    assert {name: value for name, value in own.items() if isinstance(value, str)} == others
    for name in (*(f"a_{kind}" for kind in TYPES), "row", "cube"):
        np.testing.assert_array_equal(own[name], theirs[name])
        assert own[name].dtype == theirs[name].dtype
    np.testing.assert_array_equal(own["imu"]["acc"], CONTENT["imu"]["acc"])
    np.testing.assert_array_equal(own["imu"]["meta"]["rate"], [100.0, 50.0])
    assert own["single"] == 7.5


def test_a_big_endian_file_reads_the_same(tmp_path: Path) -> None:
    def element(kind: int, content: bytes) -> bytes:
        return struct.pack(">II", kind, len(content)) + content + bytes(-len(content) % 8)

    parts = element(6, struct.pack(">II", 6, 0)) + element(5, struct.pack(">ii", 1, 3)) + element(1, b"speed")
    array = element(14, parts + element(3, struct.pack(">hhh", 1, -2, 300)))
    header = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(">H", 0x0100) + b"MI"
    (tmp_path / "a.mat").write_bytes(header + array)
    np.testing.assert_array_equal(read_mat5(tmp_path / "a.mat")["speed"], [1.0, -2.0, 300.0])


@pytest.mark.parametrize("compressed", [False, True])
@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=4), cut=st.floats(0.2, 1))
def test_flipped_bytes_are_read_or_refused_in_a_line(
    tmp_path: Path, compressed: bool, flips: list[tuple[float, int]], cut: float
) -> None:
    small = {"imu": {"acc": np.arange(30.0).reshape(10, 3), "t": np.arange(10)}, "n": np.arange(4, dtype="i2")}
    path = tmp_path / "a.mat"
    savemat(path, small, do_compression=compressed)
    content = bytearray(path.read_bytes())
    for place, change in flips:
        content[min(int(place * len(content)), len(content) - 1)] ^= change
    path.write_bytes(content[: int(cut * len(content))] if cut < 0.9 else content)
    message = ""
    try:
        read_mat5(path)
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message


@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=400))
def test_any_bytes_under_the_header_are_read_or_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "a.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM" + body)
    message = ""
    try:
        assert isinstance(read_mat5(path), dict)
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message


def test_sizes_that_the_file_cannot_hold_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mat"
    savemat(path, {"n": np.arange(6.0)[None]})
    content = bytearray(path.read_bytes())
    at = content.index(struct.pack("<ii", 1, 6))
    content[at : at + 8] = struct.pack("<ii", 30000, 30000)
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"6 numbers for the dimensions \(30000, 30000\)"):
        read_mat5(path)
