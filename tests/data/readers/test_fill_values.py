"""Numbers that stand for missing samples: named where they are not declared, NaN where they are."""

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.fill_values import refuse_fill, without_fill


def signal() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 3, (1000, 6))


@pytest.mark.parametrize("number", [-9999.0, 999.0, 1e30, 32767.0])
def test_a_number_in_every_column_is_refused_by_name(number: float) -> None:
    values = signal()
    values[100:104] = number
    with pytest.raises(BadInput, match=rf"missing: \[{number:g}\]".replace("+", r"\+")):
        refuse_fill(values, where="w.csv")


def test_one_such_row_and_rows_of_zeros_are_left() -> None:
    values = signal()
    values[5] = 7.0
    values[100:200] = 0.0
    refuse_fill(values, where="w.csv")


def test_declared_numbers_become_nan_and_nothing_else() -> None:
    values = signal()
    values[3, 2] = -9999.0
    there = without_fill(values, missing=[-9999.0, 0.0])
    assert np.isnan(there[3, 2])
    assert np.isnan(there).sum() == 1
    assert without_fill(values, missing=[]) is values
