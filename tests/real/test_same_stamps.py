"""Wall-clock stamps that repeat between rides: equal stamps never make two rides, or ride and film, one recording."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from bench.sync_derived import joined
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from equigait.data.recording import ImuStream
from equigait.data.sync import SyncSpec, Verdict, align_units, synchronise
from equigait.data.sync.sensors import unit_signals

DATA = os.environ.get("EQUIGAIT_REAL_DATA")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(DATA is None, reason="EQUIGAIT_REAL_DATA names no folder of real recordings"),
]


def folder(name: str) -> Path:
    there = Path(DATA or "") / name
    if not there.is_dir():
        pytest.skip(f"{there} is not there")
    return there


@pytest.fixture(scope="module")
def rides() -> list[ImuStream]:
    """One stream of each ride there is, every one with its stamps counted from its start."""
    streams = []
    for path in sorted(folder("horse_imu_centaur/mpu6000").glob("mpu-*.dat")):
        time = {"column": "1", "unit": "ms"}
        force = {"columns": ["2", "3", "4"], "unit": "counts", "per_unit": 16384}
        rate = {"columns": ["5", "6", "7"], "unit": "counts", "per_unit": 16.4}
        entry = {"site": "withers", "path": path.name, "time": time, "acceleration": force, "angular_rate": rate}
        stream = read_streams([Sensor.model_validate(entry)], folder=path.parent)[0]
        streams.append(replace(stream, time_seconds=stream.time_seconds - stream.time_seconds[0]))
    return streams


def backwards(ride: ImuStream) -> ImuStream:
    """Another ride of equal stamps: canter, trot and walk, where the first has walk, trot and canter."""
    times = ride.time_seconds[-1] - ride.time_seconds[::-1]
    force, rate = ride.specific_force[::-1].copy(), ride.angular_rate[::-1].copy()
    return replace(ride, site="sacrum", time_seconds=times, specific_force=force, angular_rate=rate)


def test_rides_of_equal_stamps_are_not_taken_for_units_of_one_clock(rides: list[ImuStream]) -> None:
    others = [replace(ride, site="sacrum") for ride in rides[1:]] or [backwards(rides[0])]
    for other in others:
        _, clocks = align_units([unit_signals(rides[0]), unit_signals(other)], spec=SyncSpec())
        assert clocks[0].used
        assert clocks[1].note != "shares the clock", clocks
        assert not clocks[1].used


def test_a_ride_and_a_film_of_another_ride_with_equal_stamps_are_not_accepted(rides: list[ImuStream]) -> None:
    clips = sorted(folder("horse_keypoints").glob("*.json"))
    _, motion, _ = joined(clips, seed=0)
    for ride in (*rides, backwards(rides[0])):
        for shift in (0.0, 3600.0):
            late = replace(ride, time_seconds=ride.time_seconds + shift)
            assert synchronise([late], motion=motion).verdict is not Verdict.ACCEPT
        by_stamps = synchronise([ride], motion=motion, spec=SyncSpec(expect_offset=0.0, expect_within=3.0))
        assert by_stamps.verdict is not Verdict.ACCEPT


def test_a_ride_and_itself_whole_hours_off_are_one_ride_moved_or_left_out_never_trusted(rides: list[ImuStream]) -> None:
    late = replace(rides[0], site="saddle", time_seconds=rides[0].time_seconds + 7200.0)
    _, clocks = align_units([unit_signals(rides[0]), unit_signals(late)], spec=SyncSpec())
    assert not clocks[1].used or clocks[1].offset_seconds == pytest.approx(-7200.0, abs=0.05)
    assert np.isfinite(clocks[1].offset_seconds)
