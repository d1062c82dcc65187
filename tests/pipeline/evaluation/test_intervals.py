"""Intervals against closed forms, and against the coverage that they promise."""

import numpy as np
import pytest
from equigait.pipeline.evaluation import intervals, metrics


def test_wilson_equals_the_published_formula() -> None:
    """81 of 263 at 95 %: Newcombe 1998 (Stat. Med. 17: 857-872, table I, method 3) gives .2553 to .3662."""
    low, high = intervals.wilson_interval(81 / 263, trials=263)
    assert (low, high) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_wilson_has_width_where_every_trial_succeeded() -> None:
    low, high = intervals.wilson_interval(1.0, trials=20)
    z = 1.959964
    assert (low, high) == pytest.approx((1 / (1 + z * z / 20), 1.0), abs=1e-6)


def test_blocks_end_with_the_label_with_the_recording_and_at_the_longest() -> None:
    label = np.array([0, 0, 0, 0, 1, 1, 1, 0])
    recording = ["a", "a", "a", "a", "a", "a", "b", "b"]
    assert intervals.blocks_of(label, recording=recording, longest=3).tolist() == [0, 0, 0, 1, 2, 2, 3, 4]


def test_grouped_confusions_add_up_to_the_confusion_of_all() -> None:
    rng = np.random.default_rng(0)
    group, truth, predicted = np.arange(60) // 7, rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    grouped = intervals.grouped_confusions(group, truth=truth, predicted=predicted, classes=3)
    assert grouped.shape == (9, 3, 3)
    whole = metrics.confusion_matrix(truth, predicted=predicted, classes=3)
    assert np.array_equal(grouped.sum(axis=0), whole)
    first = metrics.confusion_matrix(truth[:7], predicted=predicted[:7], classes=3)
    assert np.array_equal(grouped[0], first)


def simulated_horses(rng: np.random.Generator, *, horses: int, windows: int) -> np.ndarray:
    """Confusion matrices of horses that differ: each is told right at its own rate, 0.8 in the mean."""
    rate = rng.beta(16, 4, size=horses)
    right = rng.binomial(windows, rate)
    return np.stack([np.array([[hit, windows - hit], [0, 0]]) for hit in right])


def coverage(*, by_horse: bool) -> float:
    """How often a 90 % interval from 20 horses holds the mean rate over all horses."""
    rng = np.random.default_rng(5)
    held = 0
    for trial in range(150):
        confusions = simulated_horses(rng, horses=20, windows=50)
        if not by_horse:
            hits, misses = confusions[:, 0].sum(axis=0)
            one_right, one_wrong = np.array([[1, 0], [0, 0]]), np.array([[0, 1], [0, 0]])
            confusions = np.stack([one_right] * int(hits) + [one_wrong] * int(misses))
        low, high = intervals.bootstrap_interval(
            confusions,
            score=metrics.accuracy,
            strata=np.zeros(len(confusions), dtype=np.int64),
            resamples=200,
            confidence=0.9,
            seed=trial,
        )
        held += low <= 0.8 <= high
    return held / 150


def test_resampling_horses_covers_the_truth_and_resampling_windows_does_not() -> None:
    assert coverage(by_horse=True) >= 0.82
    assert coverage(by_horse=False) <= 0.75


def test_strata_keep_their_number_of_groups() -> None:
    """Two horses, one always right, one always wrong: within-horse resampling cannot move the share."""
    confusions = np.stack([np.diag([4, 0])] * 3 + [np.array([[0, 4], [0, 0]])] * 3)
    bounds = {"score": metrics.accuracy, "resamples": 200, "confidence": 0.95, "seed": 1}
    assert intervals.bootstrap_interval(confusions, strata=np.repeat([0, 1], 3), **bounds) == (0.5, 0.5)
    low, high = intervals.bootstrap_interval(confusions, strata=np.zeros(6, dtype=np.int64), **bounds)
    assert low < 0.5 < high


def test_the_same_seed_gives_the_same_interval() -> None:
    confusions = simulated_horses(np.random.default_rng(1), horses=6, windows=30)
    bounds = {"score": metrics.macro_f1, "strata": np.zeros(6, dtype=np.int64), "resamples": 300, "confidence": 0.95}
    first = intervals.bootstrap_interval(confusions, seed=7, **bounds)
    assert first == intervals.bootstrap_interval(confusions, seed=7, **bounds)
    assert first != intervals.bootstrap_interval(confusions, seed=8, **bounds)


def test_the_interval_of_a_mean_is_students() -> None:
    """Mean 2, SD 1, n = 3: t(0.975, 2) = 4.302653, half width 4.302653 / sqrt(3)."""
    low, high = intervals.mean_interval((1.0, 2.0, 3.0), confidence=0.95)
    assert (low, high) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5), abs=1e-5)
    assert intervals.mean_interval((0.7,), confidence=0.95) == (0.7, 0.7)
