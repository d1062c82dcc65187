"""Sensors that slip, come loose or fail: each by itself, as formulas say, and as often as the difficulty has it."""

import math

import numpy as np
import pytest
from equigait.data.simulate import YardSpec, imu_streams, make_ride
from equigait.data.simulate.defects import Defect, defects, draw_defects, failed, rattled, slipped
from equigait.data.simulate.rotations import from_vector
from equigait.data.sites import TRUNK_5

RATE_HZ = 100.0
TIMES = np.arange(0.0, 10.0, 1.0 / RATE_HZ)
DOWN = np.tile([0.0, 0.0, 9.81], (TIMES.size, 1))
STILL = np.zeros((TIMES.size, 3))


def test_a_slipping_sensor_turns_gravity_by_its_angle_and_its_gyroscope_says_so() -> None:
    slip = Defect("withers", slip_seconds=4.0, slip_length_seconds=2.0, slip_axis=(1.0, 0.0, 0.0), slip_radians=0.5)
    force, rate = slipped(slip, DOWN, STILL, times=TIMES)
    np.testing.assert_array_equal(force[TIMES < 4.0], DOWN[TIMES < 4.0])
    # A frame turned by 0.5 rad about x sees the upright direction at (0, sin 0.5, cos 0.5).
    after = force[TIMES > 6.01]
    np.testing.assert_allclose(after, np.tile(9.81 * np.array([0.0, np.sin(0.5), np.cos(0.5)]), (len(after), 1)))
    np.testing.assert_allclose(np.linalg.norm(force, axis=1), 9.81)
    assert rate[:, 0].sum() / RATE_HZ == pytest.approx(0.5, rel=1e-3)
    assert np.abs(rate[:, 1:]).max() == 0.0


def test_a_slip_about_any_axis_is_one_rotation() -> None:
    axis = np.array([0.6, 0.0, 0.8])
    slip = Defect("poll", slip_seconds=1.0, slip_length_seconds=1.0, slip_axis=tuple(axis), slip_radians=1.0)
    force, _ = slipped(slip, DOWN, STILL, times=TIMES)
    np.testing.assert_allclose(force[-1], from_vector(axis).T @ DOWN[-1])


def test_a_loose_sensor_rattles_where_it_is_shaken_and_only_from_then_on() -> None:
    loose = Defect("sacrum", loose_seconds=5.0)
    wave = np.where(TIMES < 8.0, 5.0 * np.sin(2 * np.pi * 2.0 * TIMES), 0.0)
    shaken = DOWN + wave[:, None] * np.array([0.0, 0.0, 1.0])
    force, rate = rattled(loose, shaken, STILL, times=TIMES, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(force[TIMES <= 5.0], shaken[TIMES <= 5.0])
    noise = (force - shaken)[:, 0]
    moving, calm = noise[(TIMES > 5.6) & (TIMES < 7.5)], noise[TIMES > 8.5]
    assert 1.0 < moving.std() < 4.0
    assert np.abs(calm).max() < 1e-9
    assert rate[(TIMES > 5.6) & (TIMES < 7.5)].std() > 0.1
    power = np.abs(np.fft.rfft(moving * np.hanning(moving.size))) ** 2
    frequency = np.fft.rfftfreq(moving.size, 1.0 / RATE_HZ)
    assert power[(frequency > 5.0) & (frequency < 20.0)].sum() > 0.8 * power.sum()


def test_a_sensor_that_stops_ends_its_file_and_one_that_hangs_repeats_its_last_sample() -> None:
    ramp = np.arange(TIMES.size, dtype=float)[:, None].repeat(3, axis=1)
    force, rate = failed(Defect("poll", stop_seconds=4.0), ramp, STILL, times=TIMES)
    assert len(force) == len(rate) == 400
    force, rate = failed(Defect("poll", flat_seconds=4.0), ramp, STILL, times=TIMES)
    assert len(force) == TIMES.size
    np.testing.assert_array_equal(force[400:], 399.0)
    np.testing.assert_array_equal(force[:400], ramp[:400])
    assert ramp[-1, 0] == TIMES.size - 1, "the samples it was given stay"


def test_without_a_defect_nothing_changes() -> None:
    none = Defect("poll")
    for force, rate in (
        slipped(none, DOWN, STILL, times=TIMES),
        rattled(none, DOWN, STILL, times=TIMES, rng=np.random.default_rng(0)),
        failed(none, DOWN, STILL, times=TIMES),
    ):
        assert force is DOWN
        assert rate is STILL


def test_defects_come_in_the_middle_of_a_ride_as_often_as_the_difficulty_has_them() -> None:
    spec = YardSpec(difficulty="field", behaviours=("stand",), seconds=10.0)
    drawn = [draw_defects(make_ride(spec, horse=horse), sites=TRUNK_5) for horse in range(40)]
    every = [defect for ride in drawn for defect in ride.values()]
    level = spec.level
    assert level is not None
    slips = [defect.slip_seconds for defect in every if math.isfinite(defect.slip_seconds)]
    assert len(slips) / len(every) == pytest.approx(level.slip_share, abs=0.06)
    assert all(1.5 <= when <= 8.5 for when in slips)
    ended = [sum(min(d.stop_seconds, d.flat_seconds) < math.inf for d in ride.values()) for ride in drawn]
    assert max(ended) == 1
    assert np.mean(ended) == pytest.approx(level.dead_share, abs=0.12)


def test_the_easy_yard_has_none_and_the_truth_names_those_of_the_field_yard() -> None:
    easy = make_ride(YardSpec(seconds=4.0, gaits=("stand",)), horse=0)
    assert draw_defects(easy, sites=TRUNK_5) == {}
    spec = YardSpec(difficulty="field", behaviours=("stand",), seconds=20.0)
    named = [row for horse in range(20) for row in defects(make_ride(spec, horse=horse))]
    assert {"slip_seconds", "loose_seconds"} <= {key for row in named for key in row}
    assert all(set(row) > {"site"} for row in named)


def test_a_recording_shows_its_dead_sensor() -> None:
    spec = YardSpec(difficulty="field", behaviours=("stand",), seconds=20.0, max_skew_seconds=0.0)
    for horse in range(60):
        ride = make_ride(spec, horse=horse)
        dead = [row for row in defects(ride) if {"stop_seconds", "flat_seconds"} & set(row)]
        if not dead:
            continue
        (row,) = dead
        stream = next(stream for stream in imu_streams(ride) if stream.site == row["site"])
        if "stop_seconds" in row:
            assert ride.clock.to_film(stream.time_seconds)[-1] == pytest.approx(row["stop_seconds"], abs=0.02)
        else:
            after = ride.clock.to_film(stream.time_seconds) > float(row["flat_seconds"]) + 0.02
            assert np.ptp(stream.specific_force[after], axis=0).max() == 0.0
        return
    pytest.fail("no sensor of sixty rides died")
