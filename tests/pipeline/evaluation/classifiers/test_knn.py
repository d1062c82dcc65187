"""Nearest neighbours by hand, and the k that left-out horses like best."""

import math

import numpy as np
import pytest
from equigait.pipeline.evaluation.classifiers.knn import Neighbours, fit_neighbours
from equigait.pipeline.evaluation.settings import NeighbourSettings
from equigait.pipeline.probing.linear import LabelledFeatures


def known(angles: list[float], label: list[int], horse: str = "aabbcc") -> LabelledFeatures:
    """Points at these angles in degrees, of any length: the cosine does not see it."""
    turned = np.radians(angles)
    points = np.stack([np.cos(turned), np.sin(turned)], axis=1) * np.arange(1, len(angles) + 1)[:, None]
    return LabelledFeatures(points.astype(np.float32), np.array(label), tuple(horse[: len(label)]))


def test_votes_are_weighted_by_the_exponential_of_the_cosine() -> None:
    judge = Neighbours(known([0, 60, 90], [0, 1, 1]), classes=2, neighbours=2, temperature=0.5)
    (told,) = judge.probabilities(np.array([[5.0, 0.0]], np.float32))
    near, far = math.exp(1 / 0.5), math.exp(0.5 / 0.5)
    assert told == pytest.approx([near / (near + far), far / (near + far)], rel=1e-5)


def test_only_k_vote_and_all_where_fewer_are_known() -> None:
    points = known([0, 10, 20, 30], [0, 1, 1, 1])
    query = np.array([[1.0, 0.0]], np.float32)
    assert Neighbours(points, 2, 1, 0.07).probabilities(query).tolist() == [[1.0, 0.0]]
    assert Neighbours(points, 2, 99, 10.0).probabilities(query)[0, 1] == pytest.approx(0.75, abs=0.01)


def test_a_row_of_zeros_is_told_something_finite() -> None:
    told = Neighbours(known([0, 90], [0, 1]), 2, 2, 0.07).probabilities(np.zeros((1, 2), np.float32))
    assert told.tolist() == [[0.5, 0.5]]


def test_left_out_horses_choose_k() -> None:
    """Each horse has one mislabelled window where the other class lies: one neighbour errs there, five do not."""
    rng = np.random.default_rng(0)
    label = np.tile([0] * 10 + [1] * 10, 4)
    angle = np.where(label == 0, 0.0, 60.0) + rng.normal(0, 12, 80)
    label[::20] = 1
    label[10::20] = 0
    points = known(angle.tolist(), label.tolist(), "".join(np.repeat(list("abcd"), 20)))
    settings = NeighbourSettings(neighbours=(1, 9))
    assert fit_neighbours(points, classes=2, settings=settings, folds=4).neighbours == 9
    given = NeighbourSettings(neighbours=(3,))
    assert fit_neighbours(points, classes=2, settings=given, folds=4).neighbours == 3


def test_one_horse_alone_cannot_choose() -> None:
    points = known([0, 10, 80, 90], [0, 0, 1, 1], "aaaa")
    settings = NeighbourSettings(neighbours=(4, 1, 2))
    assert fit_neighbours(points, classes=2, settings=settings, folds=5).neighbours == 2
