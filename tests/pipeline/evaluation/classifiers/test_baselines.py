"""What every control must do, and what each of them is worth on gaits whose truth is known."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from equigait.pipeline.datasets.dataset_split import DatasetSplit, split_windows
from equigait.pipeline.evaluation.classifiers.baselines import CONTROLS, CannotAnswerError
from equigait.pipeline.evaluation.settings import ControlName
from equigait.pipeline.probing.student_probe import probe_student
from equigait.pipeline.students.table import build_student
from rides import GAITS, ride_recipe
from synthetic_corpus import synthetic_corpus


def parts_of() -> DatasetSplit:
    sides = {"train": ["h00", "h01", "h02", "h03", "h04"], "validation": ["h05"], "test": ["h06"]}
    return split_windows(synthetic_corpus(horses=7, windows=24), classes=GAITS, **sides)


def test_the_recipe_knows_every_control_of_the_table() -> None:
    assert set(get_args(ControlName)) == set(CONTROLS)


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_answers_for_every_test_window_without_looking_at_its_label(name: str) -> None:
    parts = parts_of()
    answer = CONTROLS[name](parts, recipe=ride_recipe())
    assert answer.rows.tolist() == list(range(len(parts.test)))
    assert answer.probability.shape == (len(parts.test), 3)
    assert answer.probability.sum(axis=1) == pytest.approx(1.0)
    assert answer.note
    blind = replace(parts, test=replace(parts.test, label=np.zeros_like(parts.test.label)))
    assert np.array_equal(CONTROLS[name](blind, recipe=ride_recipe()).probability, answer.probability)


@pytest.mark.parametrize("name", ["spectral", "supervised", "teacher"])
def test_gaits_that_lie_apart_are_told_apart(name: str) -> None:
    parts = parts_of()
    answer = CONTROLS[name](parts, recipe=ride_recipe())
    assert (answer.probability.argmax(axis=1) == parts.test.label).mean() > 0.9


def test_labels_that_mean_nothing_teach_no_control_anything() -> None:
    """Shuffled training labels: whoever still scored well on the test would have seen it."""
    parts = parts_of()
    rng = np.random.default_rng(0)
    shuffled = replace(
        parts,
        train=replace(parts.train, label=rng.permutation(parts.train.label)),
        validation=replace(parts.validation, label=rng.permutation(parts.validation.label)),
    )
    for name in ("random-init", "spectral", "teacher"):
        answer = CONTROLS[name](shuffled, recipe=ride_recipe())
        assert (answer.probability.argmax(axis=1) == parts.test.label).mean() < 0.75, name


def test_the_teacher_answers_where_there_is_film_and_says_so() -> None:
    parts = parts_of()
    has_film = parts.test.has_film.clone()
    has_film[:4] = False
    film = torch.where(has_film[:, None], parts.test.film, torch.nan)
    answer = CONTROLS["teacher"](
        replace(parts, test=replace(parts.test, film=film, has_film=has_film)), recipe=ride_recipe()
    )
    assert answer.rows.tolist() == list(range(4, len(parts.test)))
    assert f"{len(parts.test) - 4} of {len(parts.test)} windows" in answer.note


def test_the_teacher_cannot_answer_without_film() -> None:
    parts = parts_of()
    blind = replace(parts.test, has_film=torch.zeros(len(parts.test), dtype=torch.bool))
    with pytest.raises(CannotAnswerError, match="no film"):
        CONTROLS["teacher"](replace(parts, test=blind), recipe=ride_recipe())


def test_the_teacher_cannot_answer_where_a_gait_was_never_filmed() -> None:
    parts = parts_of()
    filmed = torch.from_numpy(parts.train.label != parts.train.classes.index("canter"))
    with pytest.raises(CannotAnswerError, match="no film of the training horses' canter"):
        CONTROLS["teacher"](replace(parts, train=replace(parts.train, has_film=filmed)), recipe=ride_recipe())


def test_a_probe_leaves_every_parameter_buffer_and_the_mode_of_the_student_as_they_were() -> None:
    parts, recipe = parts_of(), ride_recipe("student.dropout=0.3")
    student = build_student(recipe.student, channels=12, steps=250, seed=0)
    student.fit_standardisation(parts.train.imu)
    student.train()
    before = {name: value.clone() for name, value in student.state_dict().items()}
    first = probe_student(student, parts=parts, settings=recipe)
    again = probe_student(student, parts=parts, settings=recipe)
    assert all(torch.equal(before[name], value) for name, value in student.state_dict().items())
    assert all(parameter.grad is None for parameter in student.parameters())
    assert student.training
    assert np.array_equal(first.weight, again.weight)  # dropout was off
