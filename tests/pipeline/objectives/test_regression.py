"""Regression against its formula by hand; film is its target and stays where it is."""

import pytest
from objective_parts import objective_of, unit


def test_the_loss_is_the_mean_squared_distance_of_unit_vectors() -> None:
    imu, film = unit(6), unit(6, seed=1)
    rows = zip(imu.double().tolist(), film.double().tolist(), strict=True)
    expected = sum(sum((a - b) ** 2 for a, b in zip(left, right, strict=True)) for left, right in rows) / 6
    assert float(objective_of({"name": "regression"})(imu, film)) == pytest.approx(expected, rel=1e-6)
    assert expected == pytest.approx(float((2 - 2 * (imu * film).sum(1)).mean()), rel=1e-5)


def test_film_is_a_target_and_gets_no_gradient() -> None:
    imu, film = unit(6).requires_grad_(), unit(6, seed=1).requires_grad_()
    objective_of({"name": "regression"})(imu, film).backward()
    assert film.grad is None
    assert imu.grad is not None
    assert imu.grad.isclose(2 * (imu - film).detach() / 6).all()
