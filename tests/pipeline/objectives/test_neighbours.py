"""Nearest film neighbours against the formula by hand: who may be one, what learns, and the queue of a resumed run."""

import math
from pathlib import Path

import pytest
import torch
from cut_off import assert_it_goes_on_to_the_last_bit
from equigait.pipeline.objectives.neighbours import Neighbours
from objective_parts import forward_of, objective_of, unit
from synthetic_corpus import small_recipe, synthetic_corpus
from torch import Tensor

QUEUED = torch.tensor([0, 0, 1, 2, 2])
"""The recordings of the five rows that a queue starts with."""


def filled(temperature: float = 0.1) -> Neighbours:
    objective = objective_of({"name": "neighbours", "size": 5, "temperature": temperature})
    assert isinstance(objective, Neighbours)
    objective.append(unit(5, seed=2), unit(5, seed=3), recording=QUEUED)
    return objective


def by_hand(
    imu: Tensor, film: Tensor, *, recording: list[int], temperature: float, apart: set[tuple[int, int]]
) -> float:
    """The loss in Python floats; window pairs in `apart` are no negatives."""
    sensors, films, partner = unit(5, seed=2).double(), unit(5, seed=3).double(), []
    for row, own in zip(film.double(), recording, strict=True):
        others = [k for k in range(5) if int(QUEUED[k]) != own]
        partner.append(sensors[max(others, key=lambda k, row=row: float(row @ films[k]))])
    total = 0.0
    for i, row in enumerate(imu.double()):
        scores = {k: float(row @ p) / temperature for k, p in enumerate(partner) if (i, k) not in apart}
        total += math.log(sum(math.exp(score) for score in scores.values())) - scores[i]
    return total / len(imu)


@pytest.mark.parametrize("temperature", [0.1, 0.5])
@pytest.mark.parametrize("apart", [set(), {(0, 3), (3, 0)}])
def test_the_loss_is_the_formula(temperature: float, apart: set[tuple[int, int]]) -> None:
    imu, film, recording, ignore = unit(4), unit(4, seed=1), [0, 1, 2, 7], torch.zeros(4, 4, dtype=torch.bool)
    for pair in apart:
        ignore[pair] = True
    expected = by_hand(imu, film, recording=recording, temperature=temperature, apart=apart)
    loss = filled(temperature)(imu, film, recording=torch.tensor(recording), ignore=ignore)
    assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_the_nearest_film_of_the_own_recording_is_never_the_neighbour() -> None:
    objective = filled()
    assert objective.nearest(objective.films, recording=torch.full((5,), 9)).tolist() == [0, 1, 2, 3, 4]
    found = objective.nearest(objective.films, recording=QUEUED)
    assert all(int(QUEUED[near]) != int(own) for near, own in zip(found.tolist(), QUEUED, strict=True))


def test_windows_without_another_recording_in_the_queue_do_not_count() -> None:
    empty = objective_of({"name": "neighbours", "size": 5})
    imu = unit(4).requires_grad_()
    loss = empty(imu, unit(4, seed=1), recording=torch.arange(4))
    loss.backward()
    assert float(loss.detach()) == 0.0
    assert not imu.grad.any()
    empty.append(unit(2, seed=2), unit(2, seed=3), recording=torch.tensor([0, 0]))
    assert float(empty(unit(2), unit(2, seed=1), recording=torch.tensor([0, 0]))) == 0.0
    assert float(empty(unit(2), unit(2, seed=1), recording=torch.tensor([0, 4]))) > 0.0


def test_film_and_queue_get_no_gradient() -> None:
    imu, film = unit(4).requires_grad_(), unit(4, seed=1).requires_grad_()
    objective = filled()
    objective(imu, film, recording=torch.arange(4)).backward()
    assert imu.grad.any()
    assert film.grad is None
    assert not any(buffer.requires_grad for buffer in objective.buffers())


def test_a_batch_joins_the_queue_after_its_step_and_the_oldest_leave() -> None:
    objective, forward = filled(), forward_of(batch=3)
    objective.after_step(forward)
    assert torch.equal(objective.sensors, torch.cat([unit(5, seed=2)[3:], forward.imu.detach()]))
    assert torch.equal(objective.films, torch.cat([unit(5, seed=3)[3:], forward.film.detach()]))
    assert objective.recording.tolist() == [2, 2, 0, 0, 1]


def test_a_run_that_was_cut_off_resumes_with_its_neighbours(tmp_path: Path) -> None:
    corpus = synthetic_corpus(horses=4, windows=10)
    terms = "objective={name: sum, terms: [{name: siglip}, {name: neighbours, size: 20, weight: 0.5}]}"
    recipe = small_recipe(terms, "train.steps=9", "train.batch=8", "train.save_every=4", "train.validate_every=4")
    assert_it_goes_on_to_the_last_bit(corpus, recipe=recipe, step=6, folder=tmp_path)
