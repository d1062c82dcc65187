"""A unit that the file itself states is not declared otherwise without a word."""

from pathlib import Path

import h5py
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.stated_units import split_brackets, unit_at_end, unit_of
from equigait.data.readers.streams import read_streams
from sensor_files import sensor_entry, walking_table, write_csv


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("[s]", "s"),
        ("m/s²", "m/s^2"),
        (" DPS ", "deg/s"),
        ("rpm", "rpm"),
        ("[1/min]", "1/min"),
        ("seconds since 2026-05-31 12:00:00", "s"),
        ("-", ""),
        ("raw", ""),
        ("", ""),
    ],
)
def test_spellings_of_units_are_known_and_other_words_are_none(text: str, unit: str) -> None:
    assert unit_of(text) == unit


def test_a_unit_in_brackets_stands_at_the_end_of_a_name() -> None:
    names = {
        "gx [deg/s]": "deg/s",
        "AccX(g)": "g",
        "ax [m/(s^2)]": "m/(s^2)",
        "acc[:, 0] of a": "",
        "gyro": "",
        "]": "",
    }
    assert [split_brackets(name)[1] for name in names] == list(names.values())
    assert split_brackets(" AccX ( g ) ") == ("AccX", "g")
    assert split_brackets("a" + "( " * 100_000 + "b")[1] == ""  # at once, however it is written


def stream_of(folder: Path, **changes: object) -> None:
    read_streams([Sensor.model_validate(sensor_entry(**changes))], folder=folder)


@pytest.mark.parametrize(
    ("units", "found"),
    [
        ("s,m/s2,m/s2,m/s2,rpm,rpm,rpm", "gx in rpm by the file itself, declared in rad/s"),
        ("s,g,g,g,rad/s,rad/s,rad/s", "ax in g by the file itself, declared in m/s^2"),
        ("min,m/s2,m/s2,m/s2,rad/s,rad/s,rad/s", "time_s in min by the file itself, declared in s"),
    ],
)
def test_a_row_of_units_that_says_otherwise_than_the_manifest_is_refused(
    units: str, found: str, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "withers.csv", walking_table())
    header, rows = path.read_text().split("\n", 1)
    path.write_text(f"{header}\n{units}\n{rows}")
    with pytest.raises(BadInput) as refusal:
        stream_of(tmp_path)
    assert refusal.value.found == found
    path.write_text(f"{header}\n[s],m/s^2,m/s^2,m/s^2,-,rad/s,raw\n{rows}")
    stream_of(tmp_path)


def test_units_in_names_and_in_attributes_count_alike_and_counts_have_any(tmp_path: Path) -> None:
    table = walking_table()
    names = {"gx": "gx [deg/s]"}
    write_csv(tmp_path / "withers.csv", {names.get(name, name): values for name, values in table.items()})
    rate = {"columns": ["gx [deg/s]", "gy", "gz"], "unit": "rad/s"}
    with pytest.raises(BadInput, match=r"gx \[deg/s\] in deg/s by the file itself"):
        stream_of(tmp_path, angular_rate=rate)
    stream_of(tmp_path, angular_rate=rate | {"unit": "counts", "per_unit": np.pi / 180})
    with h5py.File(tmp_path / "withers.h5", "w") as file:
        for name, values in table.items():
            file[name] = values
        file["time_s"].attrs["units"] = "seconds since 1970-01-01"
        file["gy"].attrs["units"] = b"rpm"
    with pytest.raises(BadInput, match="gy in rpm by the file itself"):
        stream_of(tmp_path, path="withers.h5")


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("gx_dps", "deg/s"),
        ("gyr_x_rpm", "rpm"),
        ("ax_cms2", "cm/s^2"),
        ("acc x m_s2", "m/s^2"),
        ("gx", ""),
        ("a_g", ""),
    ],
)
def test_a_unit_may_stand_at_the_end_of_a_name(name: str, unit: str) -> None:
    assert unit_at_end(name) in (unit, unit.replace("/s^2", "s2"))


def test_a_unit_at_the_end_of_a_name_is_held_against_the_manifest_where_both_measure_the_same(tmp_path: Path) -> None:
    table = walking_table()
    names = {"gx": "gx_rpm", "gy": "gy_rpm", "gz": "gz_rpm", "ax": "ax_ms", "time_s": "time_s"}
    write_csv(tmp_path / "withers.csv", {names.get(name, name): values for name, values in table.items()})
    force = {"columns": ["ax_ms", "ay", "az"], "unit": "m/s^2"}
    rate = {"columns": ["gx_rpm", "gy_rpm", "gz_rpm"], "unit": "rad/s"}
    with pytest.raises(BadInput, match="gx_rpm in rpm by the file itself, declared in rad/s"):
        stream_of(tmp_path, acceleration=force, angular_rate=rate)
    stream_of(tmp_path, acceleration=force, angular_rate="none")


def test_the_brackets_of_a_unit_are_its_own() -> None:
    assert unit_of("m/(s^2)") == unit_of("(m/s^2)") == "m/s^2"
