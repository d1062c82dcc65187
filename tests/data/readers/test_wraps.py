"""Counters and stamps that start again at 0 run on; what is no wrap is left for refusal."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.wraps import refuse_reset, unwrap, unwrap_integers
from hypothesis import given, settings
from hypothesis import strategies as st

PROPERTY = settings(max_examples=40, deadline=None, derandomize=True)
HERE = Path("withers.csv")


@pytest.mark.parametrize("period", [2**8, 2**10, 2**12, 2**15, 2**16, 2**20, 2**24, 2**31, 2**32])
def test_counters_of_every_width_run_on(period: int) -> None:
    running = np.floor(0.9 * period) + max(1, period // 2000) * np.arange(1000.0)
    np.testing.assert_array_equal(unwrap_integers(running % period), running)


@pytest.mark.parametrize("values", [[5.0, 6, 3, 7], [0.5, 1.5, 0.25], [-5.0, 250, 3], [1000.0, 0, 1, 2]])
def test_what_is_no_wrap_stays_as_it_is(values: list[float]) -> None:
    np.testing.assert_array_equal(unwrap_integers(np.array(values)), values)


@given(start=st.integers(0, 65535), steps=st.lists(st.integers(1, 30000), max_size=40))
@PROPERTY
def test_unwrapping_undoes_wrapping(start: int, steps: list[int]) -> None:
    running = np.cumsum([start, *steps]).astype(np.float64)
    np.testing.assert_array_equal(unwrap(running % 65536, period=65536), running)


def test_rows_without_a_counter_stay_without_one() -> None:
    np.testing.assert_array_equal(unwrap(np.array([65535, np.nan, 1.0]), period=65536), [65535, np.nan, 65537])


def test_a_counter_that_starts_anew_before_it_is_full_is_refused() -> None:
    refuse_reset(np.array([65534.0, 65535, 0, 1]), period=65536, where=HERE)
    refuse_reset(np.array([65500.0, 3, 4]), period=65536, where=HERE)
    with pytest.raises(BadInput, match="starts anew at 0 after 50000"):
        refuse_reset(np.array([49999.0, 50000, 0, 1]), period=65536, where=HERE)


@pytest.mark.parametrize("period", [10, 16, 100, 250, 1000, 60000])
def test_a_counter_of_samples_may_start_again_anywhere(period: int) -> None:
    running = np.arange(4.0 * period) + period - 5
    np.testing.assert_array_equal(
        unwrap_integers(running % period, of_samples=True) - running[0] % period + running[0], running
    )


def test_the_time_of_day_runs_on_past_midnight() -> None:
    running = 86_399_000.0 + 10 * np.arange(500)
    np.testing.assert_array_equal(unwrap_integers(running % 86_400_000), running)


@pytest.mark.parametrize("milliseconds", [10_000, 30_000, 60_000])
def test_trials_of_one_length_that_were_joined_are_no_wraps(milliseconds: int) -> None:
    stamps = np.tile(10.0 * np.arange(milliseconds // 10), 4)
    np.testing.assert_array_equal(unwrap_integers(stamps), stamps)


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_counters_that_were_read_with_a_sign_run_on(bits: int) -> None:
    running = 2.0 ** (bits - 1) - 50 + np.arange(100.0)
    signed = (running + 2.0 ** (bits - 1)) % 2.0**bits - 2.0 ** (bits - 1)
    np.testing.assert_array_equal(unwrap_integers(signed), running)
