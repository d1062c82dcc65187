"""Nearest neighbours by hand, and the k that held-out horses select."""

import math
from typing import Any

import numpy as np
import pytest
from equigait.pipeline.evaluation.classifiers.knn import fit_knn
from equigait.pipeline.evaluation.settings import KnnSettings
from equigait.pipeline.probing.linear import LabelledFeatures


def known(angles: list[float], label: list[int], horse: str = "aabbcc") -> LabelledFeatures:
    """Points at these angles in degrees, of any length: the cosine does not see it."""
    turned = np.radians(angles)
    points = np.stack([np.cos(turned), np.sin(turned)], axis=1) * np.arange(1, len(angles) + 1)[:, None]
    return LabelledFeatures(points.astype(np.float32), np.array(label), tuple(horse[: len(label)]))


def fitted(points: LabelledFeatures, *, k: int, temperature: float = 0.07) -> Any:
    return fit_knn(points, settings=KnnSettings(neighbours=(k,), temperature=temperature), folds=2)


def test_votes_are_weighted_by_the_exponential_of_the_cosine() -> None:
    model = fitted(known([0, 60, 90], [0, 1, 1], "aaa"), k=2, temperature=0.5)
    (found,) = model.predict_proba(np.array([[5.0, 0.0]], np.float32))
    near, far = math.exp(1 / 0.5), math.exp(0.5 / 0.5)
    assert found == pytest.approx([near / (near + far), far / (near + far)], rel=1e-5)


def test_only_k_vote_and_all_where_fewer_are_known() -> None:
    points = known([0, 10, 20, 30], [0, 1, 1, 1], "aaaa")
    query = np.array([[1.0, 0.0]], np.float32)
    assert fitted(points, k=1).predict_proba(query).tolist() == [[1.0, 0.0]]
    assert fitted(points, k=99, temperature=10.0).predict_proba(query)[0, 1] == pytest.approx(0.75, abs=0.01)


def test_however_small_the_temperature_the_nearest_still_votes() -> None:
    model = fitted(known([0, 90], [0, 1], "aa"), k=2, temperature=1e-4)
    assert model.predict_proba(np.array([[-1.0, 0.1]], np.float32)).tolist() == [[0.0, 1.0]]


def test_a_row_of_zeros_gets_finite_probabilities() -> None:
    found = fitted(known([0, 90], [0, 1], "aa"), k=2).predict_proba(np.zeros((1, 2), np.float32))
    assert found.tolist() == [[0.5, 0.5]]


def test_held_out_horses_select_k() -> None:
    """Each horse has one mislabelled window where the other class lies: one neighbour errs there, five do not."""
    rng = np.random.default_rng(0)
    label = np.tile([0] * 10 + [1] * 10, 4)
    angle = np.where(label == 0, 0.0, 60.0) + rng.normal(0, 12, 80)
    label[::20] = 1
    label[10::20] = 0
    points = known(angle.tolist(), label.tolist(), "".join(np.repeat(list("abcd"), 20)))
    settings = KnnSettings(neighbours=(1, 9))
    assert fit_knn(points, settings=settings, folds=4).n_neighbors == 9
    given = KnnSettings(neighbours=(3,))
    assert fit_knn(points, settings=given, folds=4).n_neighbors == 3


def test_one_horse_alone_cannot_choose() -> None:
    points = known([0, 10, 80, 90], [0, 0, 1, 1], "aaaa")
    settings = KnnSettings(neighbours=(4, 1, 2))
    assert fit_knn(points, settings=settings, folds=5).n_neighbors == 2
