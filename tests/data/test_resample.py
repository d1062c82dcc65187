"""Resampling: what must pass passes, what must not is gone, and nothing is made up where nothing was measured."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.recording import ClockMap, Grid, ImuStream, Recording
from equigait.data.resample import GridSpec, sampling_rate_hz, to_grid
from hypothesis import given, settings
from hypothesis import strategies as st

ONE = GridSpec(sites=("withers",))
SHIFTED = ClockMap(offset_seconds=1.2345, drift_ppm=80.0, reference_seconds=3.0)
SAME = ClockMap(offset_seconds=0.0)


def stream(time_seconds, values, *, site="withers"):
    """A stream whose six channels all carry `values`."""
    six = np.repeat(np.asarray(values, float)[:, None], 6, axis=1)
    return ImuStream(site, np.asarray(time_seconds, float), six[:, :3].copy(), six[:, 3:].copy(), Path(f"{site}.csv"))


def recording(*streams, clock=SAME):
    return Recording("ride", "h01", Path("recording.yaml"), streams, None, (), clock)


def sine_grid(rate_hz, sine_hz, *, seconds=16.0, clock=SHIFTED, jitter=0.0):
    """A sine of film time, sampled on the sensor's clock, as it comes out on the grid."""
    imu_seconds = np.arange(round(rate_hz * seconds)) / rate_hz
    imu_seconds += np.random.default_rng(1).uniform(-jitter, jitter, imu_seconds.size) / rate_hz
    film_seconds = clock.to_film(imu_seconds)
    return to_grid(recording(stream(imu_seconds, np.sin(2 * np.pi * sine_hz * film_seconds)), clock=clock), spec=ONE)


def row_seconds(grid):
    return grid.start_seconds + np.arange(len(grid.imu)) / grid.rate_hz


def inner(grid, *, margin_seconds=0.5):
    """Rows a filter's length away from both ends."""
    margin = round(margin_seconds * grid.rate_hz)
    return slice(margin, len(grid.imu) - margin)


def decibels(grid):
    """Power of the first channel against that of a sine of amplitude one."""
    return 10 * np.log10(2 * np.mean(grid.imu[inner(grid), 0].astype(float) ** 2) + 1e-20)


@pytest.mark.parametrize("rate_hz", [45.0, 49.7, 50.0, 58.82, 100.0, 200.0, 443.0, 1000.0])
def test_a_5_hz_sine_comes_out_within_half_a_percent_at_its_film_time(rate_hz):
    grid = sine_grid(rate_hz, 5.0)
    truth = np.sin(2 * np.pi * 5.0 * row_seconds(grid))
    assert np.abs(grid.imu - truth[:, None])[inner(grid)].max() < 0.005
    assert np.abs(grid.imu - truth[:, None]).max() < 0.2  # at the very ends, where half of the filter sees a reflection
    assert grid.imu_valid.all()


@pytest.mark.parametrize(("rate_hz", "jitter"), [(50.0, 0.1), (100.0, 0.2), (200.0, 0.3)])
def test_jittered_samples_are_taken_at_their_true_stamps(rate_hz, jitter):
    grid = sine_grid(rate_hz, 5.0, jitter=jitter)
    assert np.abs(grid.imu[:, 0] - np.sin(2 * np.pi * 5.0 * row_seconds(grid)))[inner(grid)].max() < 0.002


ALIASES = [(58.82, 25.6), (100.0, 30.0), (200.0, 35.0), (200.0, 80.0), (1000.0, 45.0)]
"""Sampling rate, and a frequency that 50 Hz would fold back."""


@pytest.mark.parametrize(("rate_hz", "sine_hz"), ALIASES)
def test_what_would_alias_is_down_by_70_db(rate_hz, sine_hz):
    assert decibels(sine_grid(rate_hz, sine_hz)) < -70.0


@pytest.mark.parametrize("rate_hz", [58.82, 200.0, 1000.0])
def test_the_low_pass_is_flat_to_16_hz_and_3_db_down_at_20_hz(rate_hz):
    assert decibels(sine_grid(rate_hz, 16.0)) == pytest.approx(0.0, abs=0.05)
    assert decibels(sine_grid(rate_hz, 20.05)) == pytest.approx(-3.0, abs=0.15)


def test_a_50_hz_stream_between_the_rows_keeps_all_that_is_below_20_hz():
    half_a_sample = ClockMap(offset_seconds=0.01)
    grid = sine_grid(50.0, 19.7, clock=half_a_sample)
    assert np.abs(grid.imu[:, 0] - np.sin(2 * np.pi * 19.7 * row_seconds(grid)))[inner(grid)].max() < 0.005


def test_a_50_hz_stream_on_the_rows_passes_as_it_is():
    noise = np.random.default_rng(0).normal(size=500)
    grid = to_grid(recording(stream(np.arange(500) / 50.0, noise)), spec=ONE)
    np.testing.assert_allclose(grid.imu[:, 3], noise, atol=1e-6)


def test_drift_and_offset_hold_to_the_end_of_a_long_recording():
    clock = ClockMap(offset_seconds=-0.777, drift_ppm=150.0)
    grid = sine_grid(100.0, 2.0, seconds=900.0, clock=clock)
    truth = np.sin(2 * np.pi * 2.0 * row_seconds(grid))
    assert np.abs(grid.imu[:, 0] - truth)[inner(grid)].max() < 0.001  # 1e-3 of 2 Hz is 80 us


def test_a_wandering_sensor_clock_costs_a_slow_stream_nothing():
    index_seconds = np.arange(50 * 600) / 50.0
    wandering = index_seconds + 0.008 * np.sin(2 * np.pi * index_seconds / 600.0)
    grid = to_grid(recording(stream(wandering, np.sin(2 * np.pi * 15.0 * wandering))), spec=ONE)
    assert np.abs(grid.imu[:, 0] - np.sin(2 * np.pi * 15.0 * row_seconds(grid)))[inner(grid)].max() < 0.005


def test_rows_lie_at_multiples_of_the_grid_interval_within_the_samples():
    grid = to_grid(recording(stream(np.arange(300) / 100.0 + 0.0137, np.zeros(300))), spec=ONE)
    assert grid.start_seconds == 0.02
    assert grid.stop_seconds == pytest.approx(0.0137 + 2.99, abs=0.02)
    assert grid.imu.dtype == np.float32


def test_gravity_stays_what_it_is():
    for rate_hz in (50.0, 58.82, 200.0):
        seconds = np.arange(round(10 * rate_hz)) / rate_hz + 0.003
        grid = to_grid(recording(stream(seconds, np.full(seconds.size, 9.81))), spec=ONE)
        np.testing.assert_allclose(grid.imu, 9.81, rtol=1e-6)


@pytest.mark.parametrize(("missing", "invalid"), [(3, 0), (4, 4), (40, 40)])
def test_more_than_three_missing_samples_make_exactly_their_rows_invalid(missing, invalid):
    seconds = np.delete(np.arange(500) / 50.0, np.s_[200 : 200 + missing])
    grid = to_grid(recording(stream(seconds, np.ones(seconds.size))), spec=ONE)
    assert np.flatnonzero(~grid.imu_valid[:, 0]).tolist() == list(range(200, 200 + invalid))


def test_a_gap_at_a_high_rate_invalidates_the_rows_strictly_inside():
    seconds = np.arange(2000) / 200.0
    kept = seconds[(seconds < 5.003) | (seconds > 5.5)]  # 5.000 is the last sample before, 5.505 the first after
    grid = to_grid(recording(stream(kept, np.ones(kept.size))), spec=ONE)
    bad = row_seconds(grid)[~grid.imu_valid[:, 0]]
    assert (bad.min(), bad.max()) == pytest.approx((5.02, 5.5))


@pytest.mark.parametrize(("run", "invalid"), [(3, 0), (4, 4)])
def test_a_run_of_nan_in_one_channel_counts_like_missing_samples(run, invalid):
    whole = stream(np.arange(500) / 50.0, np.ones(500))
    whole.angular_rate[100 : 100 + run, 1] = np.nan
    grid = to_grid(recording(whole), spec=ONE)
    assert int((~grid.imu_valid).sum()) == invalid
    assert np.isfinite(grid.imu[grid.imu_valid[:, 0]]).all()


def test_a_stretch_after_a_long_gap_does_not_smear_into_the_one_before():
    seconds = np.concatenate([np.arange(1000), np.arange(1100, 2000)]) / 200.0
    grid = to_grid(recording(stream(seconds, np.where(seconds < 5.0, 1.0, 500.0))), spec=ONE)
    before = grid.imu_valid[:, 0] & (row_seconds(grid) < 5.0)
    np.testing.assert_allclose(grid.imu[before], 1.0, rtol=1e-6)
    np.testing.assert_allclose(grid.imu[grid.imu_valid[:, 0] & ~before], 500.0, rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([50.0, 58.82, 200.0]),
    st.lists(st.tuples(st.floats(0.0, 8.0), st.floats(0.0, 0.6), st.booleans()), max_size=6),
    st.integers(0, 2**31),
)
def test_valid_rows_are_finite_and_invalid_rows_are_nan(rate_hz, holes, seed):
    seconds = np.arange(round(8 * rate_hz)) / rate_hz
    values = np.random.default_rng(seed).normal(size=seconds.size)
    lost = np.zeros(seconds.size, bool)
    for begin, length, as_nan in holes:
        inside = (seconds >= begin) & (seconds < begin + length)
        values[inside] = np.nan if as_nan else values[inside]
        lost |= inside & (not as_nan)
    if np.isfinite(values[~lost]).sum() < 20:
        return
    grid = to_grid(recording(stream(seconds[~lost], values[~lost])), spec=ONE)
    assert np.isfinite(grid.imu[grid.imu_valid[:, 0]]).all()
    assert np.isnan(grid.imu[~grid.imu_valid[:, 0]]).all()


def test_bursts_of_stamps_do_not_make_the_values_explode():
    rng = np.random.default_rng(3)
    seconds = np.arange(1000) / 50.0
    seconds[1::2] = seconds[::2] + 1e-5  # pairs arrive together, as over radio
    values = rng.uniform(-1.0, 1.0, 1000)
    grid = to_grid(recording(stream(seconds, values)), spec=ONE)
    assert np.abs(grid.imu[grid.imu_valid[:, 0]]).max() < 2.0


def test_each_site_has_its_own_validity_on_the_union_of_all():
    early, late = np.arange(400) / 100.0, 2.0 + np.arange(400) / 100.0
    grid = to_grid(
        recording(stream(late, np.ones(400), site="poll"), stream(early, np.ones(400))),
        spec=GridSpec(sites=("withers", "poll")),
    )
    assert grid.sites == ("withers", "poll")
    assert (grid.start_seconds, grid.stop_seconds) == pytest.approx((0.0, 6.0))
    assert grid.imu_valid.sum(axis=0).tolist() == [200, 200]
    assert grid.imu_valid[:100].tolist() == [[True, False]] * 100


def test_stamps_in_whole_milliseconds_still_tell_the_rate():
    seconds = np.round(np.arange(5000) / 443.0, 3)
    assert sampling_rate_hz(seconds) == pytest.approx(443.0, rel=1e-3)
    assert isinstance(to_grid(recording(stream(seconds, np.ones(5000))), spec=ONE), Grid)


def test_the_streams_given_are_not_changed():
    given_stream = stream(np.arange(500) / 100.0, np.ones(500))
    given_stream.specific_force[40] = np.nan
    before = given_stream.specific_force.copy()
    to_grid(recording(given_stream), spec=ONE)
    np.testing.assert_array_equal(given_stream.specific_force, before)


def test_a_missing_site_is_refused_with_the_sites_there_are():
    withers = stream(np.arange(500) / 100.0, np.ones(500))
    with pytest.raises(BadInput, match=r"no sensor at poll, sacrum.*; there are withers"):
        to_grid(recording(withers), spec=GridSpec(sites=("poll", "withers", "sacrum")))


@pytest.mark.parametrize("seconds", [np.arange(500) / 40.0, np.arange(500) / 50_000.0, np.arange(1.0), np.arange(0.0)])
def test_a_stream_too_slow_for_the_grid_or_too_fast_to_be_true_is_refused(seconds):
    with pytest.raises(BadInput, match="at least 45 Hz"):
        to_grid(recording(stream(seconds, np.ones(seconds.size))), spec=ONE)


def test_a_recording_without_one_finite_sample_is_refused():
    with pytest.raises(BadInput, match="no finite sample"):
        to_grid(recording(stream(np.arange(500) / 100.0, np.full(500, np.nan))), spec=ONE)


def three_axes(*, gravity_removed):
    seconds = np.arange(500) / 100.0
    force = np.stack([np.sin(seconds), np.cos(seconds), seconds], axis=1)
    return ImuStream(
        "withers", seconds, force, np.full_like(force, np.nan), Path("phone.csv"), gravity_removed=gravity_removed
    )


@pytest.mark.parametrize(("gravity_removed", "signals"), [(True, "linear_acceleration"), (False, "specific_force")])
def test_three_axes_are_learned_from_when_the_grid_asks_for_them_and_turning_is_zero(gravity_removed, signals):
    given_stream = three_axes(gravity_removed=gravity_removed)
    grid = to_grid(recording(given_stream), spec=GridSpec(sites=("withers",), signals=signals))
    assert grid.signals == signals
    assert grid.imu_valid.all()
    np.testing.assert_array_equal(grid.imu[:, 3:], 0.0)
    np.testing.assert_allclose(
        grid.imu[50:-50, :3], given_stream.specific_force[100:-100:2][: len(grid.imu) - 100], atol=2e-3
    )


@pytest.mark.parametrize(
    ("gravity_removed", "signals", "found", "way_out"),
    [
        (True, "all", "an acceleration without gravity and no angular rate", "--set grid.signals=linear_acceleration"),
        (False, "all", "no angular rate at withers", "--set grid.signals=specific_force"),
        (True, "specific_force", "an acceleration without gravity", "--set grid.signals=linear_acceleration"),
        (False, "linear_acceleration", "no angular rate at withers", "--set grid.signals=specific_force"),
    ],
)
def test_a_sensor_that_does_not_hold_what_the_grid_asks_for_is_refused_with_why_and_the_way_out(
    gravity_removed, signals, found, way_out
):
    with pytest.raises(BadInput, match=r"grid\.signals") as refusal:
        to_grid(
            recording(three_axes(gravity_removed=gravity_removed)), spec=GridSpec(sites=("withers",), signals=signals)
        )
    assert found in refusal.value.found
    assert way_out in refusal.value.remedy


def test_streams_on_clocks_that_lie_years_apart_are_refused():
    seconds = np.arange(500) / 100.0
    with pytest.raises(BadInput, match="streams of one clock"):
        to_grid(
            recording(stream(seconds, np.ones(500)), stream(seconds + 1.7e9, np.ones(500), site="poll")),
            spec=GridSpec(sites=("withers", "poll")),
        )


def test_unix_times_are_put_on_the_grid_as_any_other():
    seconds = 1.7e9 + np.arange(1000) / 100.0
    grid = to_grid(recording(stream(seconds, np.sin(2 * np.pi * 2.0 * (seconds - 1.7e9)))), spec=ONE)
    assert len(grid.imu) == 500
    truth = np.sin(2 * np.pi * 2.0 * (row_seconds(grid) - 1.7e9))
    assert np.abs(grid.imu[:, 0] - truth)[inner(grid)].max() < 0.001
