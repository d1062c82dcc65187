"""Queues begin with the films of training windows, which are left out of the first epoch."""

import pytest
import torch
from equigait.data.errors import BadInput
from equigait.pipeline.datasets.batches import Batches
from equigait.pipeline.training.queue_warmup import WarmupBatches
from equigait.pipeline.training.trainer import Trainer
from synthetic_corpus import small_recipe, synthetic_corpus

QUEUE = "objective={name: queue, size: 12}"


def trainer_of(objective: str = QUEUE, *, windows: int = 10) -> Trainer:
    corpus = synthetic_corpus(horses=3, windows=windows)
    recipe = small_recipe(objective, "train.batch=6")
    return Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu"))


def test_the_windows_that_fill_it_are_left_out_of_the_first_epoch_and_no_other() -> None:
    batches = trainer_of().batches
    assert isinstance(batches, WarmupBatches)
    queued = set(batches.queue_rows.tolist())
    first = [row for step in range(3) for row in batches.rows(step).tolist()]
    second = [row for step in range(3, 8) for row in batches.rows(step).tolist()]
    assert len(queued) == 12
    assert sorted([*queued, *first]) == sorted(second) == list(range(30))


def test_it_starts_with_the_films_of_those_windows() -> None:
    trainer = trainer_of()
    film = trainer.model.heads.project_film(trainer.batches.film[trainer.batches.queue_rows])
    torch.testing.assert_close(trainer.model.objective.queue, film.detach())


def test_a_training_set_smaller_than_the_queue_is_refused() -> None:
    with pytest.raises(BadInput, match="a queue of 12 films and 9 training windows"):
        trainer_of(windows=3)
    assert trainer_of(windows=4).batches.rows(0).tolist()  # as many as the queue holds: no first epoch, but a second


def test_a_queue_within_a_sum_is_filled_too() -> None:
    trainer = trainer_of("objective={name: sum, terms: [{name: siglip}, {name: queue, size: 9}]}")
    assert len(trainer.batches.queue_rows) == 9
    assert bool(torch.isfinite(trainer.model.objective.terms[1].queue).all())


def test_without_a_queue_every_window_is_in_the_first_epoch() -> None:
    batches = trainer_of("objective.name=siglip").batches
    assert type(batches) is Batches
    assert sorted(row for step in range(5) for row in batches.rows(step).tolist()) == list(range(30))
