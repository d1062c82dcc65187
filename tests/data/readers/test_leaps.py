"""Stamps that leap while samples go on are remarked on; gaps, jitter and bursts are not."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.readers.leaps import counter_remarks, leap_remarks, packet_remarks
from equigait.data.recording import ImuStream


def stream(time_seconds: np.ndarray, *, rows: slice | np.ndarray = slice(None)) -> ImuStream:
    """A minute of a walk whose tempo wanders, these of its rows at these times."""
    sampled = np.arange(6000) / 100
    phase = 2 * np.pi * (1.6 * sampled + 0.004 * sampled**2 + 0.3 * np.sin(0.53 * sampled))[:, None]
    signals = np.sin(phase * [1, 0.5, 1, 0.5, 1, 0.5] + np.arange(6)) * [1.5, 1.0, 2.5, 1.0, 0.8, 0.6] + [
        0,
        0,
        9.81,
        0,
        0,
        0,
    ]
    signals += np.random.default_rng(0).normal(0, 0.03, signals.shape)
    return ImuStream("withers", time_seconds, signals[rows, :3], signals[rows, 3:], Path("withers.csv"))


@pytest.mark.parametrize("spacing", [0.005, 0.007, 0.008])
def test_packets_whose_rows_are_stamped_too_close_are_told(spacing: float) -> None:
    row = np.arange(3000)
    assert "after every 10 rows" in packet_remarks((row // 10) * 0.1 + (row % 10) * spacing)[0]


def test_steady_jittering_and_randomly_lost_stamps_are_no_packets() -> None:
    rng = np.random.default_rng(0)
    steady = np.arange(3000) / 100
    for stamps in (steady, steady + rng.uniform(-0.002, 0.002, 3000), steady[rng.random(3000) > 0.1]):
        assert packet_remarks(stamps) == ()


def test_bursts_that_are_spread_earn_no_word() -> None:
    row = np.arange(3000)
    assert packet_remarks((row // 10) * 0.1 + (row % 10) * 0.001) == ()


def test_stamps_that_leap_while_the_counter_runs_on_are_told_with_when_and_how_far() -> None:
    counter = np.arange(3000.0)
    (remark,) = counter_remarks(counter / 100 + (counter >= 1500) * 0.3, counter, period=65536.0)
    assert "leap by 0.3 s at 15.0 s" in remark


def test_packets_that_the_counter_shows_as_lost_are_no_leap_even_a_whole_period() -> None:
    lost = np.delete(np.arange(3000.0), slice(1000, 1256))
    assert counter_remarks(lost / 100, lost, period=256.0) == ()
    assert counter_remarks(lost / 100, np.arange(2744.0), period=256.0) == ()


def test_a_clock_that_was_set_shows_by_motion_that_goes_on() -> None:
    time = np.arange(6000) / 100
    assert "leap by 3.6e+03 s at 30.0 s" in leap_remarks(stream(time + (time >= 30.0) * 3600.0))[0]


def test_samples_that_are_missing_are_no_leap_of_the_clock() -> None:
    keep = np.delete(np.arange(6000), slice(3000, 3037))
    assert leap_remarks(stream(keep / 100, rows=keep)) == ()


def test_a_logger_that_pauses_while_nothing_moves_keeps_its_times() -> None:
    time = np.arange(6000) / 100
    paused = stream(time + (time >= 30.0) * 20.0)
    still = np.abs(time - 30.0) < 3.0
    paused.specific_force[still] = np.random.default_rng(1).normal([0.0, 0.0, 9.81], 0.05, (still.sum(), 3))
    paused.angular_rate[still] = np.random.default_rng(2).normal(0, 0.01, (still.sum(), 3))
    assert leap_remarks(paused) == ()
