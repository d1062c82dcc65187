"""What speaks against one unit on one body is named, and sound sensors earn no word."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.readers.one_body import body_remarks
from equigait.data.recording import ImuStream
from sensor_files import GRAVITY, walking


def unit(seconds: float = 30.0, *, phase: float = 0.0) -> ImuStream:
    """A trunk that walks: each axis at a moment of its own."""
    times = np.arange(round(seconds * 100)) / 100
    step, stride = 2 * np.pi * 1.8 * times + phase, np.pi * 1.8 * times + phase / 2
    force = [1.5 * np.sin(step + 0.3), np.sin(stride + 0.7), GRAVITY + 2.5 * np.sin(step) + 0.5 * np.sin(2 * step)]
    rate = [np.sin(stride), 0.8 * np.sin(step + 1.1), 0.6 * np.sin(stride + 2.0)]
    noise = np.random.default_rng(0).normal(0.0, 1.0, (len(times), 6)) * [0.05, 0.05, 0.05, 0.01, 0.01, 0.01]
    signals = np.stack([*force, *rate], axis=1) + noise
    return ImuStream("withers", times, signals[:, :3], signals[:, 3:], Path("withers.csv"))


def without_gyroscope(stream: ImuStream) -> ImuStream:
    return replace(stream, angular_rate=np.full_like(stream.angular_rate, np.nan))


def limb(seconds: float = 30.0, *, scale: float = 1.0) -> ImuStream:
    """A leg that swings 0.6 m below its hip by half a radian to either side, and what both its sensors read of it."""
    times = np.arange(round(seconds * 100)) / 100
    swing, faster = 0.5 * np.sin(2 * np.pi * times), np.pi * np.cos(2 * np.pi * times)
    along = -np.gradient(faster, 0.01) * 0.6 - GRAVITY * np.sin(swing)
    up = faster**2 * 0.6 + GRAVITY * np.cos(swing)
    noise = np.random.default_rng(0).normal(0.0, 0.05, (len(times), 6))
    force = np.stack([along, 0 * times, up], axis=1) * scale + noise[:, :3]
    rate = np.stack([0 * times, faster, 0 * times], axis=1) + noise[:, 3:] * 2
    return ImuStream("cannon", times, force, rate, Path("cannon.csv"))


def test_a_trunk_and_a_limb_that_are_sound_earn_no_word() -> None:
    for stream in (unit(), unit(3.0), without_gyroscope(unit()), replace(unit(), gravity_removed=True)):
        assert body_remarks(stream) == ()
    assert [remark for remark in body_remarks(limb()) if "turned back" in remark] == []


@pytest.mark.parametrize("times", [6.0, 20.0])
def test_a_gyroscope_many_times_too_fast_leaves_no_gravity(times: float) -> None:
    stream = unit()
    (remark,) = body_remarks(replace(stream, angular_rate=times * stream.angular_rate))
    assert remark.startswith("turned back by the gyroscope, the acceleration averages")


def test_a_limb_whose_acceleration_has_twice_its_scale_is_told_although_it_swings() -> None:
    remarks = body_remarks(limb(scale=2.0))
    assert any("the acceleration averages 19" in remark for remark in remarks)


def test_a_direction_of_gravity_in_place_of_the_acceleration_is_told() -> None:
    stream = unit()
    tilt = np.cumsum(stream.angular_rate[:, :2] - stream.angular_rate[:, :2].mean(axis=0), axis=0) / 100
    up = np.stack([-tilt[:, 1], tilt[:, 0], np.ones(len(tilt))], axis=1)
    up *= GRAVITY / np.linalg.norm(up, axis=1, keepdims=True)
    assert "|a| stays at 9.81 m/s^2" in body_remarks(replace(stream, specific_force=np.round(up, 4)))[0]


def test_a_magnetometer_in_place_of_the_gyroscope_is_told() -> None:
    stream = unit()
    heading = 0.3 * np.sin(0.3 * stream.time_seconds)
    field = np.stack([22 * np.cos(heading), -22 * np.sin(heading), np.full(len(heading), -42.0)], axis=1)
    noise = np.random.default_rng(1).normal(0.0, 0.3, field.shape)
    remarks = body_remarks(replace(stream, angular_rate=np.deg2rad(field + noise)))
    assert any("without a change: a magnetometer's columns?" in remark for remark in remarks)


def test_one_axis_of_the_gyroscope_in_another_unit_is_told() -> None:
    stream = unit()
    rate = stream.angular_rate * [1.0, 1.0, np.pi / 180]
    (remark,) = body_remarks(replace(stream, angular_rate=rate))
    assert remark.startswith("gz turns 1/95 as much as gx")


@pytest.mark.parametrize(("channel", "value"), [(1, 3000.0), (2, -400.0), (4, 30.0)])
def test_a_single_sample_far_beyond_all_others_is_told_with_its_value(channel: int, value: float) -> None:
    values = np.concatenate([unit().specific_force, unit().angular_rate], axis=1)
    values[700, channel] = value
    (remark,) = body_remarks(replace(unit(), specific_force=values[:, :3], angular_rate=values[:, 3:]))
    assert f"reads {value:g} " in remark
    assert "in a single sample" in remark


def test_a_blow_of_several_samples_is_no_lost_byte() -> None:
    force = unit().specific_force.copy()
    force[700:704, 2] += [30.0, 80.0, 50.0, 20.0]
    assert body_remarks(replace(unit(), specific_force=force)) == ()


def test_samples_of_several_units_in_no_regular_order_are_told() -> None:
    units = [unit(), unit(phase=0.9), unit(phase=1.8)]
    order = np.random.default_rng(0).integers(0, 3, 3000)
    force, rate = (np.empty((3000, 3)) for _ in range(2))
    for number, each in enumerate(units):
        own = order == number
        force[own], rate[own] = each.specific_force[: own.sum()], each.angular_rate[: own.sum()]
    remarks = body_remarks(replace(unit(), specific_force=force, angular_rate=rate))
    assert any("units in turn: write one file for each" in remark for remark in remarks)


def test_packets_of_two_units_in_turn_are_told_by_their_jumps() -> None:
    one, other = unit(), unit(phase=0.9)
    apart = other.specific_force + np.array([4.0, -4.0, 0.0])
    turn = (np.arange(3000) // 50 % 2 == 1)[:, None]
    remarks = body_remarks(replace(one, specific_force=np.where(turn, apart, one.specific_force)))
    assert remarks == ("its signal jumps every 50 samples: packets of several units in turn, or lost between packets",)


@pytest.mark.parametrize("columns", [[2, 0, 1], [1, 2, 0]])
def test_axes_that_change_their_columns_in_mid_file_are_told(columns: list[int]) -> None:
    stream = unit()
    force = stream.specific_force.copy()
    force[1500:] = force[1500:, columns]
    remarks = body_remarks(replace(stream, specific_force=force))
    assert any("gravity leaps to another axis at about" in remark for remark in remarks)


def test_a_body_that_lies_down_turns_and_gravity_does_not_leap() -> None:
    stream = unit(40.0)
    lying = np.clip((stream.time_seconds - 18.0) / 2.0, 0.0, 1.0) * np.pi / 2
    cosine, sine = np.cos(lying), np.sin(lying)
    x, y, z = stream.specific_force.T
    force = np.stack([x, cosine * y + sine * z, cosine * z - sine * y], axis=1)
    rate = stream.angular_rate + np.gradient(lying, 0.01)[:, None] * [1.0, 0.0, 0.0]
    assert body_remarks(replace(stream, specific_force=force, angular_rate=rate)) == ()


def test_a_gap_that_was_filled_by_straight_lines_is_told() -> None:
    stream = unit()
    force, rate = stream.specific_force.copy(), stream.angular_rate.copy()
    for values in (force, rate):
        values[1000:1200] = np.linspace(values[1000], values[1200], 200)
    (remark,) = body_remarks(replace(stream, specific_force=np.round(force, 5), angular_rate=np.round(rate, 5)))
    assert remark.startswith("all axes run straight for 2.0 s at about 10 s")


def test_a_few_rows_of_another_unit_between_those_of_one_are_shown() -> None:
    times, signals = walking(60.0)
    late, other = times[::100] + 0.0031, walking(60.0, seed=1)[1][::100][:, [2, 0, 1, 5, 3, 4]]
    order = np.argsort(np.append(times, late), kind="stable")
    mixed = np.concatenate([signals, other])[order]
    stream = ImuStream("withers", np.append(times, late)[order], mixed[:, :3], mixed[:, 3:], Path("withers.csv"))
    assert any("stand between two that follow one another" in remark for remark in body_remarks(stream))
