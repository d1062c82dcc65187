"""The queue's distillation against its formula by hand, its FIFO, and its part in a resumed run."""

import math
from pathlib import Path

import pytest
import torch
from cut_off import assert_it_goes_on_to_the_last_bit
from objective_parts import forward_of, objective_of, unit
from synthetic_corpus import small_recipe, synthetic_corpus


def test_the_loss_is_the_formula() -> None:
    imu, film, queue = unit(4), unit(4, seed=1), unit(5, seed=2)
    objective = objective_of({"name": "queue", "size": 5})
    objective.fill(queue)
    candidates = [row.double() for row in [*queue, *film]]
    total = 0.0
    for one, other in zip(imu.double(), film.double(), strict=True):
        wanted = [math.exp(float(other @ row) / 0.1) for row in candidates]
        found = [float(one @ row) / 0.05 for row in candidates]
        normaliser = math.log(sum(math.exp(value) for value in found))
        total -= sum(w / sum(wanted) * (f - normaliser) for w, f in zip(wanted, found, strict=True))
    assert float(objective(imu, film)) == pytest.approx(total / 4, rel=1e-5)


def test_nothing_flows_into_the_film_and_the_sensors_gradient_is_the_formulas() -> None:
    objective = objective_of({"name": "queue", "size": 5})
    objective.fill(unit(5, seed=2))
    imu, film = unit(4).requires_grad_(), unit(4, seed=1).requires_grad_()
    objective(imu, film).backward()
    assert film.grad is None
    candidates = torch.cat([unit(5, seed=2), unit(4, seed=1)]).double()
    wanted = torch.softmax(film.detach().double() @ candidates.T / 0.1, 1)
    found = torch.softmax(imu.detach().double() @ candidates.T / 0.05, 1)
    torch.testing.assert_close(imu.grad.double(), (found - wanted) @ candidates / 0.05 / 4, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("size", "batch"), [(5, 3), (4, 6)])
def test_new_films_join_and_the_oldest_leave(size: int, batch: int) -> None:
    objective, forward = objective_of({"name": "queue", "size": size}), forward_of(batch)
    objective.fill(unit(size, seed=2))
    everything = torch.cat([unit(size, seed=2), forward.film.detach()])
    objective.after_step(forward)
    assert torch.equal(objective.queue, everything[-size:])
    assert not objective.queue.requires_grad


def test_a_queue_that_was_never_filled_gives_no_number() -> None:
    assert math.isnan(float(objective_of({"name": "queue", "size": 5})(unit(4), unit(4, seed=1))))


def test_a_run_that_was_cut_off_resumes_with_its_queue(tmp_path: Path) -> None:
    corpus = synthetic_corpus(horses=4, windows=10)
    term = "objective={name: sum, terms: [{name: queue, size: 12}, {name: siglip, weight: 0.5}]}"
    recipe = small_recipe(term, "train.steps=9", "train.batch=8", "train.save_every=4", "train.validate_every=4")
    assert_it_goes_on_to_the_last_bit(corpus, recipe=recipe, step=6, folder=tmp_path)
