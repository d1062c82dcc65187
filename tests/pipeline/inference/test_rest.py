"""Rest is measured: still sensors rest, moving ones do not, and a sensor that is missing decides nothing."""

import numpy as np
import pytest
import torch
from equigait.pipeline.datasets.sensor_windows import SensorWindows
from equigait.pipeline.inference.rest import at_rest

STEPS = 250


def windows(amplitude: list[float], *, sites: int = 3) -> np.ndarray:
    """One window an amplitude: gravity and a swing of that many m/s^2 at 1.5 Hz along z, at every site alike."""
    swing = np.sin(2 * np.pi * 1.5 * np.arange(STEPS) / 50.0)
    imu = np.zeros((len(amplitude), sites, 6, STEPS), np.float32)
    imu[:, :, 2] = 9.81 + np.array(amplitude)[:, None, None] * swing
    return imu


def rests(imu: np.ndarray) -> list[bool]:
    return at_rest(SensorWindows.of(torch.from_numpy(imu.reshape(len(imu), imu.shape[1] * 6, STEPS)))).tolist()


@pytest.mark.parametrize(("amplitude", "expected"), [(0.0, True), (0.6, True), (0.8, False), (3.0, False)])
def test_a_swing_of_root_two_times_the_threshold_parts_rest_from_motion(amplitude: float, expected: bool) -> None:
    """A sine of amplitude A has the standard deviation A / sqrt(2): 0.71 m/s^2 is the limit."""
    assert rests(windows([amplitude])) == [expected]


def test_only_the_middle_second_counts() -> None:
    imu = windows([3.0, 3.0])
    imu[0, :, 2, 100:150] = 9.81
    assert rests(imu) == [True, False]


def test_one_restless_site_is_outvoted_and_a_missing_one_left_out() -> None:
    imu = windows([0.0, 3.0])
    imu[0, 0] = windows([3.0])[0, 0]
    imu[1, 0] = np.nan
    assert rests(imu) == [True, False]


def test_no_window_gives_nothing() -> None:
    assert rests(windows([])) == []
