"""Streams from files: SI units, body axes, every row where it belongs."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers import FORMATS
from equigait.data.readers.csv_file import CsvReader
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from equigait.data.readers.table import Table
from equigait.data.recording import ImuStream
from sensor_files import GRAVITY, sensor_entry, walking, walking_table, write_csv


def read(folder: Path, *entries: dict[str, object]) -> tuple[ImuStream, ...]:
    return read_streams([Sensor.model_validate(entry) for entry in entries], folder=folder)


@pytest.fixture
def withers(tmp_path: Path) -> Path:
    write_csv(tmp_path / "withers.csv", walking_table())
    return tmp_path


def test_a_stream_is_what_the_file_holds_in_si_units(withers: Path) -> None:
    stream = read(withers, sensor_entry())[0]
    times, signals = walking()
    np.testing.assert_array_equal(stream.time_seconds, times)
    np.testing.assert_array_equal(stream.specific_force, signals[:, :3])
    np.testing.assert_array_equal(stream.angular_rate, signals[:, 3:])
    assert (stream.site, stream.source) == ("withers", withers / "withers.csv")


@pytest.mark.parametrize(("unit", "scale"), [("s", 1.0), ("ms", 1e3), ("us", 1e6), ("ns", 1e9)])
def test_time_units_become_seconds(tmp_path: Path, unit: str, scale: float) -> None:
    table = walking_table()
    write_csv(tmp_path / "withers.csv", table | {"time_s": table["time_s"] * scale})
    stream = read(tmp_path, sensor_entry(time={"column": "time_s", "unit": unit}))[0]
    np.testing.assert_allclose(stream.time_seconds, table["time_s"], rtol=0, atol=1e-9)


def test_other_units_become_si_units(tmp_path: Path) -> None:
    times, signals = walking()
    counts = np.concatenate([signals[:, :3] / GRAVITY * 16384, np.rad2deg(signals[:, 3:]) * 16.4], axis=1)
    write_csv(tmp_path / "withers.csv", {"t": times} | dict(zip("abcdef", counts.T, strict=True)))
    entry = sensor_entry(
        time={"column": "t", "unit": "s"},
        acceleration={"columns": list("abc"), "unit": "counts", "per_unit": 16384},
        angular_rate={"columns": list("def"), "unit": "counts", "per_unit": 16.4},
    )
    stream = read(tmp_path, entry)[0]
    np.testing.assert_allclose(np.concatenate([stream.specific_force, stream.angular_rate], axis=1), signals)


def test_a_shift_is_added_to_the_units_own_times(withers: Path) -> None:
    stream = read(withers, sensor_entry(shift_seconds=-7.5))[0]
    np.testing.assert_allclose(stream.time_seconds, walking()[0] - 7.5, rtol=0, atol=1e-12)


def test_a_steady_rate_gives_the_times_that_a_file_lacks(withers: Path) -> None:
    stream = read(withers, sensor_entry(time={"rate_hz": 50.0, "start_seconds": 7.0}))[0]
    np.testing.assert_allclose(stream.time_seconds, 7.0 + np.arange(800) / 50.0)


def test_axes_turn_force_and_rate_into_the_body(tmp_path: Path) -> None:
    times, body = walking()
    force, rate = body[:, :3], body[:, 3:]
    # The sensor's x points to the body's left, its y backward, its z up: body x = -y, body y = x, body z = z.
    turned = np.stack([force[:, 1], -force[:, 0], force[:, 2], rate[:, 1], -rate[:, 0], rate[:, 2]], axis=1)
    write_csv(
        tmp_path / "withers.csv",
        {"time_s": times} | dict(zip(("ax", "ay", "az", "gx", "gy", "gz"), turned.T, strict=True)),
    )
    stream = read(tmp_path, sensor_entry(axes=["-y", "x", "z"]))[0]
    np.testing.assert_allclose(stream.specific_force, force)
    np.testing.assert_allclose(stream.angular_rate, rate)


def test_values_that_are_not_finite_stay_nan_where_they_are(tmp_path: Path) -> None:
    table = walking_table()
    table["ay"] = table["ay"].copy()
    table["ay"][[3, 4]] = [np.nan, np.inf]
    write_csv(tmp_path / "withers.csv", table)
    stream = read(tmp_path, sensor_entry())[0]
    assert np.argwhere(np.isnan(stream.specific_force)).tolist() == [[3, 1], [4, 1]]
    assert np.isfinite(stream.angular_rate).all()


def test_rows_with_a_repeated_stamp_are_left_out_of_all_channels(tmp_path: Path) -> None:
    table = {name: np.insert(values, 5, values[4]) for name, values in walking_table().items()}
    table["gz"][5] = 99.0
    write_csv(tmp_path / "withers.csv", table)
    stream = read(tmp_path, sensor_entry())[0]
    np.testing.assert_array_equal(stream.angular_rate[:, 2], walking()[1][:, 5])


def test_a_file_that_sensors_share_is_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    both = walking_table() | {f"b_{name}": values for name, values in walking_table().items()}
    write_csv(tmp_path / "all.csv", both)
    opened: list[tuple[str, ...]] = []

    class Counting(CsvReader):
        def __call__(self, path: Path, *, columns: tuple[str, ...]) -> Table:
            opened.append(columns)
            return super().__call__(path, columns=columns)

    monkeypatch.setitem(FORMATS, "csv", Counting())
    acceleration = {"columns": ["b_ax", "b_ay", "b_az"], "unit": "m/s^2"}
    streams = read(
        tmp_path,
        sensor_entry("poll", path="all.csv"),
        sensor_entry("withers", path="all.csv", acceleration=acceleration),
    )
    assert [stream.site for stream in streams] == ["poll", "withers"]
    assert len(opened) == 1
    assert set(opened[0]) == {"time_s", "ax", "ay", "az", "gx", "gy", "gz", "b_ax", "b_ay", "b_az"}


def test_streams_stay_in_order_and_the_first_that_contradicts_physics_is_refused(tmp_path: Path) -> None:
    sites = ("poll", "withers", "sacrum", "sternum")
    for site in sites:
        write_csv(tmp_path / f"{site}.csv", walking_table())
    assert tuple(stream.site for stream in read(tmp_path, *map(sensor_entry, sites))) == sites
    wrong = {"columns": ["ax", "ay", "az"], "unit": "g"}
    entries = [sensor_entry(site, **({"acceleration": wrong} if site in sites[2:] else {})) for site in sites]
    with pytest.raises(BadInput, match=r"sacrum\.csv \(sacrum\): .*declared in g"):
        read(tmp_path, *entries)


def test_one_file_under_two_formats_is_refused(withers: Path) -> None:
    entries = sensor_entry(format="csv"), sensor_entry("poll", path="withers.csv", format="parquet")
    with pytest.raises(BadInput, match="declared as csv and as parquet"):
        read(withers, *entries)


@pytest.mark.parametrize("missing", ["acceleration", "angular_rate", "time"])
def test_what_the_file_does_not_tell_must_be_declared(withers: Path, missing: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read(withers, sensor_entry(**{missing: None}))
    assert f"`{missing}" in refusal.value.remedy


def test_a_device_where_the_format_names_none_is_refused(withers: Path) -> None:
    with pytest.raises(BadInput, match="the format names none"):
        read(withers, sensor_entry(device="7"))


def test_columns_of_different_lengths_are_refused(withers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ragged(CsvReader):
        cut = "ay"

        def __call__(self, path: Path, *, columns: tuple[str, ...]) -> Table:
            table = super().__call__(path, columns=columns)
            return Table(
                path, {name: values[: len(values) - (name in self.cut)] for name, values in table.columns.items()}
            )

    reader = Ragged()
    monkeypatch.setitem(FORMATS, "csv", reader)
    with pytest.raises(BadInput, match="of lengths 800, 799, 800"):
        read(withers, sensor_entry())
    reader.cut = "time_s"
    with pytest.raises(BadInput, match="799 times, 800 accelerations and 800 angular rates"):
        read(withers, sensor_entry())


@pytest.mark.parametrize(
    "change",
    [
        {"acceleration": {"columns": ["ax", "ay", "az"], "unit": "g"}},
        {"angular_rate": {"columns": ["gx", "gy", "gz"], "unit": "deg/s"}},
        {"time": {"column": "time_s", "unit": "us"}},
        {"axes": ["x", "-y", "-z"]},
        {"path": "poll.csv"},
        {"format": "hdf5"},
        {"acceleration": {"columns": ["ax", "ay", "up"], "unit": "m/s^2"}},
    ],
)
def test_a_manifest_that_does_not_fit_its_file_is_refused_by_name(withers: Path, change: dict[str, object]) -> None:
    with pytest.raises(BadInput) as refusal:
        read(withers, sensor_entry(**change))
    assert str(withers) in refusal.value.where


@pytest.mark.parametrize("bits", [12, 14, 15, 16, 24])
def test_counters_at_a_declared_rate_that_wrap_between_units_agree(tmp_path: Path, bits: int) -> None:
    entries = []
    for site, late in (("withers", 0), ("sacrum", 8)):
        counter = (2.0**bits - 4 + late + np.arange(800)) % 2.0**bits
        write_csv(tmp_path / f"{site}.csv", walking_table() | {"packet": counter})
        entries.append(sensor_entry(site, time={"rate_hz": 100, "counter": "packet"}))
    first, second = read(tmp_path, *entries)
    np.testing.assert_allclose(second.time_seconds - first.time_seconds, 0.08, atol=1e-9)


def test_stamps_that_leap_while_their_counter_runs_on_earn_a_word(tmp_path: Path) -> None:
    table = walking_table()
    late = table["time_s"] + (table["time_s"] >= 4.0) * 0.5
    write_csv(tmp_path / "withers.csv", table | {"time_s": late, "n": np.arange(800.0)})
    time = {"column": "time_s", "unit": "s", "counter": "n"}
    assert "although its counter runs on" in read(tmp_path, sensor_entry(time=time))[0].remarks[0]
