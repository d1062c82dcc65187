"""One column for two signals is refused by its numbers, whatever it is called."""

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.doubled import refuse_doubled
from scipy.spatial.transform import Rotation
from sensor_files import walking

NAMES = ("ax", "ay", "az", "gx", "gy", "gz")


@pytest.mark.parametrize(("one", "other"), [(0, 3), (2, 4)])
def test_the_same_numbers_in_accelerometer_and_gyroscope_are_refused_by_name(one: int, other: int) -> None:
    values = walking(2.0)[1]
    values[:, other] = values[:, one]
    with pytest.raises(BadInput, match=f"the same numbers in {NAMES[one]} and {NAMES[other]}"):
        refuse_doubled(list(values.T), names=NAMES, where="w.csv")


def test_different_dead_or_absent_channels_are_no_double() -> None:
    values = walking(2.0)[1]
    refuse_doubled(list(values.T), names=NAMES, where="w.csv")
    refuse_doubled(list(values[:, :3].T), names=NAMES, where="w.csv")
    refuse_doubled(list(np.zeros((6, 200))), names=NAMES, where="w.csv")
    refuse_doubled(list(np.full((6, 200), np.nan)), names=NAMES, where="w.csv")


@pytest.mark.parametrize("factor", [1 / 9.80665, -57.3])
def test_the_same_signal_in_another_unit_is_refused(factor: float) -> None:
    values = walking(2.0)[1]
    values[:, 3:] = np.round(values[:, :3] * factor, 5)
    with pytest.raises(BadInput, match=f"gx, gy, gz that are {factor:.4g} times ax, ay, az"):
        refuse_doubled(list(values.T), names=NAMES, where="w.csv")


def test_the_same_signal_in_another_unit_and_off_by_a_bias_is_refused() -> None:
    force = np.random.default_rng(0).normal((0, 0, 9.81), 3, (1000, 3))
    columns = [*force.T, *(0.1 * force + 3.0).T]
    with pytest.raises(BadInput, match=r"0\.1 times ax, ay, az"):
        refuse_doubled(columns, names=NAMES, where="w.csv")


def test_an_acceleration_in_other_axes_is_no_angular_rate() -> None:
    force = np.random.default_rng(0).normal((0, 0, 9.81), 3, (1000, 3))
    turned = Rotation.from_euler("xyz", [20, 30, 40], degrees=True).apply(force - force.mean(axis=0)) * 0.3
    with pytest.raises(BadInput, match="gx, gy, gz that are ax, ay, az in other axes"):
        refuse_doubled([*force.T, *turned.T], names=NAMES, where="w.csv")
