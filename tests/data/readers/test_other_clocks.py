"""A column of time beside a declared rate: what contradicts the rate is told, what agrees is not."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from equigait.data.readers.other_clocks import clock_columns, clock_remark
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from sensor_files import sensor_entry, walking_table, write_csv

EVEN = np.arange(3000) / 100
RATE = {"rate_hz": 100}


def remarks(folder: Path, *, path: str = "withers.csv") -> tuple[str, ...]:
    return read_streams([Sensor.model_validate(sensor_entry(time=RATE) | {"path": path})], folder=folder)[0].remarks


@pytest.mark.parametrize(
    ("name", "tells"),
    [("t", True), ("Timestamp (ms)", True), ("imu/time_s", True), ("s[elapsed]", True), ("ax", False), ("gait", False)],
)
def test_columns_of_time_go_by_their_names(name: str, tells: bool) -> None:
    assert clock_columns([name], asked=()) == ((name,) if tells else ())


@pytest.mark.parametrize("per_second", [1.0, 1e3, 1e6])
def test_rows_that_are_missing_and_another_rate_are_told_in_any_unit(per_second: float) -> None:
    holed = np.delete(EVEN, slice(1000, 1300)) * per_second
    assert "rows take 29.99 s, by `rate_hz: 100` 26.99 s" in clock_remark("t", holed, rate_hz=100.0)
    assert "by `rate_hz: 104` 28.84 s" in clock_remark("t", EVEN * per_second, rate_hz=104.0)


def test_parts_in_another_order_and_a_file_back_to_front_are_told_by_the_row() -> None:
    assert "goes back at row 1501 (1 times" in clock_remark("t", np.roll(EVEN, 1500), rate_hz=100.0)
    assert "goes back at row 2 (2999 times" in clock_remark("t", EVEN[::-1].copy(), rate_hz=100.0)


@pytest.mark.parametrize(
    "values",
    [
        EVEN,
        np.round(EVEN, 1),
        EVEN + np.random.default_rng(0).uniform(-0.02, 0.02, 3000),
        np.arange(3000.0),
        np.floor(EVEN * 32768),
        (EVEN + 50.0) % 60.0,
        (65_000.0 + 10 * np.arange(3000)) % 65_536,
        np.full(3000, np.nan),
    ],
)
def test_clocks_that_agree_count_rows_or_ticks_or_start_again_earn_no_word(values: np.ndarray) -> None:
    assert clock_remark("t", values, rate_hz=100.0) == ""


def test_a_table_and_an_hdf5_file_are_read_at_the_rate_with_the_word(tmp_path: Path) -> None:
    table = {name: np.delete(values, slice(300, 400)) for name, values in walking_table().items()}
    write_csv(tmp_path / "withers.csv", table)
    with h5py.File(tmp_path / "withers.h5", "w") as file:
        for name, values in table.items():
            file[name] = values
    for path in ("withers.csv", "withers.h5"):
        assert "by the column time_s its rows take 7.99 s" in remarks(tmp_path, path=path)[0]


def test_a_sound_table_at_its_rate_and_times_in_words_earn_none(tmp_path: Path) -> None:
    table = walking_table()
    write_csv(tmp_path / "withers.csv", table)
    assert remarks(tmp_path) == ()
    lines = (tmp_path / "withers.csv").read_text().splitlines()
    worded = [f"{lines[0]},timestamp", *(f"{line},10:15:30" for line in lines[1:])]
    (tmp_path / "withers.csv").write_text("\n".join(worded) + "\n")
    assert remarks(tmp_path) == ()
