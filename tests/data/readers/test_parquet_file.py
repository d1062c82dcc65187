"""Parquet: numbers by column name, damage refused."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.parquet_file import ParquetReader


def write(path: Path, **columns: object) -> Path:
    pa.parquet.write_table(pa.table(columns), path)
    return path


def test_columns_come_as_float64_or_as_float32_where_the_file_holds_that_with_nulls_as_nan(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.parquet", t=pa.array([0, 1, 2]), ax=pa.array([1.5, None, 2.5], pa.float32()), more=["a", "b", "c"]
    )
    columns = ParquetReader()(path, columns=("t", "ax")).columns
    assert [column.dtype for column in columns.values()] == [np.float64, np.float32]
    np.testing.assert_array_equal(columns["ax"], [1.5, np.nan, 2.5])


def test_a_missing_column_is_refused_with_those_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="found columns t, ay; expected a column ax"):
        ParquetReader()(write(tmp_path / "a.parquet", t=[0], ay=[1]), columns=("t", "ax"))


@pytest.mark.parametrize("values", [["a", "b"], pa.array([0, 1], pa.timestamp("ms"))])
def test_a_column_that_holds_no_numbers_is_refused(tmp_path: Path, values: object) -> None:
    with pytest.raises(BadInput, match="expected a column of numbers"):
        ParquetReader()(write(tmp_path / "a.parquet", ax=values), columns=("ax",))


@pytest.mark.parametrize("keep", [4, 100, -5])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: int) -> None:
    path = write(tmp_path / "a.parquet", ax=np.arange(1000.0))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadInput, match="a whole Parquet file"):
        ParquetReader()(path, columns=("ax",))


def test_damaged_pages_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", ax=np.random.default_rng(0).normal(size=1000))
    data = bytearray(path.read_bytes())
    data[4:60] = b"\xff" * 56
    path.write_bytes(data)
    with pytest.raises(BadInput, match="a whole Parquet file"):
        ParquetReader()(path, columns=("ax",))


@pytest.mark.parametrize("values", [["a", "b"], [1, 2], pa.array(["a", "b"]).dictionary_encode()])
def test_rows_of_several_sensors_by_a_column_that_says_so_are_refused(tmp_path: Path, values: object) -> None:
    with pytest.raises(BadInput, match="rows of 2 sensors by the column Sensor_ID: "):
        ParquetReader()(write(tmp_path / "a.parquet", ax=[0.0, 1.0], Sensor_ID=values), columns=("ax",))


HALVES = ["left"] * 300 + ["right"] * 300


@pytest.mark.parametrize(
    "values",
    [HALVES, pa.array(HALVES, pa.large_string()), pa.array(HALVES).dictionary_encode(), [1] * 300 + [2] * 300],
)
def test_a_column_of_equal_blocks_earns_a_word_when_no_stamps_tell(tmp_path: Path, values: object) -> None:
    table = ParquetReader()(write(tmp_path / "a.parquet", ax=np.arange(600.0), leg=values), columns=("ax",))
    (remark,) = table.blocks
    assert remark.startswith("the column leg has 2 values, one after the other in as many rows each")


@pytest.mark.parametrize("values", [range(600), ["walk"] * 600, ["walk"] * 200 + ["trot"] * 400, ["a", "b"] * 300])
def test_counters_one_word_and_uneven_blocks_earn_none(tmp_path: Path, values: object) -> None:
    table = ParquetReader()(write(tmp_path / "a.parquet", ax=np.arange(600.0), gait=values), columns=("ax",))
    assert table.blocks == ()


def test_lists_and_names_given_twice_beside_the_columns_do_not_matter_and_twice_asked_for_is_refused(
    tmp_path: Path,
) -> None:
    lists = write(tmp_path / "lists.parquet", ax=[0.0, 1.0], sensor_id=[[1], [2]])
    assert ParquetReader()(lists, columns=("ax",)).columns["ax"].tolist() == [0.0, 1.0]
    twice, columns = tmp_path / "twice.parquet", [pa.array([0.0, 1.0])] * 3
    pa.parquet.write_table(pa.Table.from_arrays(columns, names=["ax", "k", "k"]), twice)
    assert ParquetReader()(twice, columns=("ax",)).columns["ax"].tolist() == [0.0, 1.0]
    with pytest.raises(BadInput, match="found two columns k; expected one of each name"):
        ParquetReader()(twice, columns=("ax", "k"))


def test_a_table_of_more_rows_than_memory_holds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("equigait.data.readers.table.MOST_ROWS", 99)
    with pytest.raises(BadInput, match="found 100 rows by the file's own header; expected at most 99"):
        ParquetReader()(write(tmp_path / "a.parquet", ax=np.zeros(100)), columns=("ax",))


def test_decimals_are_numbers_and_instants_are_refused_with_the_way_to_numbers(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.parquet", ax=pa.array([Decimal("1.5"), Decimal("-2.25")]), t=pa.array([0, 1], pa.timestamp("us"))
    )
    np.testing.assert_array_equal(ParquetReader()(path, columns=("ax",)).columns["ax"], [1.5, -2.25])
    with pytest.raises(BadInput, match=r"timestamp\[us\] in t.*declare `unit: us`"):
        ParquetReader()(path, columns=("t",))


@pytest.mark.parametrize("name", ["unit", "side"])
def test_blocks_of_any_length_earn_a_word_where_the_name_may_tell_sensors_apart(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "a.parquet", **{name: ["a"] * 900 + ["b"] * 500}, ax=np.zeros(1400))
    (remark,) = ParquetReader()(path, columns=("ax",)).blocks
    assert f"the column {name} has 2 values, one after the other: if they are sensors" in remark
