"""The simulated sensors measure the pose: the checks that a simulator must pass, and each fault of a real sensor."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.simulate import (
    Ride,
    YardSpec,
    hoof_contacts,
    ideal_motion,
    imu_streams,
    make_ride,
    pose,
    stride_phase,
)
from equigait.data.simulate.gaits import GAITS
from equigait.data.simulate.imu import Motion
from equigait.data.simulate.rotations import angular_rate, body_to_world, from_vector
from scipy.signal import butter, sosfiltfilt

G = 9.81
HORSES = range(6)
RATE_HZ = 200
TIMES = np.arange(2.0, 9.0, 1.0 / RATE_HZ)
SITES = ("withers", "sacrum", "poll", "cannon_fore_left", "cannon_hind_right")
MOVING = ("walk", "trot", "canter")


@cache
def motion_of(gait: str, horse: int) -> tuple[Ride, dict[str, Motion]]:
    ride = make_ride(YardSpec(gaits=(gait,), seconds=12), horse=horse)
    return ride, ideal_motion(ride, sites=SITES, time_seconds=TIMES)


def stride_slices(ride: Ride) -> list[slice]:
    strides = np.floor(stride_phase(ride, time_seconds=TIMES))
    edges = np.flatnonzero(np.diff(strides)) + 1
    return [slice(a, b) for a, b in pairwise(edges)]


def upwards(motion: Motion, angles: np.ndarray) -> np.ndarray:
    """The vertical part of a specific force, in the world's axes."""
    return np.einsum("tij,tj->ti", body_to_world(angles), motion.specific_force)[:, 2]


@pytest.mark.parametrize("gait", MOVING)
def test_mean_vertical_specific_force_over_whole_strides_is_gravity(gait: str) -> None:
    for horse in HORSES:
        ride, motions = motion_of(gait, horse)
        body = pose(ride, time_seconds=TIMES)
        whole = stride_slices(ride)
        span = slice(whole[0].start, whole[-1].stop)
        for site, angles in (("withers", body.withers_angles), ("sacrum", body.pelvis_angles)):
            assert upwards(motions[site], angles)[span].mean() == pytest.approx(G, rel=0.01)


@pytest.mark.parametrize("gait", ["trot", "canter"])
def test_the_trunk_falls_freely_while_no_hoof_is_on_the_ground(gait: str) -> None:
    for horse in HORSES:
        ride, motions = motion_of(gait, horse)
        table = GAITS[ride.bouts[0].gait]
        phase = stride_phase(ride, time_seconds=TIMES)
        grounded = np.zeros(TIMES.size, bool)
        for limb in range(4):
            duty = (table.duty_fore if limb % 2 else table.duty_hind) + ride.horse.duty
            grounded |= (phase - table.footfall[limb] - ride.horse.footfall_shift[limb]) % 1.0 < duty
        trunk = 0.5 * (motions["withers"].specific_force + motions["sacrum"].specific_force)
        felt = np.linalg.norm(trunk, axis=1) / G
        assert (~grounded).mean() > 0.05
        assert felt[~grounded].mean() < 0.3
        assert np.median(felt[~grounded]) < 0.3
        assert felt[grounded].mean() > 1.0


@pytest.mark.parametrize("gait", MOVING)
def test_the_gyroscope_integrates_back_to_the_same_attitude_after_every_stride(gait: str) -> None:
    for horse in HORSES:
        ride, motions = motion_of(gait, horse)
        for site in ("withers", "cannon_fore_left"):
            stride = stride_slices(ride)[1]
            turned = np.eye(3)
            for rate in motions[site].angular_rate[stride]:
                turned = turned @ from_vector(rate / RATE_HZ)
            angle = np.degrees(np.arccos(np.clip((np.trace(turned) - 1.0) / 2.0, -1.0, 1.0)))
            assert angle < (3.0 if site == "withers" else 6.0), (site, angle)


def test_the_accelerometer_integrates_twice_to_the_path_of_its_site() -> None:
    ride, motions = motion_of("canter", 0)
    body = pose(ride, time_seconds=TIMES)
    force = np.einsum("tij,tj->ti", body_to_world(body.withers_angles), motions["withers"].specific_force)
    acceleration = force - np.array([0.0, 0.0, G])
    velocity = np.cumsum((acceleration[1:] + acceleration[:-1]) / 2 / RATE_HZ, axis=0)
    velocity = np.concatenate([np.zeros((1, 3)), velocity])
    path = np.concatenate([np.zeros((1, 3)), np.cumsum((velocity[1:] + velocity[:-1]) / 2 / RATE_HZ, axis=0)])
    line = np.stack([np.ones_like(TIMES), TIMES], axis=1)  # speed and place at the start are not sensed
    for axis in range(3):
        gap = path[:, axis] - body.withers[:, axis]
        left = gap - line @ np.linalg.lstsq(line, gap, rcond=None)[0]
        assert np.abs(left).max() < 0.004


@pytest.mark.parametrize(
    ("gait", "up_g", "down_g", "trunk_degrees_s", "cannon_degrees_s"),
    [
        ("walk", (0.2, 0.45), (-0.45, -0.2), (30, 60), (250, 400)),
        ("trot", (0.7, 1.2), (-1.3, -0.8), (33, 60), (500, 800)),
        ("canter", (0.9, 1.6), (-1.3, -0.75), (65, 110), (680, 1000)),
    ],
)
def test_dynamic_acceleration_and_rates_are_those_of_the_gait(
    gait: str,
    up_g: tuple[float, float],
    down_g: tuple[float, float],
    trunk_degrees_s: tuple[float, float],
    cannon_degrees_s: tuple[float, float],
) -> None:
    rows = []
    for horse in HORSES:
        ride, motions = motion_of(gait, horse)
        body = pose(ride, time_seconds=TIMES)
        dynamic = upwards(motions["withers"], body.withers_angles) / G - 1.0
        trunk = np.degrees(np.linalg.norm(motions["withers"].angular_rate, axis=1))
        cannon = np.degrees(np.abs(motions["cannon_fore_left"].angular_rate[:, 1]))
        rows.append([dynamic.max(), dynamic.min(), np.percentile(trunk, 99), cannon.max()])
    for mean, (low, high) in zip(np.mean(rows, axis=0), (up_g, down_g, trunk_degrees_s, cannon_degrees_s), strict=True):
        assert low <= mean <= high, rows


def test_a_standing_horse_is_quiet_but_free_in_its_head() -> None:
    for horse in HORSES:
        _, motions = motion_of("stand", horse)
        for site in ("withers", "sacrum"):
            dynamic = np.linalg.norm(motions[site].specific_force, axis=1) / G - 1.0
            assert np.abs(dynamic).max() < 0.03
            assert np.degrees(np.linalg.norm(motions[site].angular_rate, axis=1)).max() < 5.0
        head = np.degrees(np.linalg.norm(motions["poll"].angular_rate, axis=1))
        assert head.max() > 2.0


@pytest.mark.parametrize(
    ("gait", "raw_g", "smooth_g"), [("walk", (2, 6), 1.0), ("trot", (6, 20), 2.0), ("canter", (10, 30), 3.0)]
)
def test_impacts_strike_the_cannon_bones_and_hardly_reach_the_trunk(
    gait: str, raw_g: tuple[float, float], smooth_g: float
) -> None:
    spec = {"gaits": (gait,), "seconds": 10, "imu_rate_hz": (200.0, 200.0), "noise_scale": 0.0, "mount_sd_degrees": 0.0}
    sites = ("cannon_fore_left", "withers", "poll")
    ride = make_ride(YardSpec(**spec, sites=sites), horse=1)
    calm = make_ride(YardSpec(**spec, sites=sites, impact_scale=0.0), horse=1)
    struck = {
        with_.site: (with_.specific_force - without.specific_force) / G
        for with_, without in zip(imu_streams(ride), imu_streams(calm), strict=True)
    }
    film = ride.clock.to_film(imu_streams(ride)[0].time_seconds)
    contacts = [c.time_seconds for c in hoof_contacts(ride, start_seconds=0.5, stop_seconds=9.5) if c.limb == 1]
    force = {site: np.linalg.norm(values, axis=1) for site, values in struck.items()}
    peaks = {site: [v[(film > t - 0.01) & (film < t + 0.06)].max() for t in contacts] for site, v in force.items()}
    assert raw_g[0] * 0.5 < np.median(peaks["cannon_fore_left"]) < raw_g[1]
    assert 0.03 < np.median(peaks["withers"]) / np.median(peaks["cannon_fore_left"]) < 0.15
    assert 0.01 < np.median(peaks["poll"]) / np.median(peaks["cannon_fore_left"]) < 0.06
    quiet = np.min(np.abs(film[:, None] - np.array(contacts)[None, :]), axis=1) > 0.12
    assert force["cannon_fore_left"][quiet & (film > 0.5) & (film < 9.5)].max() < 0.1
    low = sosfiltfilt(butter(4, 20.0, fs=200.0, output="sos"), struck["cannon_fore_left"], axis=0)
    assert smooth_g * 0.2 < np.abs(low).max() < np.median(peaks["cannon_fore_left"])


def test_streams_without_faults_are_the_ideal_motion_at_the_film_times_of_their_clock() -> None:
    spec = YardSpec(seconds=8, noise_scale=0.0, mount_sd_degrees=0.0, impact_scale=0.0, sites=("withers",))
    ride = make_ride(spec, horse=3)
    (stream,) = imu_streams(ride)
    film = ride.clock.to_film(stream.time_seconds)
    ideal = ideal_motion(ride, sites=("withers",), time_seconds=film)["withers"]
    np.testing.assert_allclose(stream.specific_force, ideal.specific_force, atol=1e-9)
    np.testing.assert_allclose(stream.angular_rate, ideal.angular_rate, atol=1e-9)
    assert stream.time_seconds[0] == 0.0
    assert abs(film[0]) <= spec.max_skew_seconds
    assert film[-1] == pytest.approx(9.0, abs=0.02)


def test_clocks_skew_and_drift_within_what_was_asked() -> None:
    clocks = [make_ride(YardSpec(seconds=2, gaits=("stand",)), horse=horse).clock for horse in range(20)]
    offsets, drifts = [c.offset_seconds for c in clocks], [c.drift_ppm for c in clocks]
    assert max(map(abs, offsets)) <= 3.0 < max(offsets) - min(offsets)
    assert max(map(abs, drifts)) <= 100.0 < max(drifts) - min(drifts)
    exact = make_ride(YardSpec(seconds=2, gaits=("stand",), max_skew_seconds=0, max_drift_ppm=0), horse=0).clock
    assert (exact.offset_seconds, exact.drift_ppm) == (0.0, 0.0)


def test_a_mount_turns_both_sensors_alike_and_keeps_their_length() -> None:
    spec = {"gaits": ("trot",), "seconds": 4, "noise_scale": 0.0, "impact_scale": 0.0, "sites": ("sacrum",)}
    (straight,) = imu_streams(make_ride(YardSpec(**spec, mount_sd_degrees=0.0), horse=0))
    (askew,) = imu_streams(make_ride(YardSpec(**spec), horse=0))
    turn, *_ = np.linalg.lstsq(straight.specific_force, askew.specific_force, rcond=None)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(straight.angular_rate @ turn, askew.angular_rate, atol=1e-9)
    assert 0.5 < np.degrees(np.arccos((np.trace(turn) - 1) / 2)) < 40.0


def test_mounts_are_askew_by_the_asked_spread() -> None:
    tilts = []
    for horse in range(12):
        spec = YardSpec(gaits=("stand",), seconds=2, noise_scale=0.0)
        streams = imu_streams(make_ride(spec, horse=horse))
        tilts += [s.specific_force[:, :2].mean(axis=0) / G for s in streams if s.site != "poll"]
    assert np.degrees(np.std(tilts)) == pytest.approx(8.0, abs=1.8)


def test_noise_and_bias_scale_with_the_noise_asked_for() -> None:
    spread = []
    for scale in (0.0, 1.0, 3.0):
        spec = YardSpec(gaits=("stand",), seconds=8, noise_scale=scale, sites=("withers",))
        (stream,) = imu_streams(make_ride(spec, horse=0))
        spread.append(np.diff(stream.angular_rate[:, 0]).std() / np.sqrt(2))
    assert spread[0] < 1e-4
    assert spread[1] == pytest.approx(0.004, rel=0.1)
    assert spread[2] == pytest.approx(0.012, rel=0.1)


def test_what_exceeds_the_range_of_the_sensor_is_clipped() -> None:
    spec = YardSpec(gaits=("canter",), seconds=6, sites=("cannon_fore_left",), impact_scale=3.0)
    (stream,) = imu_streams(make_ride(spec, horse=0))
    assert np.abs(stream.specific_force).max() == 16 * G


def test_rates_lie_in_the_asked_range_and_every_named_set_of_sites_is_measured() -> None:
    for sites, count in (("trunk-5", 5), ("limb-4-withers", 5), (("sternum",), 1)):
        streams = imu_streams(make_ride(YardSpec(seconds=2, sites=sites, imu_rate_hz=(120.0, 130.0)), horse=0))
        assert len(streams) == count
        assert all(120.0 <= stream.rate_hz <= 130.0 for stream in streams)


def test_a_site_that_no_horse_has_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="wrist"):
        imu_streams(make_ride(YardSpec(seconds=2, sites=("withers", "wrist")), horse=0))


def test_the_rate_about_a_fixed_axis_is_the_derivative_of_the_angle() -> None:
    times = np.linspace(0.0, 1.0, 50)
    for axis in range(3):

        def turned(at: np.ndarray, axis: int = axis) -> np.ndarray:
            angles = np.zeros((at.size, 3))
            angles[:, axis] = np.sin(at)
            return body_to_world(angles)

        rate = angular_rate(turned(times - 1e-3), turned(times), turned(times + 1e-3), step_seconds=1e-3)
        expected = np.zeros((50, 3))
        expected[:, axis] = np.cos(times)
        np.testing.assert_allclose(rate, expected, atol=1e-6)
