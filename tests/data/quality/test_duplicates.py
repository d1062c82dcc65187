"""One sensor's signal at two sites is named, in whatever units, axes, rate or part; two sensors of one body are not."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.quality.duplicates import doubled_sensors
from equigait.data.recording import ImuStream
from sensor_files import walking

SAME = ("withers and poll hold the same signal: a file was given twice",)


def stream(site: str, signals: np.ndarray, *, rate_hz: float = 100.0, start: float = 0.0) -> ImuStream:
    times = start + np.arange(len(signals)) / rate_hz
    return ImuStream(site, times, signals[:, :3], signals[:, 3:], Path(f"{site}.csv"))


@pytest.fixture
def signals() -> np.ndarray:
    return walking(20.0)[1]


def test_a_signal_rounded_in_another_unit_is_named(signals: np.ndarray) -> None:
    in_g = np.round(signals[:, :3] / 9.80665, 3) * 9.80665
    degrees = np.deg2rad(np.round(np.rad2deg(signals[:, 3:]), 1))
    other = np.concatenate([in_g, degrees], axis=1)
    assert doubled_sensors([stream("withers", signals), stream("poll", other, start=5.0)]) == SAME


def test_a_signal_in_other_axes_at_half_the_rate_or_in_part_is_named(signals: np.ndarray) -> None:
    turned = np.round(signals[:, [1, 0, 2, 4, 3, 5]] * [1, -1, 1, 1, -1, 1], 4)
    withers = stream("withers", signals)
    assert doubled_sensors([withers, stream("poll", turned)]) == SAME
    assert doubled_sensors([withers, stream("poll", turned[::2], rate_hz=50.0)]) == SAME
    assert doubled_sensors([withers, stream("poll", turned[400:1500])]) == SAME


def test_one_triad_at_two_sites_is_named_as_what_it_is(signals: np.ndarray) -> None:
    other = walking(20.0, seed=1)[1]
    other[:, :3] = np.round(signals[:, :3], 3)
    (remark,) = doubled_sensors([stream("withers", signals), stream("poll", other)])
    assert "hold the same acceleration" in remark


def test_two_sensors_that_move_alike_are_two(signals: np.ndarray) -> None:
    assert doubled_sensors([stream("withers", signals), stream("poll", walking(20.0, seed=1)[1])]) == ()


@pytest.mark.parametrize("part", [slice(None), slice(1, None), slice(300, 1500)])
def test_one_signal_at_two_sites_is_named_though_one_was_cut(signals: np.ndarray, part: slice) -> None:
    (remark,) = doubled_sensors([stream("withers", signals), stream("poll", signals[part])])
    assert remark == "withers and poll hold the same signal: a file was given twice"
    noise = np.random.default_rng(0).normal(0, 0.01, signals.shape)
    assert doubled_sensors([stream("withers", signals), stream("poll", (signals + noise)[part])]) == ()
