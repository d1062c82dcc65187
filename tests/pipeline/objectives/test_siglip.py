"""SigLIP against its formula by hand, and against the collapse of its careless forms."""

import math

import pytest
import torch
from equigait.pipeline.objectives.settings import ObjectiveSettings
from equigait.pipeline.objectives.siglip import SigLip
from equigait.pipeline.objectives.table import OBJECTIVES, build_objective
from torch import Tensor


def unit(rows: int, dim: int, seed: int = 0) -> Tensor:
    return torch.nn.functional.normalize(torch.randn(rows, dim, generator=torch.Generator().manual_seed(seed)), dim=1)


def by_hand(imu: Tensor, film: Tensor, scale: float, bias: float) -> float:
    """The paper's double sum in Python floats."""
    total = 0.0
    for i, left in enumerate(imu.double().tolist()):
        for j, right in enumerate(film.double().tolist()):
            logit = scale * sum(a * b for a, b in zip(left, right, strict=True)) + bias
            total += math.log1p(math.exp(-logit if i == j else logit))
    return total / len(imu)


@pytest.mark.parametrize(("bias_init", "bias"), [(-10.0, -10.0), ("auto", -math.log(5))])
def test_the_loss_is_the_formula(bias_init: float | str, bias: float) -> None:
    objective = build_objective(ObjectiveSettings.model_validate({"bias_init": bias_init}), batch=6)
    imu, film = unit(6, 8), unit(6, 8, seed=1)
    assert float(objective(imu, film).detach()) == pytest.approx(by_hand(imu, film, 10.0, bias), rel=1e-5)
    assert objective.state() == pytest.approx({"scale": 10.0, "bias": bias})


def test_ignored_pairs_leave_no_trace() -> None:
    objective = SigLip(ObjectiveSettings(), batch=3)
    imu, film = unit(3, 8), unit(3, 8, seed=1)
    ignore = torch.zeros(3, 3, dtype=torch.bool)
    ignore[0, 1] = True
    logit = float((10 * imu[0] @ film[1] - math.log(2)).detach())
    expected = float(objective(imu, film).detach()) - math.log1p(math.exp(logit)) / 3
    assert float(objective(imu, film, ignore=ignore).detach()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", list(OBJECTIVES))
@pytest.mark.parametrize("batch", [4, 32, 128])
def test_perfect_alignment_lies_below_the_collapse(name: str, batch: int) -> None:
    objective = build_objective(ObjectiveSettings.model_validate({"name": name}), batch=batch)
    film = torch.linalg.qr(torch.randn(256, 256, generator=torch.Generator().manual_seed(0)))[0][:batch]
    one = film[:1].expand_as(film)
    assert objective(film, film) < objective(-one, one)


def test_the_fixed_temperature_mean_form_prefers_the_collapse() -> None:
    """Why the guard is there: with temperature 1, no bias and a mean over all pairs it is the other way round."""
    film = torch.eye(128, 256)
    collapsed = torch.nn.functional.normalize(torch.ones(1, 256), dim=1).expand(128, 256)
    labels = 2 * torch.eye(128) - 1

    def careless(imu: Tensor, film: Tensor) -> float:
        return float(-torch.nn.functional.logsigmoid(labels * (imu @ film.T)).mean())

    assert careless(film, film) == pytest.approx(0.690, abs=2e-3)
    assert careless(-collapsed, collapsed) == pytest.approx(0.321, abs=2e-3)


@pytest.mark.parametrize("name", list(OBJECTIVES))
def test_training_embeddings_freely_aligns_them(name: str) -> None:
    imu, film = unit(16, 32).requires_grad_(), unit(16, 32, seed=1)
    objective = build_objective(ObjectiveSettings.model_validate({"name": name}), batch=16)
    optimiser = torch.optim.Adam([imu, *objective.parameters()], lr=0.05)
    for _ in range(100):
        optimiser.zero_grad()
        objective(torch.nn.functional.normalize(imu, dim=1), film).backward()
        optimiser.step()
    assert (imu.detach() @ film.T).argmax(1).tolist() == list(range(16))
    assert all(weight.grad is not None and weight.grad.any() for weight in objective.parameters())


@pytest.mark.parametrize("name", list(OBJECTIVES))
def test_the_order_of_pairs_does_not_matter(name: str) -> None:
    objective = build_objective(ObjectiveSettings.model_validate({"name": name}), batch=8)
    imu, film, order = unit(8, 16), unit(8, 16, seed=1), torch.randperm(8)
    torch.testing.assert_close(objective(imu, film), objective(imu[order], film[order]))
