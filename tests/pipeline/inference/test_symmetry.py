"""Heights and their left-right differences in trot: to the millimetre against the pose, mirrored with the horse."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.recording import ClockMap, ImuStream
from equigait.data.simulate import imu_streams, pose
from equigait.pipeline.inference.displacement import POINTS, height_curve
from equigait.pipeline.inference.site_motion import rated, site_motions
from equigait.pipeline.inference.strides import Strides
from equigait.pipeline.inference.symmetry_summary import MEASURES, MIN_STRIDES, summarise_symmetry
from moving_horses import analysed, mirrored, ride_of, true_differences, with_asymmetry

SITES = {"poll": "head", "withers": "wth", "sacrum": "sac"}


def test_the_height_of_a_bobbing_sensor_is_its_acceleration_integrated_twice() -> None:
    times = np.arange(0.0, 30.0, 0.01)
    turn = 2 * np.pi * 1.3
    height = 0.030 * np.cos(2 * turn * times) + 0.004 * np.cos(turn * times)
    force = np.zeros((times.size, 3))
    force[:, 2] = 9.81 - 0.030 * (2 * turn) ** 2 * np.cos(2 * turn * times) - 0.004 * turn**2 * np.cos(turn * times)
    stream = ImuStream("sacrum", times, force, np.zeros_like(force), Path("sacrum.csv"))
    motion = site_motions(rated([stream])[0], clock=ClockMap(0.0), start_seconds=5.0, stop_seconds=25.0)["sacrum"]
    starts = np.arange(8, 28) / 1.3
    strides = Strides(starts, starts + 1 / 1.3, np.ones(starts.size, bool))
    curves = height_curve(motion, stride_hz=1.3).over(strides)
    at = starts[:, None] + np.arange(-POINTS // 4, POINTS + POINTS // 4 + 1) / POINTS / 1.3
    assert np.abs(curves - 1000.0 * np.interp(at, times, height)).max() < 0.3


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_differences_of_five_millimetres_are_found_within_one(direction: float) -> None:
    for horse in range(4):
        ride = ride_of("trot", horse=horse)
        head_mm = 29.0 * ride.horse.head_amplitude / ride.horse.stride_factor**2
        ride = with_asymmetry(ride, direction * 5.0 / (2 * 1.5 * head_mm))  # at the poll 1.5 times that of the trunk
        found = analysed(ride)
        for site, name in SITES.items():
            lowest, highest = true_differences(ride, found, site=site)
            assert float(np.nanmean(found.measures[f"MinDiff_{name}"])) == pytest.approx(lowest, abs=1.0)
            assert float(np.nanmean(found.measures[f"MaxDiff_{name}"])) == pytest.approx(highest, abs=1.0)
        assert abs(true_differences(ride, found, site="poll")[1]) == pytest.approx(5.0, abs=0.5)


def test_a_difference_of_the_lowest_points_is_found_as_well() -> None:
    """A first harmonic a quarter of a stride late lifts one lowest point and leaves the highest points level."""
    times = np.arange(0.0, 40.0, 0.01)
    turn = 2 * np.pi * 1.3
    force = np.zeros((times.size, 3))
    force[:, 2] = 9.81 - 0.030 * (2 * turn) ** 2 * np.cos(2 * turn * times) - 0.0025 * turn**2 * np.sin(turn * times)
    rate = np.zeros_like(force)
    rate[:, 0] = 0.05 * np.cos(turn * times)  # rolls: left side up in the first half of each stride
    stream = ImuStream("sacrum", times, force, rate, Path("sacrum.csv"))
    ride = ride_of("trot", horse=0, seconds=40.0, max_skew_seconds=0.0, max_drift_ppm=0.0)
    found = analysed(ride, (stream,))
    assert float(np.nanmean(found.measures["MinDiff_sac"])) == pytest.approx(-5.0, abs=0.3)
    assert float(np.nanmean(found.measures["MaxDiff_sac"])) == pytest.approx(0.0, abs=0.3)


def test_the_same_horse_in_a_mirror_has_the_same_sizes_and_the_other_signs() -> None:
    ride = with_asymmetry(ride_of("trot", horse=2), 0.08)
    streams = imu_streams(ride)
    found, other = (analysed(ride, each) for each in (streams, mirrored(streams)))
    for measure in MEASURES:
        sign = 1.0 if measure.startswith("ROM") else -1.0
        here, there = (float(np.nanmean(each.measures[measure])) for each in (found, other))
        unit = 1.0 if measure.startswith("SI") else 50.0
        assert there == pytest.approx(sign * here, abs=0.01 * unit), measure  # strides are cut half a stride later
    for measure in ("MaxDiff_head", "MaxDiff_wth", "MaxDiff_sac"):
        assert abs(float(np.nanmean(found.measures[measure]))) > 2.0


def test_ranges_of_motion_are_those_of_the_pose() -> None:
    ride = ride_of("trot", horse=1)
    found = analysed(ride)
    times = np.arange(found.strides.start_seconds[5], found.strides.stop_seconds[5], 0.002)
    body = pose(ride, time_seconds=times)
    for site, name in SITES.items():
        expected = 1000.0 * float(np.ptp(getattr(body, site)[:, 2]))
        assert found.measures[f"ROM_{name}"][5] == pytest.approx(expected, rel=0.06)


def test_what_the_sites_cannot_give_is_absent_with_the_reason() -> None:
    found = analysed(ride_of("trot", horse=0, sites=("sacrum",)))
    assert "MinDiff_head" not in found.measures
    reasons = {each.measure: each.reason for each in summarise_symmetry([found])}
    assert reasons["MinDiff_head"] == "no sensor at poll"
    assert reasons["HHD"] == "no sensor at tuber_coxae_left"
    assert reasons["MinDiff_sac"] == ""


def test_below_50_hz_there_are_strides_but_no_millimetres() -> None:
    found = analysed(ride_of("trot", horse=0, sites=("sacrum",), rate_hz=30.0))
    assert len(found.strides) > MIN_STRIDES
    (summary,) = (each for each in summarise_symmetry([found]) if each.measure == "MinDiff_sac")
    assert summary.mean is None
    assert summary.reason == "sacrum is sampled at 30 Hz; heights need 50 Hz"


def test_fewer_than_25_straight_strides_give_no_mean() -> None:
    found = analysed(ride_of("trot", horse=0, sites=("sacrum",), seconds=15.0))
    (summary,) = (each for each in summarise_symmetry([found]) if each.measure == "MinDiff_sac")
    assert summary.mean is None
    assert summary.reason.endswith("straight and steady strides; 25 are needed")


def test_strides_on_a_circle_do_not_count() -> None:
    found = analysed(ride_of("trot", horse=0, sites=("sacrum",)))
    turned = replace(found, turning=replace(found.turning, rein=("left",) * len(found.strides)))
    (summary,) = (each for each in summarise_symmetry([turned]) if each.measure == "MinDiff_sac")
    assert summary.reason == "0 straight and steady strides; 25 are needed"


def test_a_recording_without_trot_has_no_symmetry() -> None:
    assert {each.reason for each in summarise_symmetry([])} == {"no trot"}


def test_a_spread_beyond_120_per_cent_of_the_mean_is_weak_evidence() -> None:
    found = analysed(ride_of("trot", horse=0, sites=("sacrum",)))
    for spread, expected in ((1.0, "consistent"), (1.5, "weak")):
        values = 2.0 + 2.0 * spread * np.where(np.arange(len(found.strides)) % 2, 1.0, -1.0)
        other = replace(found, measures={**found.measures, "MinDiff_sac": values})
        (summary,) = (each for each in summarise_symmetry([other]) if each.measure == "MinDiff_sac")
        assert summary.evidence == expected
        assert summary.reference is not None
        assert (summary.reference.low, summary.reference.high) == (-3.0, 3.0)
        assert "1.67 mm" in summary.placement


def test_other_gaits_have_no_differences() -> None:
    assert analysed(ride_of("walk", horse=0, sites=("sacrum",), seconds=15.0)).measures == {}
