"""Motion about gravity: what a tilting sensor measures is taken back to up, at its own rate, gaps marked."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.recording import ClockMap, ImuStream
from equigait.pipeline.inference.site_motion import SiteMotion, _slow_means, rated, site_motions
from equigait.pipeline.inference.strides import find_cycles
from scipy.signal import butter, sosfiltfilt

GRAVITY = 9.81


def tilting(rate_hz: float, *, tilt_degrees: float = 6.0, mount_degrees: float = 8.0) -> ImuStream:
    """A sensor that bobs by 3 m/s^2 at 2.6 Hz while it pitches at 1.3 Hz, mounted askew about its y axis."""
    times = np.arange(0.0, 20.0, 1.0 / rate_hz)
    up = GRAVITY + 3.0 * np.sin(2 * np.pi * 2.6 * times)
    angle = np.radians(mount_degrees) + np.radians(tilt_degrees) * np.sin(2 * np.pi * 1.3 * times)
    turning = np.radians(tilt_degrees) * 2 * np.pi * 1.3 * np.cos(2 * np.pi * 1.3 * times)
    force = np.stack([-np.sin(angle) * up, 0 * up, np.cos(angle) * up], axis=1)
    rate = np.stack([0 * up, turning, 0 * up], axis=1)
    return ImuStream("withers", times, force, rate, Path("withers.csv"))


def motion_of(stream: ImuStream, *, clock: ClockMap | None = None) -> SiteMotion:
    usable, _ = rated([stream])
    return site_motions(usable, clock=clock or ClockMap(0.0), start_seconds=5.0, stop_seconds=15.0)["withers"]


@pytest.mark.parametrize("rate_hz", [25.0, 60.0, 128.0, 443.0])
def test_the_upward_acceleration_of_a_tilting_sensor_is_that_of_the_body(rate_hz: float) -> None:
    motion = motion_of(tilting(rate_hz))
    expected = 3.0 * np.sin(2 * np.pi * 2.6 * motion.seconds)
    middle = slice(motion.up.size // 4, -motion.up.size // 4)
    assert np.abs(motion.up - expected)[middle].max() < 0.1
    assert np.abs(motion.yaw_rate[middle]).max() < 0.01
    assert np.abs(motion.pitch_rate[middle]).max() == pytest.approx(np.radians(6.0) * 2 * np.pi * 1.3, rel=0.02)


def test_a_fast_sensor_is_brought_to_200_hz_and_a_slow_one_keeps_its_rate() -> None:
    assert motion_of(tilting(443.0)).rate_hz == pytest.approx(200.0, rel=1e-6)
    assert motion_of(tilting(60.0)).rate_hz == pytest.approx(60.0, rel=1e-6)


def test_a_sensor_below_25_hz_is_left_out_with_the_reason() -> None:
    usable, reasons = rated([tilting(20.0)])
    assert not usable
    assert reasons["withers"] == "withers is sampled at 20 Hz; 25 Hz are needed"


def test_film_time_follows_the_clock() -> None:
    motion = motion_of(tilting(100.0), clock=ClockMap(0.7, drift_ppm=100.0))
    expected = 3.0 * np.sin(2 * np.pi * 2.6 * ClockMap(0.7, drift_ppm=100.0).to_imu(motion.seconds))
    assert np.abs(motion.up - expected)[500:-500].max() < 0.1


def test_a_long_gap_and_bad_samples_are_not_valid_and_a_short_gap_is_bridged() -> None:
    whole = tilting(100.0)
    force = whole.specific_force.copy()
    force[800:850] = np.nan
    kept = np.ones(len(force), bool)
    kept[1000:1002] = False
    stream = ImuStream("withers", whole.time_seconds[kept], force[kept], whole.angular_rate[kept], whole.source)
    motion = motion_of(stream)
    seconds = motion.seconds
    assert not motion.valid[(seconds > 8.0) & (seconds < 8.48)].any()
    assert motion.valid[(seconds > 9.0) & (seconds < 14.0)].all()
    bridged = (seconds > 9.99) & (seconds < 10.02)
    assert np.abs(motion.up - 3.0 * np.sin(2 * np.pi * 2.6 * seconds))[bridged].max() < 0.3


def test_sensors_of_two_rates_share_their_sample_times() -> None:
    usable, _ = rated([tilting(100.0), replace(tilting(60.0), site="sacrum")])
    motions = site_motions(usable, clock=ClockMap(0.0), start_seconds=5.0, stop_seconds=15.0)
    assert motions["withers"].rate_hz == motions["sacrum"].rate_hz
    middle = slice(500, -500)
    assert np.abs(motions["withers"].up - motions["sacrum"].up)[middle].max() < 0.15


@pytest.mark.parametrize("blocks", [10, 41, 400])
def test_the_slow_part_is_what_scipy_leaves_of_a_signal_filtered_both_ways(blocks: int) -> None:
    means = np.random.default_rng(0).normal([[9.0], [0.0], [-3.0]], 1.0, (3, blocks)).cumsum(axis=1)
    sections = butter(2, 0.25, fs=10.0, output="sos")
    expected = sosfiltfilt(sections, means, padlen=min(blocks - 1, 40))
    np.testing.assert_allclose(_slow_means(means, rate_hz=10.0), expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("first", [800, 813, 849])
def test_half_a_second_of_one_sample_is_not_valid_wherever_it_begins(first: int) -> None:
    force, rate = tilting(100.0).specific_force.copy(), tilting(100.0).angular_rate.copy()
    force[first : first + 51], rate[first : first + 51] = force[first], rate[first]
    motion = motion_of(replace(tilting(100.0), specific_force=force, angular_rate=rate))
    still = (motion.seconds > (first + 1) / 100.0) & (motion.seconds < (first + 49) / 100.0)
    assert not motion.valid[still].any()
    assert motion.valid[motion.seconds < (first - 2) / 100.0].all()


def test_where_up_is_is_found_of_the_sites_alone_that_tell_the_strides() -> None:
    sites = ("sacrum", "withers", "tuber_coxae_left", "tuber_coxae_right", "poll")
    usable, _ = rated([replace(tilting(100.0), site=site) for site in sites])
    motions = site_motions(usable, clock=ClockMap(0.0), start_seconds=5.0, stop_seconds=15.0)
    assert not isinstance(find_cycles(motions, gait="trot", start_seconds=5.0, stop_seconds=15.0), str)
    assert ["vertical" in vars(motions[site]) for site in sites] == [True, True, True, True, False]
