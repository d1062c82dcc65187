"""Facts of samples against what was done to them: loss, holes, clipping, rate, repeats."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.quality.signals import (
    FORCE_RANGES,
    clipped_share,
    envelope,
    repeated_share,
    sensor_facts,
    true_rate_hz,
)
from equigait.data.recording import ImuStream
from sensor_files import GRAVITY, walking


def stream(seconds: float = 30.0, *, rate_hz: float = 100.0) -> ImuStream:
    times, signals = walking(seconds, rate_hz=rate_hz)
    return ImuStream("withers", times, signals[:, :3], signals[:, 3:], Path("withers.csv"), stated_rate_hz=rate_hz)


def without(whole: ImuStream, gone: np.ndarray) -> ImuStream:
    kept = np.setdiff1d(np.arange(len(whole.time_seconds)), gone)
    parts = (whole.time_seconds[kept], whole.specific_force[kept], whole.angular_rate[kept])
    return replace(whole, time_seconds=parts[0], specific_force=parts[1], angular_rate=parts[2])


def test_a_sound_sensor_has_no_faults():
    facts = sensor_facts(stream())
    assert (facts.samples, facts.gaps, facts.lost_share) == (3000, 0, 0.0)
    assert facts.rate_hz == pytest.approx(100.0)
    assert facts.stated_rate_hz == 100.0
    assert facts.gravity_m_s2 == pytest.approx(GRAVITY, abs=0.5)
    assert facts.up == pytest.approx((0.0, 0.0, 1.0), abs=0.05)
    assert facts.force_clipped_share == facts.turning_clipped_share == facts.repeated_share == 0.0


def test_missing_samples_are_counted_and_only_long_holes_are_gaps():
    gone = np.concatenate([[500], np.arange(1000, 1003), np.arange(2000, 2050)])
    facts = sensor_facts(without(stream(), gone))
    assert facts.lost_share == pytest.approx(54 / 3000)
    assert facts.gaps == 1
    assert facts.longest_gap_seconds == pytest.approx(0.51)


def test_samples_that_are_no_numbers_are_lost_too():
    bad = stream()
    bad.specific_force[100:110, 1] = np.nan
    facts = sensor_facts(bad)
    assert facts.lost_share == pytest.approx(10 / 3000)
    assert facts.gaps == 1


@pytest.mark.parametrize("every", [5, 9, 17])
def test_the_rate_is_that_of_the_sensor_however_regularly_samples_are_lost(every: int):
    lossy = without(stream(rate_hz=138.0), np.arange(0, 4140, every))
    assert true_rate_hz(lossy.time_seconds) == pytest.approx(138.0, rel=1e-6)


def test_the_rate_survives_coarse_stamps_and_pairs():
    coarse = np.round(np.arange(5000) / 443.0, 3)
    assert true_rate_hz(coarse[np.concatenate([[True], np.diff(coarse) > 0])]) == pytest.approx(443.0, rel=1e-3)
    pairs = np.repeat(np.arange(1000) / 50.0, 2) + np.tile([0.0, 0.001], 1000)
    assert true_rate_hz(pairs) == pytest.approx(100.0, rel=2e-3)


@pytest.mark.parametrize("full_g", [2, 8, 16])
def test_the_share_beyond_the_range_is_the_share_that_clips(full_g: int):
    rng = np.random.default_rng(full_g)
    force = rng.normal(0.0, 0.6 * full_g * GRAVITY, (20000, 3))
    beyond = (np.abs(force) > full_g * GRAVITY).any(axis=1).mean()
    measured = clipped_share(np.clip(force, -full_g * GRAVITY, full_g * GRAVITY), ranges=FORCE_RANGES)
    assert measured == pytest.approx(beyond, abs=0.02)
    assert measured >= beyond


def test_a_sensor_that_stops_short_of_its_nominal_range_clips_too():
    rng = np.random.default_rng(3)
    force = np.clip(rng.normal(0.0, 60.0, (20000, 3)), -83.0, 87.0)
    assert clipped_share(force, ranges=FORCE_RANGES) > 0.2


def test_peaks_that_happen_to_reach_a_range_do_not_clip():
    rng = np.random.default_rng(4)
    force = rng.normal(0.0, 20.0, (20000, 3))
    force *= 8 * GRAVITY / np.abs(force).max()
    assert clipped_share(force, ranges=FORCE_RANGES) == 0.0


def test_values_read_twice_are_repeats():
    values = np.random.default_rng(5).standard_normal((500, 6))
    assert repeated_share(np.repeat(values, 2, axis=0)) == pytest.approx(0.5, abs=0.01)
    values[:, 3:] = np.nan
    assert repeated_share(np.repeat(values, 2, axis=0)) == pytest.approx(0.5, abs=0.01)


def test_an_envelope_holds_every_peak_and_leaves_holes_empty():
    time = np.concatenate([np.arange(0.0, 40.0, 0.01), np.arange(60.0, 100.0, 0.01)])
    values = np.sin(time)
    values[1234] = 9.0
    drawn = envelope(time, values, columns=50)
    assert np.nanmax(drawn.high) == 9.0
    assert np.flatnonzero(np.isnan(drawn.high)).tolist() == list(range(20, 30))
    assert np.nanmin(drawn.low) == pytest.approx(-1.0, abs=1e-3)
