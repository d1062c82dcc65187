"""What every classifier of the table must do, and what each is worth on gaits whose truth is known."""

import copy
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from equigait.pipeline.datasets.dataset_split import DatasetSplit, split_windows
from equigait.pipeline.evaluation.classifiers.classifier import CannotPredictError, ClassifierOutput
from equigait.pipeline.evaluation.classifiers.table import CLASSIFIERS, Setup
from equigait.pipeline.evaluation.settings import BaselineName, ClassifierName, FewShotBaseline
from equigait.pipeline.probing.student_probe import fit_parts, joined_by
from equigait.pipeline.students.table import build_student
from rides import GAITS, ride_recipe
from synthetic_corpus import synthetic_corpus

RECIPE = ride_recipe(
    "evaluate.fine_tune={steps: 12, batch: 24, learning_rate: 0.003, check_every: 6}",
    "evaluate.minirocket.features=336",
)


def parts_of() -> DatasetSplit:
    sides = {"train": ["h00", "h01", "h02", "h03", "h04"], "validation": ["h05"], "test": ["h06"]}
    return split_windows(synthetic_corpus(horses=7, windows=24), classes=GAITS, **sides)


def setup_of(parts: DatasetSplit) -> Setup:
    student = build_student(RECIPE.student, channels=12, steps=250, seed=0)
    student.fit_standardisation(parts.train.imu)
    return Setup(parts.train, RECIPE, student)


def output_of(name: str, parts: DatasetSplit) -> ClassifierOutput:
    return CLASSIFIERS[name](setup_of(parts)).fit_predict(parts, settings=RECIPE)


def test_the_settings_know_every_classifier_of_the_table() -> None:
    assert {*get_args(BaselineName), *get_args(ClassifierName), "linear-probe"} == set(CLASSIFIERS)
    assert set(get_args(FewShotBaseline)) <= set(CLASSIFIERS)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_test_window_is_predicted_without_its_label_and_the_student_left_alone(name: str) -> None:
    parts = parts_of()
    setup = setup_of(parts)
    before = copy.deepcopy(setup.student.state_dict())
    output = CLASSIFIERS[name](setup).fit_predict(parts, settings=RECIPE)
    assert output.rows.tolist() == list(range(len(parts.test)))
    assert output.probability.shape == (len(parts.test), 3)
    assert output.probability.sum(axis=1) == pytest.approx(1.0)
    assert output.note
    blind = replace(parts, test=replace(parts.test, label=np.zeros_like(parts.test.label)))
    assert np.array_equal(CLASSIFIERS[name](setup).fit_predict(blind, settings=RECIPE).probability, output.probability)
    assert all(torch.equal(before[key], value) for key, value in setup.student.state_dict().items())


@pytest.mark.parametrize("name", get_args(BaselineName))
def test_a_baseline_does_without_a_pretrained_student_and_the_others_do_not(name: str) -> None:
    assert CLASSIFIERS[name](replace(setup_of(parts_of()), pretrained=None))
    for needs_student in ("linear-probe", *get_args(ClassifierName)):
        with pytest.raises(ValueError, match="needs a pretrained student"):
            CLASSIFIERS[needs_student](replace(setup_of(parts_of()), pretrained=None))


@pytest.mark.parametrize("name", ["spectral", "minirocket", "supervised", "teacher"])
def test_gaits_that_lie_apart_are_told_apart(name: str) -> None:
    parts = parts_of()
    output = output_of(name, parts)
    assert (output.probability.argmax(axis=1) == parts.test.label).mean() > 0.9


def test_labels_that_mean_nothing_teach_no_classifier_anything() -> None:
    """Shuffled training labels: a classifier that still scored well on the test would have seen it."""
    parts = parts_of()
    rng = np.random.default_rng(0)
    shuffled = replace(
        parts,
        train=replace(parts.train, label=rng.permutation(parts.train.label)),
        validation=replace(parts.validation, label=rng.permutation(parts.validation.label)),
    )
    for name in ("random-init", "spectral", "teacher"):
        output = output_of(name, shuffled)
        assert (output.probability.argmax(axis=1) == parts.test.label).mean() < 0.75, name


def test_the_teacher_predicts_where_there_is_film_and_says_so() -> None:
    parts = parts_of()
    has_film = parts.test.has_film.clone()
    has_film[:4] = False
    film = torch.where(has_film[:, None], parts.test.film, torch.nan)
    output = output_of("teacher", replace(parts, test=replace(parts.test, film=film, has_film=has_film)))
    assert output.rows.tolist() == list(range(4, len(parts.test)))
    assert f"{len(parts.test) - 4} of {len(parts.test)} windows" in output.note


def test_the_teacher_cannot_predict_without_film() -> None:
    parts = parts_of()
    blind = replace(parts.test, has_film=torch.zeros(len(parts.test), dtype=torch.bool))
    with pytest.raises(CannotPredictError, match="no film"):
        output_of("teacher", replace(parts, test=blind))


def test_the_teacher_cannot_predict_where_a_gait_was_never_filmed() -> None:
    parts = parts_of()
    filmed = torch.from_numpy(parts.train.label != parts.train.classes.index("canter"))
    with pytest.raises(CannotPredictError, match="no film of the training horses' canter"):
        output_of("teacher", replace(parts, train=replace(parts.train, has_film=filmed)))


def test_a_probe_leaves_every_parameter_buffer_and_the_mode_of_the_student_as_they_were() -> None:
    parts, recipe = parts_of(), ride_recipe("student.dropout=0.3")
    student = build_student(recipe.student, channels=12, steps=250, seed=0)
    student.fit_standardisation(parts.train.imu)
    student.train()
    before = {name: value.clone() for name, value in student.state_dict().items()}
    first, again = (
        fit_parts(joined_by(student, settings=recipe), parts=parts, settings=recipe, fill_value=student.mean)
        for _ in range(2)
    )
    assert all(torch.equal(before[name], value) for name, value in student.state_dict().items())
    assert all(parameter.grad is None for parameter in student.parameters())
    assert student.training
    assert np.array_equal(first.weight, again.weight)  # dropout was off
