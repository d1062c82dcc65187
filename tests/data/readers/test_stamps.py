"""Sample times: what is kept, what is left out, what is refused."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.stamps import left_out_remarks, refuse_clock_digits, rounding_remarks, rows_in_order

HERE = Path("withers.csv")


def test_increasing_stamps_are_all_kept_whatever_their_gaps() -> None:
    stamps = np.concatenate([np.arange(100) / 100, 50 + np.arange(100) / 100])
    assert rows_in_order(stamps, where=HERE).all()


def test_of_rows_with_one_stamp_the_first_is_kept() -> None:
    stamps = np.insert(np.arange(100) / 100, 50, [0.49, 0.49])
    keep = rows_in_order(stamps, where=HERE)
    assert np.flatnonzero(~keep).tolist() == [50, 51]


def test_rows_without_a_stamp_are_left_out() -> None:
    stamps = np.arange(100) / 100
    stamps[[0, 7, 99]] = np.nan
    assert np.flatnonzero(~rows_in_order(stamps, where=HERE)).tolist() == [0, 7, 99]


def test_the_given_stamps_are_not_changed() -> None:
    stamps = np.insert(np.arange(100) / 100, 50, [0.49, np.nan])
    before = stamps.copy()
    rows_in_order(stamps, where=HERE)
    np.testing.assert_array_equal(stamps, before)


@pytest.mark.parametrize(
    ("stamps", "found"),
    [
        (np.array([]), "0 rows with a sample time"),
        (np.array([np.nan, 1.0]), "1 rows with a sample time"),
        (np.array([0.0, 0.01, 0.02, 0.015, 0.03]), "time going back by 0.005 s at data row 4 (1 times in all)"),
        (np.repeat(np.arange(50) / 50, 2), "51% of the rows with the stamp of the row before"),
        (np.arange(100) * 10.0, "0.1 samples a second"),
        (np.arange(100) * 1e-5, "1e+05 samples a second"),
    ],
)
def test_stamps_that_cannot_be_trusted_are_refused(stamps: np.ndarray, found: str) -> None:
    with pytest.raises(BadInput) as refusal:
        rows_in_order(stamps, where=HERE)
    assert refusal.value.found == found


def test_stamps_that_are_all_equal_are_refused() -> None:
    with pytest.raises(BadInput, match="100% of the rows"):
        rows_in_order(np.ones(50), where=HERE)


@pytest.mark.parametrize("start_seconds", [985.0, 9985.0, 99_500.0])
def test_stamps_of_five_digits_that_lose_their_last_in_mid_file_are_refused(start_seconds: float) -> None:
    stamps = np.array([float(f"{start_seconds + row / 100:.5g}") for row in range(100_000)])
    with pytest.raises(BadInput, match=r"in one part of the file and finer in another.*more digits"):
        rounding_remarks(stamps, where=HERE)


@pytest.mark.parametrize("step", [0.1, 1.0])
def test_stamps_that_are_rounded_all_through_earn_a_word_that_says_by_how_much(step: float) -> None:
    stamps = np.round(np.arange(5000) / 100 / step) * step
    (remark,) = rounding_remarks(stamps, where=HERE)
    assert f"rounded to {step:g} s" in remark


def test_stamps_one_a_row_and_stamps_of_packets_earn_none() -> None:
    assert rounding_remarks(np.round(np.arange(5000) / 99.7, 3), where=HERE) == ()
    assert rounding_remarks(np.repeat(np.arange(500) * 0.0834, 10), where=HERE) == ()


def digits(seconds_of_day: np.ndarray) -> np.ndarray:
    """Times of day as the number HHMMSS.sss."""
    hours, rest = np.divmod(seconds_of_day, 3600.0)
    minutes, seconds = np.divmod(rest, 60.0)
    return np.round(10000.0 * hours + 100.0 * minutes + seconds, 3)


@pytest.mark.parametrize(
    ("start", "rate_hz", "turns"),
    [(10 * 3600 + 15 * 60 + 30.0, 100.0, 1), (10 * 3600 + 58 * 60 + 1.003, 50.0, 3), (0.0, 1.0, 4)],
)
def test_times_of_day_whose_digits_make_one_number_are_refused(start: float, rate_hz: float, turns: int) -> None:
    seconds = start + np.arange(round((60 * turns - start % 60 + 20) * rate_hz)) / rate_hz
    message = (
        rf"leave out 40 s when a minute is full \({turns} times\).*of 101530.25, which is 10:15:30.25, write 36930.25"
    )
    with pytest.raises(BadInput, match=message):
        refuse_clock_digits(digits(seconds), where=HERE)


def test_seconds_with_gaps_are_no_times_of_day() -> None:
    run = np.arange(5000) / 100
    refuse_clock_digits(np.concatenate([run, run + 100.0, run + 200.0]), where=HERE)  # 50 s on, 50 s off
    refuse_clock_digits(np.arange(30_000) / 100, where=HERE)
    refuse_clock_digits(np.array([np.nan, 0.0, 0.5, 1.0]), where=HERE)


@pytest.mark.parametrize(
    ("stamps", "step"),
    [
        ((86_000 + np.arange(3000) / 50).astype(np.float32).astype(float), "0.007812"),
        ((86_000 + np.arange(3000) / 100).astype(np.float32).astype(float), "0.007812"),
        (np.round(np.arange(3000) / 64 + 0.003, 2), "0.01"),
        (np.round(1.7e9 + np.arange(3000) / 59.7, 2), "0.01"),
    ],
)
def test_stamps_of_their_own_that_are_rounded_too_far_earn_a_word(stamps: np.ndarray, step: str) -> None:
    (remark,) = rounding_remarks(stamps, where=HERE)
    assert remark.startswith(f"stamps are rounded to {step} s (single precision, or too few digits)")


def test_even_ticks_and_rows_that_were_lost_are_not_taken_for_rounding() -> None:
    lost = np.random.default_rng(0).random(3000) < 0.15
    for stamps in (
        np.arange(3000) / 64,
        np.arange(3000) * 0.01,
        (np.arange(3000) * 0.05)[~lost],
        np.arange(3000) * 0.02 + np.random.default_rng(1).normal(0.0, 0.002, 3000),
        (40_000 + np.arange(3000) / 100).astype(np.float32).astype(float),  # off by 2 ms at most
    ):
        assert rounding_remarks(stamps, where=HERE) == ()


@pytest.mark.parametrize("size", [2, 4])
def test_blocks_of_one_stamp_are_spread_and_not_called_rounded(size: int) -> None:
    assert rounding_remarks(np.arange(3000) // size * size * 0.01, where=HERE) == ()


def test_rows_that_were_stamped_before_the_clock_was_set_are_refused() -> None:
    stamps = np.concatenate([np.zeros(1), 1.7e9 + np.arange(100) / 100])
    with pytest.raises(BadInput, match=r"leap by 1\.7e\+09 s at data row 2.*before the clock was set"):
        rows_in_order(stamps, where=HERE)


def test_rows_of_one_stamp_and_other_numbers_earn_a_word_and_repeated_rows_none() -> None:
    force = np.random.default_rng(0).normal(0, 1, (200, 3))
    left_out = np.arange(200) % 10 == 5
    assert "20 rows bear the stamp of the row before" in left_out_remarks(force, left_out=left_out)[0]
    force[left_out] = force[np.flatnonzero(left_out) - 1]
    assert left_out_remarks(force, left_out=left_out) == ()
