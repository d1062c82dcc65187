"""Readings against physics: what is suspect is named with its figure, and sound sensors earn no word."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.physics import check_units
from equigait.data.readers.plausible import physics_remarks, tempo_remarks
from equigait.data.readers.sensor import Sensor
from equigait.data.recording import ImuStream
from sensor_files import GRAVITY, sensor_entry, walking


def walk(seconds: float = 130.0, *, stands_seconds: float = 0.0, scale: float = 1.0) -> ImuStream:
    """A trunk that walks and then stands, its acceleration off by a factor."""
    times, signals = walking(seconds)
    standing = times >= seconds - stands_seconds
    noise = np.random.default_rng(1).normal(0.0, 0.05, (int(standing.sum()), 6))
    signals[standing] = noise + np.array([0, 0, GRAVITY, 0, 0, 0])
    return ImuStream("withers", times, signals[:, :3] * scale, signals[:, 3:], Path("withers.csv"))


def test_a_sound_sensor_earns_no_word() -> None:
    assert physics_remarks(walk()) == ()
    assert physics_remarks(walk(stands_seconds=20.0)) == ()


@pytest.mark.parametrize(("scale", "shown"), [(0.93, "9.12 m/s^2, -0.69"), (1.08, "10.59 m/s^2, +0.78")])
def test_a_horse_that_stands_for_a_few_seconds_shows_a_wrong_scale(scale: float, shown: str) -> None:
    (remark,) = physics_remarks(walk(stands_seconds=6.0, scale=scale))
    assert remark.startswith(f"at rest |a| is {shown} off gravity, where 0.5 is usual")


@pytest.mark.parametrize(("scale", "mean"), [(0.9, "8.83"), (1.1, "10.79")])
def test_a_minute_whose_mean_is_not_gravity_is_named(scale: float, mean: str) -> None:
    (remark,) = physics_remarks(walk(scale=scale))
    assert f"mean specific force is {mean} m/s^2 over a minute, where a body shows 9 to 10.6 (2 of 2 minutes)" in remark


def test_a_limb_that_swings_is_not_held_against_the_mean_of_a_trunk() -> None:
    stream = walk(scale=1.1)
    assert physics_remarks(replace(stream, angular_rate=3.0 * stream.angular_rate)) == ()


def test_turning_that_no_animal_keeps_up_is_named_and_a_lunge_line_is_not() -> None:
    stream = walk()
    up = np.array([0.0, 0.0, 1.0])
    (remark,) = physics_remarks(replace(stream, angular_rate=stream.angular_rate - np.deg2rad(117.0) * up))
    assert "turns about the vertical at 117 deg/s for a minute, 20 circles" in remark
    assert physics_remarks(replace(stream, angular_rate=stream.angular_rate + np.deg2rad(48.0) * up)) == ()


def test_a_unit_at_the_end_of_its_range_is_called_that_and_not_a_wrong_unit() -> None:
    stream = walk(10.0)
    railed = replace(stream, specific_force=np.full_like(stream.specific_force, 4.0 * GRAVITY))
    with pytest.raises(BadInput, match="readings that move") as refusal:
        check_units(railed, sensor=Sensor.model_validate(sensor_entry()), acceleration_unit="m/s^2", rate_unit="rad/s")
    assert refusal.value.found.count("stays at 39.23 m/s^2 in 100 % of the samples") == 3
    assert "no unit mends that" in refusal.value.remedy
    two_g = replace(stream, specific_force=np.where([True, False, False], 2.0 * GRAVITY, stream.specific_force))
    (remark,) = physics_remarks(two_g)
    assert remark.startswith("ax stays at 19.61 m/s^2 in 100 % of the samples: at the end of its range, or frozen")


@pytest.mark.parametrize("seconds", [2.9, 15.0])
def test_a_short_recording_in_constant_motion_is_taken_with_a_word_and_not_called_a_wrong_unit(seconds: float) -> None:
    stream = walk(seconds)
    slow = replace(stream, specific_force=0.72 * stream.specific_force)
    check_units(slow, sensor=Sensor.model_validate(sensor_entry()), acceleration_unit="m/s^2", rate_unit="rad/s")
    (remark,) = physics_remarks(slow)
    assert remark.startswith(f"in motion throughout its {seconds} s: gravity shows as 7.")


def test_gravity_that_the_device_removed_is_no_fault() -> None:
    stream = walk()
    assert physics_remarks(replace(stream, specific_force=stream.specific_force * 0.1, gravity_removed=True)) == ()


@pytest.mark.parametrize(("times", "remarked"), [(0.2, True), (0.5, False), (1.0, False), (2.0, False), (5.0, True)])
def test_a_tempo_that_no_animal_has_makes_a_rate_suspect_that_only_the_manifest_states(
    times: float, remarked: bool
) -> None:
    stream = walk()
    again = replace(stream, time_seconds=stream.time_seconds / times, stated_rate_hz=100.0 * times)
    assert bool(tempo_remarks(again)) == remarked
    assert all(f"`rate_hz: {100 * times:g}`" in remark for remark in tempo_remarks(again))
    stamped = tempo_remarks(replace(again, stated_rate_hz=None))
    assert bool(stamped) == remarked
    assert all(f"stamps right, which makes {100 * times:g} samples a second" in remark for remark in stamped)
    at_rest = np.random.default_rng(2).normal((0, 0, GRAVITY), 0.5, stream.specific_force.shape)
    assert tempo_remarks(replace(again, specific_force=at_rest)) == ()


def test_a_scale_that_changes_between_whole_minutes_is_told_by_the_minute_it_spoils() -> None:
    stream = walk(115.0)
    stream.specific_force[6200:] *= 0.9
    (remark,) = physics_remarks(stream)
    assert "mean specific force is 8.9" in remark
    stream.specific_force[6200:] *= 0.97 / 0.9
    assert physics_remarks(stream) == ()


def test_a_scale_that_changes_shows_in_the_rests_after_it() -> None:
    stream = walk(100.0, stands_seconds=60.0)
    stream.specific_force[8500:] *= 1.08
    (remark,) = physics_remarks(stream)
    assert remark.startswith("at rest |a| is 10.5")
    assert "where it is 9.81 mostly" in remark


@pytest.mark.parametrize("times_as_fast", [5.0, 10.0])
def test_stamps_that_count_too_fast_show_though_they_make_a_recording_short(times_as_fast: float) -> None:
    stream = walk(30.0)
    (remark,) = tempo_remarks(replace(stream, time_seconds=stream.time_seconds / times_as_fast))
    assert "is the unit of its stamps right" in remark
    assert tempo_remarks(walk(12.0)) == ()
