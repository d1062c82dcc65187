"""The clock of a sensor: planted faults are undone to within a stated tolerance, or left for refusal."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.clock import repair_clock
from equigait.data.readers.stamps import rows_in_order
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=40, deadline=None, derandomize=True)
HERE = Path("withers.csv")


def true_times(
    rows: int, *, rate_hz: float = 100.0, drift_ppm: float = 80.0, wander_seconds: float = 0.002
) -> np.ndarray:
    """A sensor whose clock drifts, and wanders slowly by some milliseconds."""
    even = np.arange(rows) / rate_hz
    return 1000.0 + even * (1 + drift_ppm * 1e-6) + wander_seconds * np.sin(2 * np.pi * even / 120.0)


@PROPERTY
@given(
    seed=st.integers(0, 2**31),
    rate_hz=st.sampled_from([50.0, 59.7, 100.0, 443.0]),
    size=st.integers(2, 120),
    lost_blocks=st.integers(0, 3),
)
def test_block_stamps_are_spread_to_within_three_milliseconds(
    seed: int, rate_hz: float, size: int, lost_blocks: int
) -> None:
    random = np.random.default_rng(seed)
    truth = true_times(40 * size, rate_hz=rate_hz)
    stamps = truth[np.arange(len(truth)) // size * size] + 0.0005 * random.uniform(-1, 1)
    keep = np.ones(len(truth), bool)
    for block in random.choice(np.arange(10, 30), lost_blocks, replace=False):
        keep[block * size : (block + 1) * size] = size < 5  # shorter losses are no gap and cannot be seen
    repaired = repair_clock(stamps[keep])
    np.testing.assert_allclose(repaired, truth[keep], rtol=0, atol=0.003)
    assert rows_in_order(repaired, where=HERE).all()


def test_jitter_of_block_stamps_is_averaged_away() -> None:
    truth = true_times(6000, wander_seconds=0.0)
    arrival = truth[np.arange(6000) // 10 * 10] + np.repeat(np.random.default_rng(1).uniform(0, 0.03, 600), 10)
    offset = repair_clock(arrival) - truth
    assert abs(np.median(offset) - 0.015) < 0.003
    assert np.ptp(offset) < 0.012


@PROPERTY
@given(seed=st.integers(0, 2**31), jitter=st.sampled_from([0.0, 0.002, 0.01]), lost=st.integers(0, 60))
def test_a_counter_mends_stray_and_repeated_stamps_and_keeps_gaps(seed: int, jitter: float, lost: int) -> None:
    random = np.random.default_rng(seed)
    truth = true_times(6000)
    kept = np.delete(np.arange(6000), np.arange(3000, 3000 + lost))
    stamps = truth[kept] + jitter * random.uniform(-1, 1, len(kept))
    strays = 20 + random.choice(len(kept) - 40, 60, replace=False)
    stamps[strays] += random.uniform(-500, 500, 60)
    stamps[100:103] = stamps[99]
    repaired = repair_clock(stamps, counter=kept.astype(float))
    assert np.isfinite(repaired).all()
    np.testing.assert_allclose(repaired, truth[kept], rtol=0, atol=0.002 + 0.3 * jitter)
    assert rows_in_order(repaired, where=HERE).all()


def test_a_restarted_counter_gives_each_side_its_own_fit() -> None:
    truth = np.concatenate([true_times(2000), 1030.0 + np.arange(2000) / 100.0])
    counter = np.concatenate([np.arange(2000), np.arange(2000)]).astype(float)
    repaired = repair_clock(truth + 0.0, counter=counter)
    np.testing.assert_allclose(repaired, truth, rtol=0, atol=0.003)
    assert np.argmax(np.diff(repaired)) == 1999


def test_packets_left_from_before_the_recording_are_left_out() -> None:
    truth = true_times(1000)
    stamps = truth.copy()
    stamps[:4] -= 77.0
    repaired = repair_clock(stamps, counter=np.arange(1000.0))
    assert np.isnan(repaired[:4]).all()
    np.testing.assert_allclose(repaired[4:], truth[4:], rtol=0, atol=0.003)


@PROPERTY
@given(seed=st.integers(0, 2**31), strays=st.integers(1, 9))
def test_stray_stamps_without_a_counter_cost_their_rows_only(seed: int, strays: int) -> None:
    random = np.random.default_rng(seed)
    truth = true_times(1000)
    stamps = truth.copy()
    rows = 20 + 100 * random.choice(9, strays, replace=False)
    stamps[rows] += random.choice([-300.0, -0.5, 0.5, 300.0], strays)
    repaired = repair_clock(stamps)
    assert set(np.flatnonzero(np.isnan(repaired))) == set(rows)
    there = np.isfinite(repaired)
    np.testing.assert_array_equal(repaired[there], truth[there])


def test_swapped_rows_cost_one_of_the_two() -> None:
    stamps = true_times(400)
    stamps[[200, 201]] = stamps[[201, 200]]
    repaired = repair_clock(stamps)
    assert np.isnan(repaired).sum() == 1
    assert rows_in_order(repaired, where=HERE).sum() == 399


@pytest.mark.parametrize("counter", [None, np.arange(2000.0)])
def test_a_clock_that_was_set_back_is_left_for_refusal(counter: np.ndarray | None) -> None:
    stamps = true_times(2000)
    stamps[1000:] -= 5.0
    with pytest.raises(BadInput, match="time going back by"):
        rows_in_order(repair_clock(stamps, counter=counter), where=HERE)


def test_a_clock_that_jumps_ahead_leaves_a_gap() -> None:
    stamps = true_times(2000)
    stamps[1000:] += 0.5
    for counter in (None, np.arange(2000.0)):
        np.testing.assert_allclose(repair_clock(stamps, counter=counter), stamps, rtol=0, atol=0.003)


def test_good_stamps_and_their_gaps_stay_as_they_are() -> None:
    stamps = np.delete(true_times(500), np.arange(200, 260))
    np.testing.assert_array_equal(repair_clock(stamps), stamps)


@PROPERTY
@given(
    stamps=st.lists(st.floats(-1e9, 1e9) | st.just(float("nan")) | st.sampled_from([0.0, 1.0, 2.0]), max_size=60),
    counted=st.booleans(),
)
def test_any_stamps_are_repaired_or_refused(stamps: list[float], counted: bool) -> None:
    given_stamps = np.array(stamps, dtype=np.float64)
    before = given_stamps.copy()
    counter = np.arange(float(len(stamps))) if counted else None
    repaired = repair_clock(given_stamps, counter=counter)
    assert len(repaired) == len(stamps)
    np.testing.assert_array_equal(given_stamps, before)
    try:
        keep = rows_in_order(repaired, where=HERE)
    except BadInput:
        return
    assert (np.diff(repaired[keep]) > 0).all()
