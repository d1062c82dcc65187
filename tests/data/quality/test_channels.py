"""Channels that are flat, doubled, swapped or upside down are named; sound ones are not."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.quality.channels import channel_remarks, short_sensors, swapped_triads
from equigait.data.quality.signals import sensor_facts
from equigait.data.readers.sensor import Sensor
from equigait.data.recording import ImuStream
from equigait.data.sync.sensors import unit_signals
from sensor_files import sensor_entry, walking, walking_table, write_csv


def remarks(signals: np.ndarray, *, rate_hz: float = 100.0, stated: float | None = None) -> tuple[str, ...]:
    times = np.arange(len(signals)) / rate_hz
    stream = ImuStream("withers", times, signals[:, :3], signals[:, 3:], Path("withers.csv"), stated_rate_hz=stated)
    return channel_remarks(stream, facts=sensor_facts(stream))


def of_site(site: str, signals: np.ndarray) -> ImuStream:
    return ImuStream(site, np.arange(len(signals)) / 100.0, signals[:, :3], signals[:, 3:], Path(f"{site}.csv"))


@pytest.fixture
def signals() -> np.ndarray:
    return walking(20.0)[1]


def test_a_sound_sensor_is_left_in_peace(signals: np.ndarray) -> None:
    assert remarks(signals, stated=100.0) == ()


def test_a_constant_axis_is_named(signals: np.ndarray) -> None:
    signals[:, 4] = 0.0
    assert remarks(signals) == ("gy never changes: dead, or not recorded",)
    signals[:, 5] = 0.5
    assert remarks(signals) == ("gy and gz never change: dead, or not recorded",)


def test_a_triad_that_is_dead_for_a_while_is_named_with_its_time(signals: np.ndarray) -> None:
    signals[500:800, 3:] = signals[500, 3:]
    assert remarks(signals) == ("gyroscope does not change for 3.0 s, from 5.0 s on: dead for a while",)
    signals[1000:1190, :3] = signals[1000, :3]  # 1.9 s are none
    assert len(remarks(signals)) == 1


def test_a_column_given_twice_is_named(signals: np.ndarray) -> None:
    signals[:, 1] = signals[:, 0]
    assert remarks(signals) == ("ax and ay are the same: a column was given twice",)
    signals[:, 1] = np.round(-3.0 * signals[:, 0], 2)
    assert remarks(signals) == ("ax and ay are the same: a column was given twice",)


def test_a_sensor_on_its_head_is_told_which_axis_is_up(signals: np.ndarray) -> None:
    assert remarks(signals * [1, -1, -1, 1, -1, -1]) == (
        "gravity says that -z points up, not z: declare `axes`, or `gravity: negated` for an iPhone's sign",
    )
    assert remarks(signals[:, [2, 0, 1, 5, 3, 4]]) == ("gravity says that x points up, not z: declare `axes`",)


def test_a_missing_gyroscope_a_wrong_rate_and_repeats_are_told(signals: np.ndarray) -> None:
    assert "runs at 100.00 Hz, stated 104 Hz" in remarks(signals, stated=104.0)
    assert any("50 % of the samples repeat" in remark for remark in remarks(np.repeat(signals, 2, axis=0)))
    signals[:, 3:] = np.nan
    assert remarks(signals) == (
        "no gyroscope: synchronises; is learned from with --set grid.signals=specific_force alone",
    )


def test_up_is_not_asked_of_an_acceleration_without_gravity(signals: np.ndarray) -> None:
    times = np.arange(len(signals)) / 100.0
    linear = signals[:, :3] - np.array([0.0, 0.0, 9.80665])
    none = np.full_like(linear, np.nan)
    stream = ImuStream("withers", times, linear, none, Path("phone.csv"), gravity_removed=True)
    assert channel_remarks(stream, facts=sensor_facts(stream)) == (
        "no gyroscope and no gravity: does not synchronise (beside a film write `clock:` by hand); "
        "is learned from with --set grid.signals=linear_acceleration alone",
    )
    assert isinstance(unit_signals(stream), str)  # `sync` refuses it


def test_a_sensor_without_numbers_is_named(signals: np.ndarray) -> None:
    empty = "none of its 2000 samples is of use; dead, or its columns are empty"
    signals[:, :3] = np.nan
    assert remarks(signals) == (f"has no acceleration: {empty}",)
    signals[:] = np.nan
    assert remarks(signals) == (f"holds no numbers: {empty}",)


def recorded(**seconds: float) -> list[ImuStream]:
    streams = []
    for site, length in seconds.items():
        times, signals = walking(length)
        streams.append(ImuStream(site, times, signals[:, :3], signals[:, 3:], Path(f"{site}.csv")))
    return streams


def test_a_sensor_that_was_cut_off_is_named_and_one_that_ran_on_is_no_fault_of_the_others() -> None:
    short = "poll holds 6.0 s, the other sensors 60.0 s: was its file cut off?"
    assert short_sensors(recorded(withers=60.0, poll=6.0)) == (short,)
    assert short_sensors(recorded(withers=60.0, poll=6.0, sacrum=60.0)) == (short,)
    assert short_sensors(recorded(withers=60.0, poll=60.0, sacrum=600.0)) == ()
    assert short_sensors(recorded(withers=60.0, poll=50.0)) == ()
    assert short_sensors(recorded(withers=60.0)) == ()


def test_swapped_triads_are_found_by_gravity_and_sound_ones_are_not_accused(tmp_path: Path) -> None:
    write_csv(tmp_path / "withers.csv", walking_table(20.0))
    swapped = sensor_entry(
        acceleration={"columns": ["gx", "gy", "gz"], "unit": "g"},
        angular_rate={"columns": ["ax", "ay", "az"], "unit": "deg/s"},
    )
    found = swapped_triads(Sensor.model_validate(swapped), folder=tmp_path)
    assert found == "accelerometer and gyroscope seem swapped: ax, ay, az read as acceleration in m/s^2"
    assert swapped_triads(Sensor.model_validate(sensor_entry()), folder=tmp_path) is None


def test_samples_of_zeros_are_told_with_the_way_out_that_fits(signals: np.ndarray) -> None:
    signals[200:205, :3] = 0.0
    told = "5 of 2000 samples are zero in {}: lost packets? Then {}"
    assert remarks(signals) == (told.format("acceleration", "empty these fields in the file"),)
    signals[200:205] = 0.0
    assert remarks(signals) == (told.format("every channel", "declare `missing: [0]` for this sensor"),)
