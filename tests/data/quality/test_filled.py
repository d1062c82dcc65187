"""Missing samples that were filled stand still in motion; a sensor at rest, a coarse one and one that clips do not."""

import numpy as np
import pytest
from equigait.data.quality.filled import filled_remarks
from sensor_files import walking


@pytest.fixture
def signals() -> np.ndarray:
    return walking(20.0)[1]


def remarks(signals: np.ndarray) -> tuple[str, ...]:
    return filled_remarks(signals, time_seconds=np.arange(len(signals)) / 100)


@pytest.mark.parametrize("number", [0.0, -1.0, None])
def test_a_gyroscope_that_holds_a_number_or_its_last_values_is_told(signals: np.ndarray, number: float | None) -> None:
    for at in (300, 733, 1111, 1500):
        signals[at : at + 5, 3:] = signals[at, 3:] if number is None else number
    (remark,) = remarks(signals)
    assert remark.startswith("gyroscope holds its values while it moves, 4 times")


def test_one_long_hold_is_enough(signals: np.ndarray) -> None:
    signals[300:340] = signals[300]
    assert [remark.split()[0] for remark in remarks(signals)] == ["accelerometer", "gyroscope"]


def test_an_axis_that_leaps_to_one_number_again_and_again_is_told(signals: np.ndarray) -> None:
    for at in (300, 700, 1100, 1500):
        signals[at : at + 4, 2] = 0.0
    signals[1800:1803, 2] = -1.0
    (remark,) = remarks(signals)
    assert remark.startswith("az leaps to 0 and stays there for a while, 4 times")


def test_sound_coarse_resting_and_clipped_sensors_earn_no_word(signals: np.ndarray) -> None:
    resting = np.random.default_rng(0).normal([0, 0, 9.81, 0, 0, 0], 0.05, signals.shape)
    clipped = signals.copy()
    clipped[:, 2] = np.minimum(clipped[:, 2], 11.0)
    for sound in (signals, np.round(signals, 1), np.round(resting, 1), clipped):
        assert remarks(sound) == ()
