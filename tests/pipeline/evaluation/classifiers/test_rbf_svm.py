"""The Gaussian kernel: its scores against the formula, a boundary that no straight line draws, horses that choose."""

from itertools import product

import numpy as np
import pytest
from equigait.pipeline.evaluation.classifiers.rbf_svm import FittedSvm, _thinned, fit_rbf_svm
from equigait.pipeline.evaluation.settings import RbfSvmSettings
from equigait.pipeline.probing.linear import LabelledFeatures


def rings(*, horses: str = "abcd", windows: int = 30, seed: int = 0) -> LabelledFeatures:
    """Class 0 inside, class 1 around it, of each horse alike; the second feature is a hundred times as large."""
    rng = np.random.default_rng(seed)
    count = len(horses) * windows
    label = np.arange(count) % 2
    angle, radius = rng.uniform(0, 2 * np.pi, count), np.where(label, 3.0, 1.0) + rng.normal(0, 0.2, count)
    points = np.stack([radius * np.cos(angle), 100 * radius * np.sin(angle), np.full(count, 7.0)], axis=1)
    return LabelledFeatures(points.astype(np.float32), label, tuple(np.repeat(list(horses), windows)))


def chosen(fitted: FittedSvm) -> tuple[float, float]:
    """C, and gamma times the three features."""
    machine = fitted.pipeline[-1]
    return machine.C, pytest.approx(3 * machine.gamma)


def test_a_ring_is_separated_from_its_inside_on_features_of_any_scale() -> None:
    fitted = fit_rbf_svm(rings(), classes=2, settings=RbfSvmSettings(), folds=4)
    unseen = rings(horses="z", seed=9)
    found = fitted.probabilities(unseen.features)
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert (found.argmax(axis=1) == unseen.label).mean() > 0.95


def test_its_scores_are_those_of_the_formula() -> None:
    """Of two classes: sum_i y_i alpha_i exp(-gamma |x - x_i|^2) + b on standardised features."""
    train, unseen = rings(), rings(horses="z", seed=1)
    settings = RbfSvmSettings(inverse_penalties=(1.0,), widths=(0.9,))
    fitted = fit_rbf_svm(train, classes=2, settings=settings, folds=4)
    features, machine = train.features.astype(np.float64), fitted.pipeline[-1]
    mean, scale = features.mean(axis=0), np.where(features.std(axis=0) > 1e-6, features.std(axis=0), np.inf)
    x, support = (unseen.features - mean) / scale, machine.support_vectors_
    kernel = np.exp(-0.9 / 3 * ((x[:, None] - support[None]) ** 2).sum(axis=2))
    decided = kernel @ machine.dual_coef_[0] + machine.intercept_[0]
    scores = fitted.scores(unseen.features)
    assert scores[:, 1] - scores[:, 0] == pytest.approx(decided, abs=1e-6)


def test_of_three_classes_the_largest_score_is_the_vote_of_the_pairs() -> None:
    rng = np.random.default_rng(0)
    label = np.arange(90) % 3
    points = np.eye(3)[label] * 4 + rng.normal(0, 1, (90, 3))
    train = LabelledFeatures(points.astype(np.float32), label, tuple("abc"[row // 30] for row in range(90)))
    fitted = fit_rbf_svm(train, classes=3, settings=RbfSvmSettings(), folds=3)
    fitted.pipeline[-1].break_ties = True
    assert np.array_equal(
        fitted.probabilities(train.features).argmax(axis=1), fitted.pipeline.predict(train.features.astype(np.float64))
    )
    assert fitted.temperature > 0


def test_left_out_horses_choose_the_width_and_the_smoothest_of_equals() -> None:
    """So narrow that every window stands alone (gamma 1e6) knows nothing of another horse."""
    settings = RbfSvmSettings(inverse_penalties=(1.0,), widths=(1e6, 1.0))
    assert chosen(fit_rbf_svm(rings(), classes=2, settings=settings, folds=4)) == (1.0, 1.0)
    alike = RbfSvmSettings(inverse_penalties=(10.0, 1.0), widths=(1.0,))
    assert chosen(fit_rbf_svm(rings(), classes=2, settings=alike, folds=4)) == (1.0, 1.0)


def test_one_horse_alone_takes_the_middle_and_no_temperature() -> None:
    candidates = sorted(product((0.1, 1.0, 10.0, 100.0), (0.1, 0.3, 1.0, 3.0)))
    fitted = fit_rbf_svm(rings(horses="a"), classes=2, settings=RbfSvmSettings(), folds=4)
    assert chosen(fitted) == candidates[8]
    assert fitted.temperature == 1.0


def test_many_windows_are_thinned_evenly_from_first_to_last() -> None:
    few = _thinned(rings(windows=25), most=10)
    assert len(few.label) == 10
    assert set(few.horse) == set("abcd")
    assert np.array_equal(few.features[[0, -1]], rings(windows=25).features[[0, -1]])
    assert len(_thinned(rings(), most=10_000).label) == 120


@pytest.mark.parametrize("horses", ["a", "ab"])
def test_a_class_that_nobody_showed_is_never_found_and_the_others_keep_their_names(horses: str) -> None:
    """Of classes 0, 1 and 2 the middle one is missing."""
    train = rings(horses=horses)
    train = LabelledFeatures(train.features, 2 * train.label, train.horse)
    fitted = fit_rbf_svm(train, classes=3, settings=RbfSvmSettings(), folds=2)
    unseen = rings(horses="z", seed=9)
    found = fitted.probabilities(unseen.features)
    assert found.shape == (len(unseen.label), 3)
    assert (found.argmax(axis=1) == 2 * unseen.label).mean() > 0.95
    assert bool((found[:, 1] < found[:, [0, 2]].min(axis=1)).all())


def test_a_class_that_thinning_would_lose_keeps_a_window() -> None:
    train = rings(windows=50)
    label = np.zeros_like(train.label)
    label[7], label[90:110] = 2, 1
    rare = LabelledFeatures(train.features, label, train.horse)
    assert set(_thinned(rare, most=10).label) == {0, 1, 2}
    settings = RbfSvmSettings(tuning_windows=20)
    assert fit_rbf_svm(rare, classes=3, settings=settings, folds=2).scores(train.features).shape == (200, 3)
