"""Numbers that stand for missing samples: named where they are not declared, NaN where they are."""

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.fill_values import refuse_fill, without_fill

NAMES = ("ax", "ay", "az", "gx", "gy", "gz")


def signal() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 3, (1000, 6))


@pytest.mark.parametrize("number", [-9999.0, 999.0, 1e30, 32767.0])
def test_a_number_in_every_column_is_refused_by_name(number: float) -> None:
    values = signal()
    values[100:104] = number
    with pytest.raises(BadInput, match=rf"missing: \[{number:g}\]".replace("+", r"\+")):
        refuse_fill(list(values.T), names=NAMES, where="w.csv")


@pytest.mark.parametrize("columns", [[0, 1, 2], [3, 4, 5], [1], [5]])
def test_a_number_in_one_signal_or_one_axis_is_refused_by_name(columns: list[int]) -> None:
    values = signal()
    values[np.ix_(range(100, 104), columns)] = -9999.0
    shown = ", ".join(NAMES[column] for column in columns)
    with pytest.raises(BadInput, match=rf"-9999 in {shown} in 4 of 1000 rows.*missing: \[-9999\]"):
        refuse_fill(list(values.T), names=NAMES, where="w.csv")


def test_an_axis_at_the_end_of_its_range_and_a_blow_are_readings() -> None:
    values = np.clip(signal(), -5.0, 5.0)
    values[100:106, :3] = -5.0
    values[500, 2] = 200.0
    refuse_fill(list(values.T), names=NAMES, where="w.csv")


def test_one_such_row_and_rows_of_zeros_are_left() -> None:
    values = signal()
    values[5] = 7.0
    values[100:200] = 0.0
    refuse_fill(list(values.T), names=NAMES, where="w.csv")


def test_declared_numbers_become_nan_and_nothing_else() -> None:
    values = signal()
    values[3, 2] = -9999.0
    there = without_fill(values, missing=[-9999.0, 0.0])
    assert np.isnan(there[3, 2])
    assert np.isnan(there).sum() == 1
    assert without_fill(values, missing=[]) is values


def test_a_number_within_the_range_that_fills_one_sensor_is_refused_by_name() -> None:
    values = signal()
    values[100:110, :3] = -1.0
    with pytest.raises(BadInput, match=r"-1 in ax, ay, az in 10 of 1000 rows"):
        refuse_fill(list(values.T), names=NAMES, where="w.csv")


def test_equal_axes_of_a_coarse_or_railed_sensor_are_readings() -> None:
    coarse = np.round(signal())
    refuse_fill(list(coarse.T), names=NAMES, where="w.csv")
    coarse[:, :3] = 20.0
    refuse_fill(list(coarse.T), names=NAMES, where="w.csv")


@pytest.mark.parametrize("number", [-999.9, 1e20, 9.969209968386869e36, 2147483647.0])
@pytest.mark.parametrize("single", [True, False])
def test_the_number_that_a_refusal_names_is_the_one_to_declare(number: float, single: bool) -> None:
    values = signal()
    values[100:104] = np.float32(number) if single else number
    if single:
        values = values.astype(np.float32)
    with pytest.raises(BadInput) as refusal:
        refuse_fill(list(values.T), names=NAMES, where="w.csv")
    told = float(refusal.value.remedy.partition("[")[2].partition("]")[0])
    for held in (values, values.astype(np.float64)):
        assert np.isnan(without_fill(held, missing=[told])).sum() == 24
