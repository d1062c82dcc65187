"""Scores against the formulas written out by hand."""

import numpy as np
import pytest
from equigait.pipeline.evaluation import metrics

CONFUSION = np.array([[8, 2, 0], [1, 6, 3], [0, 0, 5]])
"""25 windows: recalls 8/10, 6/10, 5/5; precisions 8/9, 6/8, 5/8."""


def test_confusion_has_the_truth_in_rows() -> None:
    truth, predicted = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0])
    confusion = metrics.confusion_matrix(truth, predicted=predicted, classes=3)
    assert confusion.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_accuracy_recall_and_f1_equal_the_formulas() -> None:
    assert float(metrics.accuracy(CONFUSION)) == pytest.approx(19 / 25)
    assert metrics.recalls(CONFUSION) == pytest.approx([0.8, 0.6, 1.0])
    assert float(metrics.balanced_accuracy(CONFUSION)) == pytest.approx(0.8)
    precision, recall = np.array([8 / 9, 6 / 8, 5 / 8]), np.array([0.8, 0.6, 1.0])
    f1 = 2 * precision * recall / (precision + recall)
    assert metrics.f1_scores(CONFUSION) == pytest.approx(f1)
    assert float(metrics.macro_f1(CONFUSION)) == pytest.approx(f1.mean())


def test_a_class_that_neither_occurs_nor_is_predicted_does_not_count() -> None:
    confusion = np.array([[3, 1, 0], [0, 4, 0], [0, 0, 0]])
    assert float(metrics.macro_f1(confusion)) == pytest.approx((6 / 7 + 8 / 9) / 2)
    assert float(metrics.balanced_accuracy(confusion)) == pytest.approx((0.75 + 1.0) / 2)


def test_a_class_that_is_only_predicted_wrongly_counts_as_zero() -> None:
    confusion = np.array([[3, 0, 1], [0, 4, 0], [0, 0, 0]])
    assert float(metrics.macro_f1(confusion)) == pytest.approx((6 / 7 + 1.0 + 0.0) / 3)


def test_a_stack_of_matrices_is_scored_one_by_one() -> None:
    stack = np.stack([CONFUSION, np.eye(3, dtype=int), np.zeros((3, 3), dtype=int)])
    for score in (metrics.accuracy, metrics.macro_f1, metrics.balanced_accuracy):
        scores = score(stack)
        assert scores[0] == pytest.approx(float(score(CONFUSION)))
        assert scores[1] == 1.0
        assert np.isnan(scores[2])


def test_calibration_error_is_the_weighted_gap_of_its_bins() -> None:
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    right = np.array([1, 1, 1, 0, 1, 0])
    probability = np.stack([confidence, 1 - confidence], axis=1)
    by_hand = 4 / 6 * abs(3 / 4 - 0.95) + 2 / 6 * abs(1 / 2 - 0.55)
    assert metrics.calibration_error(probability, truth=1 - right, bins=15) == pytest.approx(by_hand)


def test_confidence_on_the_edge_of_a_bin_belongs_to_the_lower_one() -> None:
    probability = np.array([[0.5, 0.5], [0.4, 0.6]])
    truth = np.array([0, 0])
    assert metrics.calibration_error(probability, truth=truth, bins=2) == pytest.approx(0.5 * 0.5 + 0.5 * 0.6)


def test_sure_and_right_is_perfectly_calibrated_and_sure_and_wrong_is_not() -> None:
    sure = np.eye(3)
    assert metrics.calibration_error(sure, truth=np.array([0, 1, 2])) == 0.0
    assert metrics.calibration_error(sure, truth=np.array([1, 2, 0])) == 1.0


def test_reliability_gives_confidence_accuracy_and_windows_of_each_bin_that_holds_any() -> None:
    probability = np.array([[0.95, 0.05], [0.05, 0.95], [0.45, 0.55]])
    bins = metrics.reliability(probability, truth=np.array([0, 0, 1]))
    assert bins == (pytest.approx((0.55, 1.0, 1)), pytest.approx((0.95, 0.5, 2)))


def test_chance_is_what_guesses_score_in_a_long_simulation() -> None:
    rng = np.random.default_rng(3)
    truth = rng.choice(3, p=[0.6, 0.3, 0.1], size=200_000)
    chance = metrics.chance_levels(truth, classes=3)
    uniform = metrics.confusion_matrix(truth, predicted=rng.integers(0, 3, truth.size), classes=3)
    majority = metrics.confusion_matrix(truth, predicted=np.zeros_like(truth), classes=3)
    for name, confusion in (("uniform", uniform), ("majority", majority)):
        assert chance[name]["accuracy"] == pytest.approx(float(metrics.accuracy(confusion)), abs=0.005)
        assert chance[name]["macro_f1"] == pytest.approx(float(metrics.macro_f1(confusion)), abs=0.005)
        assert chance[name]["balanced_accuracy"] == pytest.approx(1 / 3, abs=0.005)
