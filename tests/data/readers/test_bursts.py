"""Stamps of arrival are spread over their burst; steady, jittering and thinned stamps are left alone."""

import numpy as np
import pytest
from equigait.data.readers.bursts import burst_starts
from equigait.data.readers.clock import repair_clock


def arrivals(size: int, *, within: float, rows: int = 3000, period: float = 0.01) -> np.ndarray:
    row = np.arange(rows)
    return (row // size) * size * period + (row % size) * within + (size - 1) * period


@pytest.mark.parametrize(("size", "within"), [(2, 0.001), (3, 0.001), (4, 0.001), (6, 0.001), (6, 0.004), (8, 0.0001)])
def test_samples_of_bursts_get_their_own_times(size: int, within: float) -> None:
    np.testing.assert_allclose(repair_clock(arrivals(size, within=within)), np.arange(3000) * 0.01, atol=2e-4)


def test_bursts_of_changing_size_are_spread_too() -> None:
    rng, stamps, taken = np.random.default_rng(0), [], 0
    while taken < 3000:
        size = int(rng.integers(2, 6))
        taken += size
        stamps += [(taken - 1) * 0.01 + 0.0005 * place for place in range(size)]
    np.testing.assert_allclose(repair_clock(np.array(stamps)), np.arange(len(stamps)) * 0.01, atol=2e-3)


def test_bursts_of_which_half_are_single_samples_are_spread_too() -> None:
    sizes = np.minimum(np.random.default_rng(2).geometric(0.5, 1500), 8)
    ends, first = np.cumsum(sizes), np.repeat(np.cumsum(sizes) - sizes, sizes)
    stamps = np.repeat(ends - 1, sizes) * 0.01 + 0.0008 * (np.arange(ends[-1]) - first)
    np.testing.assert_allclose(repair_clock(stamps), np.arange(ends[-1]) * 0.01, atol=2e-3)


@pytest.mark.parametrize(("awake_seconds", "every_seconds"), [(10.0, 60.0), (1.0, 5.0)])
def test_a_logger_that_sleeps_between_its_samples_keeps_their_times(awake_seconds: float, every_seconds: float) -> None:
    awake = np.arange(round(100 * awake_seconds)) / 100
    stamps = (every_seconds * np.arange(12)[:, None] + awake).ravel()
    np.testing.assert_array_equal(repair_clock(stamps), stamps)


def test_a_steady_clock_has_no_bursts() -> None:
    assert burst_starts(np.arange(1000) * 0.01) is None


def test_neither_jitter_nor_loss_is_a_burst() -> None:
    rng = np.random.default_rng(1)
    assert burst_starts(np.sort(np.arange(1000) * 0.02 + rng.uniform(-0.004, 0.004, 1000))) is None
    assert burst_starts(np.delete(np.arange(1000) * 0.01, rng.choice(1000, 300, replace=False))) is None


@pytest.mark.parametrize("size", [3, 4, 10, 16])
def test_a_burst_that_was_lost_leaves_a_gap_and_moves_no_sample_of_the_next(size: int) -> None:
    row = np.delete(np.arange(3000), slice(100 * size, 101 * size))
    stamps = (row // size) * size * 0.01 + (row % size) * 0.001 + (size - 1) * 0.01
    np.testing.assert_allclose(repair_clock(stamps), row * 0.01, atol=2e-3)
