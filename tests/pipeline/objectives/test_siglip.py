"""SigLIP against its formula by hand, in one piece and in chunks, and against the collapse of its careless forms."""

import math

import pytest
import torch
from equigait.pipeline.objectives import siglip
from objective_parts import objective_of, unit
from torch import Tensor


def by_hand(imu: Tensor, film: Tensor, scale: float, bias: float) -> float:
    """The paper's double sum in Python floats."""
    total = 0.0
    for i, left in enumerate(imu.double().tolist()):
        for j, right in enumerate(film.double().tolist()):
            logit = scale * sum(a * b for a, b in zip(left, right, strict=True)) + bias
            total += math.log1p(math.exp(-logit if i == j else logit))
    return total / len(imu)


def value_and_gradients(imu: Tensor, film: Tensor, ignore: Tensor | None) -> list[Tensor]:
    """The loss and its gradients by both sides, t and b."""
    objective = objective_of({"name": "siglip"}, batch=len(imu))
    leaves = [imu.clone().requires_grad_(), film.clone().requires_grad_(), objective.log_scale, objective.bias]
    loss = objective(leaves[0], leaves[1], ignore=ignore)
    return [loss.detach(), *torch.autograd.grad(3 * loss, leaves)]


@pytest.mark.parametrize(("bias_init", "bias"), [(-10.0, -10.0), ("auto", -math.log(5))])
@pytest.mark.parametrize("chunk_rows", [1024, 4])
def test_the_loss_is_the_formula(
    monkeypatch: pytest.MonkeyPatch, bias_init: float | str, bias: float, chunk_rows: int
) -> None:
    monkeypatch.setattr(siglip, "CHUNK_ROWS", chunk_rows)
    objective = objective_of({"name": "siglip", "bias_init": bias_init}, batch=6)
    imu, film = unit(6, 8), unit(6, 8, seed=1)
    assert float(objective(imu, film).detach()) == pytest.approx(by_hand(imu, film, 10.0, bias), rel=1e-5)
    assert {key: float(value) for key, value in objective.state().items()} == pytest.approx({"scale": 10, "bias": bias})


@pytest.mark.parametrize("ignoring", [False, True])
@pytest.mark.parametrize("chunk_rows", [1, 5, 8])
def test_in_chunks_value_and_gradients_are_the_same(
    monkeypatch: pytest.MonkeyPatch, chunk_rows: int, ignoring: bool
) -> None:
    imu, film = unit(17, 8), unit(17, 8, seed=1)
    ignore = torch.rand(17, 17) < 0.3 if ignoring else None
    if ignore is not None:
        ignore.fill_diagonal_(False)
    whole = value_and_gradients(imu, film, ignore)
    monkeypatch.setattr(siglip, "CHUNK_ROWS", chunk_rows)
    for got, expected in zip(value_and_gradients(imu, film, ignore), whole, strict=True):
        torch.testing.assert_close(got, expected, rtol=2e-5, atol=1e-6)


def test_gradients_are_those_of_the_formula_in_double_precision() -> None:
    imu, film = unit(6, 8), unit(6, 8, seed=1)
    leaves = [imu.double().requires_grad_(), film.double().requires_grad_()]
    t = torch.tensor(math.log(10), dtype=torch.float64, requires_grad=True)
    b = torch.tensor(-math.log(5), dtype=torch.float64, requires_grad=True)
    logits = t.exp() * leaves[0] @ leaves[1].T + b
    labels = 2 * torch.eye(6, dtype=torch.float64) - 1
    loss = torch.log1p(torch.exp(-labels * logits)).sum() / 6
    expected = torch.autograd.grad(3 * loss, [*leaves, t, b])
    for got, wanted in zip(value_and_gradients(imu, film, None)[1:], expected, strict=True):
        torch.testing.assert_close(got.double(), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("chunk_rows", [1024, 4])
def test_scale_and_bias_that_are_not_learned_get_no_gradient_and_change_none(
    monkeypatch: pytest.MonkeyPatch, chunk_rows: int
) -> None:
    monkeypatch.setattr(siglip, "CHUNK_ROWS", chunk_rows)
    film, gradients = unit(6, 8, seed=1), []
    for learn in (True, False):
        objective, imu = objective_of({"name": "siglip", "learn": learn}, batch=6), unit(6, 8).requires_grad_()
        objective(imu, film).backward()
        assert [weight.grad is not None for weight in objective.parameters()] == [learn, learn]
        gradients.append(imu.grad)
    torch.testing.assert_close(*gradients)


def test_ignored_pairs_leave_no_trace() -> None:
    objective = objective_of({"name": "siglip"}, batch=3)
    imu, film = unit(3, 8), unit(3, 8, seed=1)
    ignore = torch.zeros(3, 3, dtype=torch.bool)
    ignore[0, 1] = True
    logit = float((10 * imu[0] @ film[1] - math.log(2)).detach())
    expected = float(objective(imu, film).detach()) - math.log1p(math.exp(logit)) / 3
    assert float(objective(imu, film, ignore=ignore).detach()) == pytest.approx(expected, rel=1e-5)


def test_the_fixed_temperature_mean_form_prefers_the_collapse() -> None:
    """Why the guard is there: with temperature 1, no bias and a mean over all pairs it is the other way round."""
    film = torch.eye(128, 256)
    collapsed = torch.nn.functional.normalize(torch.ones(1, 256), dim=1).expand(128, 256)
    labels = 2 * torch.eye(128) - 1

    def careless(imu: Tensor, film: Tensor) -> float:
        return float(-torch.nn.functional.logsigmoid(labels * (imu @ film.T)).mean())

    assert careless(film, film) == pytest.approx(0.690, abs=2e-3)
    assert careless(-collapsed, collapsed) == pytest.approx(0.321, abs=2e-3)
