"""What every judge of a pretrained student must do."""

import copy
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from equigait.pipeline.datasets.dataset_split import DatasetSplit, split_windows
from equigait.pipeline.evaluation.classifiers.pretrained import JUDGES
from equigait.pipeline.evaluation.settings import JudgeName
from equigait.pipeline.students.student import Student
from equigait.pipeline.students.table import build_student
from rides import GAITS, ride_recipe
from synthetic_corpus import synthetic_corpus

RECIPE = ride_recipe("evaluate.fine_tune={steps: 12, batch: 24, learning_rate: 0.003, check_every: 6}")


def parts_of() -> DatasetSplit:
    sides = {"train": ["h00", "h01", "h02"], "validation": ["h03"], "test": ["h04"]}
    return split_windows(synthetic_corpus(horses=5, windows=24), classes=GAITS, **sides)


def student_of(parts: DatasetSplit) -> Student:
    student = build_student(RECIPE.student, channels=12, steps=250, seed=0)
    student.fit_standardisation(parts.train.imu)
    return student


def test_the_recipe_knows_every_judge_of_the_table() -> None:
    assert set(get_args(JudgeName)) == set(JUDGES)


@pytest.mark.parametrize("name", JUDGES)
def test_a_judge_tells_every_test_window_without_its_label_and_leaves_the_student_alone(name: str) -> None:
    parts = parts_of()
    student = student_of(parts)
    before = copy.deepcopy(student.state_dict())
    answer = JUDGES[name](parts, student=student, recipe=RECIPE)
    assert answer.rows.tolist() == list(range(len(parts.test)))
    assert answer.probability.sum(axis=1) == pytest.approx(1.0)
    assert (answer.probability.argmax(axis=1) == parts.test.label).mean() > 0.6
    assert answer.note
    blind = replace(parts, test=replace(parts.test, label=np.zeros_like(parts.test.label)))
    assert np.array_equal(JUDGES[name](blind, student=student, recipe=RECIPE).probability, answer.probability)
    assert all(torch.equal(before[key], value) for key, value in student.state_dict().items())
