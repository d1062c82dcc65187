"""HDF5: columns by path, damage refused."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.hdf5_file import Hdf5Reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.h5"
    rows = np.zeros(4, dtype=[("ax", "f4"), ("name", "S2")])
    rows["ax"] = [1.5, 2.5, np.nan, 4.5]
    with h5py.File(path, "w") as file:
        file["imu/time"] = np.arange(4, dtype=np.int64)
        file["imu/acc"] = np.arange(12.0).reshape(4, 3)
        file["rows"] = rows
    return path


def test_a_vector_a_column_or_row_of_a_matrix_and_a_field_of_a_table_are_columns(path: Path) -> None:
    names = ("imu/time", "/imu/acc[:, 1]", "imu/acc[:,2]", "rows[ax]", "imu/acc[2, :]")
    columns = Hdf5Reader()(path, columns=names).columns
    expected = ([0, 1, 2, 3], [1, 4, 7, 10], [2, 5, 8, 11], [1.5, 2.5, np.nan, 4.5], [6, 7, 8])
    for name, values in zip(names, expected, strict=True):
        np.testing.assert_array_equal(columns[name], values)


@pytest.mark.parametrize(
    ("column", "found"),
    [
        ("imu/gyro", "imu/acc, imu/time, rows"),
        ("imu", "imu/acc, imu/time, rows"),
        ("imu/acc[:, 3]", "of shape (4, 3)"),
        ("imu/time[:, 0]", "of shape (4,)"),
        ("rows[ay]", "of shape (4,)"),
        ("imu/acc[4, :]", "of shape (4, 3)"),
        ("imu/acc", "shape (4, 3)"),
        ("rows[name]", "|S2"),
        ("", "imu/acc, imu/time, rows"),
    ],
)
def test_what_is_no_column_of_numbers_is_refused_with_what_is_there(path: Path, column: str, found: str) -> None:
    with pytest.raises(BadInput) as refusal:
        Hdf5Reader()(path, columns=(column,))
    assert found in refusal.value.found


@pytest.mark.parametrize("keep", [8, 500])
def test_a_truncated_file_is_refused(path: Path, keep: int) -> None:
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadInput, match="a whole HDF5 file"):
        Hdf5Reader()(path, columns=("imu/time",))


@pytest.mark.parametrize(
    ("stored", "attributes", "means"),
    [
        ([1.0, -9999.0, 3.0], {"_FillValue": -9999.0}, [1.0, np.nan, 3.0]),
        ([1.0, -9999.0, 3.0], {"missing_value": np.array([-9999.0])}, [1.0, np.nan, 3.0]),
        ([1, -7, 3], {"scale_factor": 0.5, "add_offset": 10.0, "_FillValue": np.int16(-7)}, [10.5, np.nan, 11.5]),
        ([1, 20, 3], {"valid_range": np.array([0, 9], "i2"), "scale_factor": 2.0}, [2.0, np.nan, 6.0]),
        ([-1, 2, 30], {"valid_min": 0, "valid_max": 9}, [np.nan, 2.0, np.nan]),
        ([1, -2, -1], {"_Unsigned": "true", "_FillValue": np.int16(-1)}, [1.0, 65534.0, np.nan]),
        ([1, -2, 3], {"_Unsigned": b"false"}, [1.0, -2.0, 3.0]),
    ],
)
def test_packed_values_are_what_the_netcdf_conventions_mean_by_them(
    tmp_path: Path, stored: list[float], attributes: dict[str, object], means: list[float]
) -> None:
    path = tmp_path / "a.nc"
    with h5py.File(path, "w") as file:
        file["ax"] = np.array(stored, "i2" if all(isinstance(value, int) for value in stored) else "f8")
        file["ax"].attrs.update(attributes)
    np.testing.assert_array_equal(Hdf5Reader()(path, columns=("ax",)).columns["ax"], means)


@pytest.mark.parametrize("column", ["t", "acc[:, 1]"])
def test_a_header_that_promises_more_rows_than_memory_holds_is_refused_before_any_is_asked_for(
    tmp_path: Path, column: str
) -> None:
    path = tmp_path / "huge.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("t", shape=(6_000_000_000,), dtype="f8", chunks=(1 << 16,))
        file.create_dataset("acc", shape=(6_000_000_000, 3), dtype="f8", chunks=(1 << 14, 3))
    with pytest.raises(BadInput, match="6000000000 rows by the file's own header"):
        Hdf5Reader()(path, columns=(column,))


def test_scale_and_offset_of_each_column_are_that_column_s(tmp_path: Path) -> None:
    path = tmp_path / "packed.h5"
    with h5py.File(path, "w") as file:
        file["acc"] = np.array([[1, 1, 1], [2, 2, 2]], "i2")
        file["acc"].attrs["scale_factor"] = np.array([0.5, 2.0, 3.0])
        file["acc"].attrs["add_offset"] = np.array([0.0, 10.0, 0.0])
        file["time"] = np.arange(2)
        file["time"].attrs["scale_factor"] = np.array([0.5, 2.0])
    columns = Hdf5Reader()(path, columns=("acc[:, 0]", "acc[:, 1]", "acc[:, 2]")).columns
    assert [column.tolist() for column in columns.values()] == [[0.5, 1.0], [12.0, 14.0], [3.0, 6.0]]
    with pytest.raises(BadInput, match="2 numbers in `scale_factor` of time"):
        Hdf5Reader()(path, columns=("time",))


def test_a_name_that_is_no_text_stands_among_what_is_there(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file[b"a\xff"] = [1.0, 2.0]
    with pytest.raises(BadInput, match="a\ufffd"):
        Hdf5Reader()(tmp_path / "w.h5", columns=("nothing",))


@pytest.mark.parametrize("name", ["_FillValue", "missing_value"])
def test_a_fill_value_of_double_precision_marks_singles(tmp_path: Path, name: str) -> None:
    with h5py.File(tmp_path / "a.nc", "w") as file:
        file["ax"] = np.array([1.0, -999.9, 3.0], "f4")
        file["ax"].attrs[name] = -999.9
    np.testing.assert_array_equal(Hdf5Reader()(tmp_path / "a.nc", columns=("ax",)).columns["ax"], [1.0, np.nan, 3.0])


@pytest.mark.parametrize(("column", "way"), [("rows[:, 1]", r"rows\[1, :\]"), ("columns[1, :]", r"columns\[:, 1\]")])
def test_a_line_across_a_matrix_that_lies_the_other_way_is_refused_with_the_way(
    tmp_path: Path, column: str, way: str
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["rows"], file["columns"] = np.zeros((3, 500)), np.zeros((500, 3))
    with pytest.raises(BadInput, match=rf"of 3 numbers across.*write `{way}`"):
        Hdf5Reader()(tmp_path / "a.h5", columns=(column,))


def test_vectors_that_say_which_sensor_are_refused_or_told(tmp_path: Path) -> None:
    rows = np.zeros(900, [("ax", "f4"), ("unit", "S4"), ("sensor_id", "i2")])
    rows["unit"][500:] = b"B"
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["s"] = rows
    assert "the column s[unit] has 2 values" in Hdf5Reader()(tmp_path / "a.h5", columns=("s[ax]",)).blocks[0]
    rows["sensor_id"][500:] = 2
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["s"] = rows
    with pytest.raises(BadInput, match=r"rows of 2 sensors by the column s\[sensor_id\]: 0, 2"):
        Hdf5Reader()(tmp_path / "b.h5", columns=("s[ax]",))
