"""Strides are found where the simulated horse makes them, at any rate and from any sites."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.recording import Bout, ClockMap, ImuStream
from equigait.data.simulate import imu_streams, stride_phase
from equigait.pipeline.inference.stride_analysis import analyse_bouts
from equigait.pipeline.inference.strides import narrow_band
from moving_horses import analysed, ride_of, strides_found

GAITS = ("walk", "trot", "canter")


@pytest.mark.parametrize("gait", GAITS)
def test_strides_are_counted_and_timed_as_the_horse_makes_them(gait: str) -> None:
    for horse in range(3):
        ride = ride_of(gait, horse=horse)
        found = analysed(ride)
        recall, precision = strides_found(ride, found)
        assert recall >= 0.98
        assert precision >= 0.98
        bout = found.bout
        done = np.ptp(stride_phase(ride, time_seconds=np.array([bout.start_seconds, bout.stop_seconds])))
        assert found.stride_hz == pytest.approx(done / (bout.stop_seconds - bout.start_seconds), rel=0.02)
        assert 0.005 < found.duration_cv < 0.05
        assert 0.8 < found.regularity <= 1.0


@pytest.mark.parametrize("sites", [("poll",), ("withers",), ("cannon_hind_right",), ("cannon_fore_left", "poll")])
@pytest.mark.parametrize("gait", GAITS)
def test_any_site_serves(gait: str, sites: tuple[str, ...]) -> None:
    ride = ride_of(gait, horse=4, sites=sites)
    recall, precision = strides_found(ride, analysed(ride))
    assert min(recall, precision) >= 0.98


@pytest.mark.parametrize("rate_hz", [25.0, 50.0, 400.0])
def test_any_rate_from_25_hz_serves(rate_hz: float) -> None:
    ride = ride_of("trot", horse=2, rate_hz=rate_hz, sites=("sacrum",), seconds=20.0)
    assert min(strides_found(ride, analysed(ride))) >= 0.98


def test_a_slower_sensor_gives_no_strides_but_the_reason() -> None:
    ride = ride_of("trot", horse=2, rate_hz=20.0, sites=("sacrum",), seconds=20.0)
    found = analysed(ride)
    assert len(found.strides) == 0
    assert "25 Hz are needed" in found.reasons["strides"]


def test_standing_has_no_strides_and_says_so() -> None:
    ride = ride_of("stand", horse=1, sites=("sacrum",), seconds=20.0)
    assert "not for stand" in analysed(ride).reasons["strides"]


@pytest.mark.parametrize("label", ["canter-left", "canter_right"])
def test_a_label_that_names_the_lead_is_a_canter(label: str) -> None:
    ride = ride_of("canter", horse=1, sites=("sacrum",), seconds=12.0)
    found = analyse_bouts(imu_streams(ride), clock=ride.clock, bouts=[Bout(4.0, 11.0, label)])[0]
    assert (found.gait, found.bout.label) == ("canter", label)
    assert len(found.strides) > 5


@pytest.mark.parametrize(("horse", "factor"), [(1, 1.5), (2, 1.5), (3, 0.66)])
def test_a_pony_that_walks_quickly_and_a_horse_that_canters_slowly_are_not_taken_for_half_or_double(
    horse: int, factor: float
) -> None:
    ride = ride_of("walk" if factor > 1 else "canter", horse=horse, sites=("sacrum", "withers"), seconds=20.0)
    quick = tuple(
        replace(s, time_seconds=s.time_seconds / factor, angular_rate=s.angular_rate * factor)
        for s in imu_streams(ride)
    )
    bout = Bout(4.0 / factor, 18.0 / factor, ride.bouts[0].label)
    found = analyse_bouts(quick, clock=ClockMap(ride.clock.offset_seconds / factor), bouts=[bout])[0]
    done = np.ptp(stride_phase(ride, time_seconds=np.array([4.0, 18.0])))
    assert found.stride_hz == pytest.approx(factor * done / 14.0, rel=0.03)


def test_a_sensor_that_repeats_its_last_sample_gives_no_strides_from_then_on() -> None:
    ride = ride_of("trot", horse=3, sites=("sacrum",), seconds=20.0)
    stream = imu_streams(ride)[0]
    dead = ride.clock.to_film(stream.time_seconds) > 12.0
    force, rate = stream.specific_force.copy(), stream.angular_rate.copy()
    force[dead], rate[dead] = force[dead][0], rate[dead][0]
    found = analysed(ride, (replace(stream, specific_force=force, angular_rate=rate),)).strides
    assert 11.0 < found.stop_seconds.max() < 12.05


def test_a_bout_of_less_than_three_strides_says_so() -> None:
    ride = ride_of("walk", horse=1, sites=("sacrum",), seconds=20.0)
    found = analyse_bouts(imu_streams(ride), clock=ride.clock, bouts=[Bout(5.0, 6.5, "walk")])[0]
    assert "less than 3 strides" in found.reasons["strides"]


def test_a_bout_outside_the_sensors_says_so() -> None:
    ride = ride_of("walk", horse=1, sites=("sacrum",), seconds=20.0)
    found = analyse_bouts(imu_streams(ride), clock=ride.clock, bouts=[Bout(500.0, 520.0, "walk")])[0]
    assert found.reasons["strides"] == "no sensor has valid samples in this bout"


def test_no_stride_lies_in_a_gap_and_those_beside_it_are_kept() -> None:
    ride = ride_of("trot", horse=3, sites=("sacrum",))
    stream = imu_streams(ride)[0]
    film = ride.clock.to_film(stream.time_seconds)
    force = stream.specific_force.copy()
    force[(film > 14.0) & (film < 16.0)] = np.nan
    found = analysed(ride, (replace(stream, specific_force=force),)).strides
    assert not ((found.stop_seconds > 14.05) & (found.start_seconds < 15.95)).any()
    before, after = found.stop_seconds[found.stop_seconds < 14.1], found.start_seconds[found.start_seconds > 15.9]
    assert before.max() > 13.0
    assert after.min() < 17.2


def test_a_halt_inside_a_bout_holds_no_strides() -> None:
    ride = ride_of("trot", horse=3, sites=("sacrum",), noise_scale=0.0, mount_sd_degrees=0.0)
    stream = imu_streams(ride)[0]
    film = ride.clock.to_film(stream.time_seconds)
    force, rate = stream.specific_force.copy(), stream.angular_rate.copy()
    still = (film > 12.0) & (film < 17.0)
    force[still], rate[still] = (0.0, 0.0, 9.81), 0.0
    found = analysed(ride, (replace(stream, specific_force=force, angular_rate=rate),)).strides
    assert ((found.start_seconds > 12.6) & (found.stop_seconds < 16.4)).sum() == 0
    assert (found.stop_seconds < 12.0).sum() > 8


def test_regularity_is_one_for_a_movement_that_repeats_and_lower_for_one_that_wanders() -> None:
    times = np.arange(0.0, 30.0, 0.01)

    def bobbing(phase: np.ndarray) -> ImuStream:
        force = np.zeros((times.size, 3))
        force[:, 2] = 9.81 + 4.0 * np.sin(2 * np.pi * 2.0 * phase)
        return ImuStream("sacrum", times, force, np.zeros_like(force), Path("sacrum.csv"))

    bout = [Bout(2.0, 28.0, "trot")]
    steady = analyse_bouts([bobbing(1.3 * times)], clock=ClockMap(0.0), bouts=bout)[0]
    drifting = 1.3 * times + 0.4 * np.sin(2 * np.pi * 0.11 * times)
    uneven = analyse_bouts([bobbing(drifting)], clock=ClockMap(0.0), bouts=bout)[0]
    assert steady.regularity == pytest.approx(1.0, abs=0.01)
    assert steady.stride_hz == pytest.approx(1.3, rel=1e-3)
    assert uneven.regularity < 0.95


def test_a_narrow_band_keeps_phase_and_amplitude_of_a_sine() -> None:
    times = np.arange(0.0, 20.0, 0.01)
    band = narrow_band(3.0 * np.cos(2 * np.pi * 1.5 * times), rate_hz=100.0, band_hz=(0.9, 2.1))
    middle = slice(500, 1500)
    assert np.abs(np.abs(band[middle]) - 3.0).max() < 0.05
    assert np.abs(np.angle(band[middle] * np.exp(-2j * np.pi * 1.5 * times[middle]))).max() < 0.02
