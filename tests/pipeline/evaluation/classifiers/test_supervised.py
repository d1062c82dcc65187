"""Training from scratch: a control that deserves the name learns, is repeatable, and can be stopped by validation."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from equigait.pipeline.datasets.dataset_split import DatasetSplit, WindowDataset, split_windows, windows_of_classes
from equigait.pipeline.evaluation.classifiers.supervised import (
    Trained,
    _balanced_rows,
    _rate,
    probabilities,
    train_supervised,
    untrained_student,
)
from equigait.pipeline.evaluation.settings import SupervisedSettings
from rides import GAITS, ride_recipe
from synthetic_corpus import synthetic_corpus

SETTINGS = SupervisedSettings(steps=30, batch=24, learning_rate=3e-3, check_every=10)


def windows_of(*horses: str) -> WindowDataset:
    return windows_of_classes(synthetic_corpus(horses=4, windows=24), classes=GAITS, horses=horses)


def split_of(train: WindowDataset, *, validation: WindowDataset) -> DatasetSplit:
    corpus = synthetic_corpus(horses=4, windows=24)
    whole = split_windows(corpus, classes=GAITS, train=train.horses, validation=validation.horses, test=("h03",))
    return replace(whole, train=train, validation=validation)


def trained_on(
    train: WindowDataset, *, validation: WindowDataset, training: SupervisedSettings = SETTINGS, seed: int
) -> Trained:
    recipe = ride_recipe()
    student = untrained_student(train, settings=recipe, seed=seed)
    split = split_of(train, validation=validation)
    return train_supervised(student, split=split, settings=recipe, training=training, seed=seed)


def macro_accuracy(probability: np.ndarray, windows: WindowDataset) -> float:
    return float((probability.argmax(axis=1) == windows.label).mean())


def test_it_learns_gaits_of_horses_it_has_not_seen() -> None:
    train, unseen = windows_of("h00", "h01"), windows_of("h03")
    trained = trained_on(train, validation=windows_of("h02"), seed=1)
    told = probabilities(trained.last, unseen.imu)
    assert told.sum(axis=1) == pytest.approx(1.0)
    assert macro_accuracy(told, unseen) > 0.9


def test_the_same_seed_trains_the_same_network_and_leaves_the_random_state_alone() -> None:
    short = SETTINGS.model_copy(update={"steps": 4})
    nobody = windows_of()
    state = torch.random.get_rng_state()
    first, again, other = (
        trained_on(windows_of("h00"), validation=nobody, training=short, seed=seed).last for seed in (1, 1, 2)
    )
    assert all(torch.equal(a, b) for a, b in zip(first.parameters(), again.parameters(), strict=True))
    assert not torch.equal(first.student.positions, other.student.positions)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_without_validation_the_last_step_is_the_best() -> None:
    trained = trained_on(windows_of("h00"), validation=windows_of(), seed=0)
    assert trained.best is trained.last
    assert trained.steps == SETTINGS.steps


def test_it_stops_when_validation_no_longer_improves_and_keeps_the_best() -> None:
    """Validation labels are shuffled: soon nothing gets better by more training."""
    validation = windows_of("h02")
    rng = np.random.default_rng(0)
    shuffled = replace(validation, label=rng.permutation(validation.label))
    settings = SETTINGS.model_copy(update={"steps": 400, "check_every": 2, "patience": 3})
    trained = trained_on(windows_of("h00"), validation=shuffled, training=settings, seed=0)
    assert trained.steps < 400
    assert trained.best is not trained.last


def test_every_batch_holds_the_classes_alike_however_rare_one_is() -> None:
    label = np.array([0] * 50 + [1] * 3 + [2] * 9)
    for rows in _balanced_rows(label, settings=SETTINGS, seed=0):
        assert np.bincount(label[rows]).tolist() == [8, 8, 8]


@pytest.mark.parametrize("batch", [2, 5, 7])
def test_classes_that_do_not_divide_a_batch_take_turns(batch: int) -> None:
    settings = SETTINGS.model_copy(update={"steps": 30, "batch": batch})
    label = np.repeat([0, 1, 2], [50, 3, 9])
    drawn = [np.bincount(label[rows], minlength=3) for rows in _balanced_rows(label, settings=settings, seed=0)]
    assert np.sum(drawn, axis=0).tolist() == [10 * batch] * 3
    assert np.ptp(np.cumsum(drawn, axis=0), axis=1).max() == 1


def test_the_learning_rate_rises_and_falls_to_nothing() -> None:
    rates = [_rate(step, settings=SupervisedSettings(steps=100, warmup_share=0.1)) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == 1.0
    assert rates[55] == pytest.approx(0.5)
    assert rates[100] == pytest.approx(0.0)
