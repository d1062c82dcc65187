"""What every objective in the table keeps: a finite loss, gradients for what it learns, weights that weigh."""

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.objectives.neighbours import Neighbours
from equigait.pipeline.objectives.objective import PairObjective
from equigait.pipeline.objectives.queue import Queue
from equigait.pipeline.objectives.table import OBJECTIVES
from equigait.pipeline.recipe import load_recipe
from objective_parts import forward_of, objective_of, unit

PAIRS = ["siglip", "infonce"]
EVERY = [{"name": name, **({"size": 5} if name == "queue" else {})} for name in OBJECTIVES]
every = pytest.mark.parametrize("settings", EVERY, ids=list(OBJECTIVES))


def ready(settings, **rest):
    objective = objective_of(settings, **rest)
    for module in objective.modules():
        if isinstance(module, Queue):
            module.fill(unit(len(module.queue), module.queue.shape[1], seed=9))
        if isinstance(module, Neighbours):
            module.append(unit(4, seed=9), unit(4, seed=10), recording=torch.full((4,), 99))
    return objective


@every
def test_a_loss_is_finite_and_its_gradient_reaches_the_student_and_every_weight_of_the_objective(settings) -> None:
    objective, forward = ready(settings), forward_of()
    loss = objective.loss(forward)
    loss.backward()
    assert loss.shape == ()
    assert bool(torch.isfinite(loss))
    assert all(weight.grad is not None and weight.grad.any() for weight in objective.parameters())
    assert forward.encoders.student.project.weight.grad.any()


@every
def test_the_weight_multiplies_the_loss(settings) -> None:
    plain, heavy = ready(settings).loss(forward_of()), ready(settings | {"weight": 2.5}).loss(forward_of())
    assert float(heavy.detach()) == pytest.approx(2.5 * float(plain.detach()), rel=1e-6)


@every
def test_the_seed_of_the_objective_decides_its_loss(settings) -> None:
    assert torch.equal(ready(settings).loss(forward_of()), ready(settings).loss(forward_of()))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("batch", [4, 32, 128])
def test_perfect_alignment_lies_below_the_collapse(name: str, batch: int) -> None:
    objective = objective_of({"name": name}, batch=batch)
    film = torch.linalg.qr(torch.randn(256, 256, generator=torch.Generator().manual_seed(0)))[0][:batch]
    one = film[:1].expand_as(film)
    assert objective(film, film) < objective(-one, one)


@pytest.mark.parametrize(
    "settings", [*({"name": name} for name in PAIRS), {"name": "regression"}, {"name": "queue", "size": 8}]
)
def test_training_embeddings_freely_aligns_them(settings) -> None:
    imu, film = unit(16, 32).requires_grad_(), unit(16, 32, seed=1)
    objective = ready(settings, batch=16, shared=32)
    optimiser = torch.optim.Adam([imu, *objective.parameters()], lr=0.05)
    for _ in range(100):
        optimiser.zero_grad()
        objective(torch.nn.functional.normalize(imu, dim=1), film).backward()
        optimiser.step()
    assert (imu.detach() @ film.T).argmax(1).tolist() == list(range(16))


@pytest.mark.parametrize(
    "settings", [*({"name": name} for name in PAIRS), {"name": "regression"}, {"name": "queue", "size": 8}]
)
def test_the_order_of_pairs_does_not_matter(settings) -> None:
    objective = ready(settings, batch=8, shared=16)
    imu, film, order = unit(8, 16), unit(8, 16, seed=1), torch.randperm(8)
    torch.testing.assert_close(objective(imu, film), objective(imu[order], film[order]))


@pytest.mark.parametrize("name", PAIRS)
def test_overlapping_windows_count_only_where_asked(name: str) -> None:
    overlap = torch.zeros(6, 6, dtype=torch.bool)
    overlap[0, 1] = overlap[1, 0] = True
    heed, ignore = (objective_of({"name": name, "ignore_overlap": each}) for each in (False, True))
    assert isinstance(ignore, PairObjective)
    without = float(ignore.loss(forward_of()).detach())
    assert float(heed.loss(forward_of(overlap=overlap)).detach()) == without
    assert float(ignore.loss(forward_of(overlap=overlap)).detach()) < without


def test_an_unknown_objective_and_unknown_keys_are_named() -> None:
    for override, parts in {
        "objective.name=infonse": ["objective.name", "Did you mean infonce?"],
        "objective={name: infonce, scale_init: 3}": ["objective.scale_init", "temperature_init"],
        "objective={name: sum, terms: [{name: siglip}, {name: masked, shar: 0.2}]}": [
            "objective.terms[1].shar",
            "share",
        ],
        "objective={name: sum, terms: [{name: siglip}, {name: siglip}]}": ["one term of each name"],
        "objective={name: sum, terms: []}": ["objective.terms"],
        "objective={name: masked, patch_steps: 7}": ["objective.patch_steps 7"],
        "objective={name: siglip, weight: 0}": ["objective.weight"],
    }.items():
        with pytest.raises(BadInput) as caught:
            load_recipe("default", overrides=[override])
        assert all(part in str(caught.value) for part in parts), str(caught.value)
