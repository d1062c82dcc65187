"""InfoNCE against its formula by hand: both forms, ignored pairs, and the temperature that stays within bounds."""

import math

import pytest
import torch
from objective_parts import forward_of, objective_of, unit
from torch import Tensor


def by_hand(imu: Tensor, film: Tensor, temperature: float, ignore: Tensor | None = None) -> tuple[float, float]:
    """Cross-entropy sensors to film and film to sensors, in Python floats."""
    pairs = range(len(imu))
    similar = [[float(imu[i].double() @ film[j].double()) / temperature for j in pairs] for i in pairs]
    out = [[ignore is not None and bool(ignore[i, j]) for j in pairs] for i in pairs]
    rows = [math.log(sum(math.exp(similar[i][j]) for j in pairs if not out[i][j])) - similar[i][i] for i in pairs]
    columns = [math.log(sum(math.exp(similar[i][j]) for i in pairs if not out[i][j])) - similar[j][j] for j in pairs]
    return sum(rows) / len(imu), sum(columns) / len(imu)


@pytest.mark.parametrize("temperature", [0.07, 0.5])
def test_the_two_forms_are_mean_and_sum_of_both_directions(temperature: float) -> None:
    imu, film = unit(6, 8), unit(6, 8, seed=1)
    directions = by_hand(imu, film, temperature)
    settings = {"name": "infonce", "temperature_init": temperature}
    for form, expected in (("mean", sum(directions) / 2), ("sum", sum(directions))):
        objective = objective_of(settings | {"form": form})
        assert float(objective(imu, film).detach()) == pytest.approx(expected, rel=1e-5)
        assert float(objective.state()["temperature"]) == pytest.approx(temperature)


def test_ignored_pairs_are_no_candidates() -> None:
    imu, film, ignore = unit(5, 8), unit(5, 8, seed=1), torch.zeros(5, 5, dtype=torch.bool)
    ignore[0, 3] = ignore[3, 0] = True
    objective = objective_of({"name": "infonce"})
    assert float(objective(imu, film, ignore=ignore).detach()) == pytest.approx(
        sum(by_hand(imu, film, 0.07, ignore)) / 2, rel=1e-5
    )


def test_gradients_are_those_of_the_formula_in_double_precision() -> None:
    objective = objective_of({"name": "infonce", "temperature_init": 0.2})
    imu, film = unit(6, 8).requires_grad_(), unit(6, 8, seed=1).requires_grad_()
    got = torch.autograd.grad(objective(imu, film), [imu, film, objective.log_scale])
    left, right = imu.detach().double().requires_grad_(), film.detach().double().requires_grad_()
    scale = torch.tensor(math.log(5), dtype=torch.float64, requires_grad=True)
    logits = scale.exp() * left @ right.T
    loss = (logits.logsumexp(1) + logits.logsumexp(0) - 2 * logits.diagonal()).mean() / 2
    for mine, wanted in zip(got, torch.autograd.grad(loss, [left, right, scale]), strict=True):
        torch.testing.assert_close(mine.double(), wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("start", "end"), [(7.0, math.log(100)), (-1.0, 0.0), (2.0, 2.0)])
def test_the_scale_is_held_between_1_and_100_after_each_step(start: float, end: float) -> None:
    objective = objective_of({"name": "infonce"})
    torch.nn.init.constant_(objective.log_scale, start)
    objective.after_step(forward_of())
    assert float(objective.log_scale.detach()) == pytest.approx(end)
