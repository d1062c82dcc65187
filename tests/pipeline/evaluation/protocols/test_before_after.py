"""Scores before and after, horse by horse, on windows whose right answers are known."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.pipeline.datasets.dataset_split import windows_of_classes
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.evaluation.protocols.before_after import score_changes
from equigait.pipeline.probing.linear import LinearClassifier
from rides import GAITS, ride_cache, ride_recipe


def one_hot(windows: WindowDataset) -> np.ndarray:
    """Features that give the truth away, but for h6's trot, which is like its walk."""
    seen = np.where((np.array(windows.horse) == "h6") & (windows.label == 1), 0, windows.label)
    return np.eye(3, dtype=np.float32)[seen]


RIGHT = LinearClassifier(
    GAITS, np.eye(3, dtype=np.float32), np.zeros(3, np.float32), 1.0, temperature=1.0, horses=("h0", "h1")
)
ALWAYS_WALK = replace(RIGHT, weight=np.zeros((3, 3), np.float32), bias=np.array([1, 0, 0], np.float32))


@pytest.fixture(scope="module")
def windows() -> WindowDataset:
    all_windows = load_windows(ride_cache(), settings=ride_recipe())
    return windows_of_classes(all_windows, classes=GAITS, horses=("h1", "h5", "h6"))


def test_each_horse_is_scored_by_both_classifiers(windows: WindowDataset) -> None:
    h5, h6 = score_changes(ALWAYS_WALK, after=RIGHT, test=windows, by=one_hot)
    assert (h5.horse, h6.horse, h5.n_windows) == ("h5", "h6", 21)
    assert h5.before == pytest.approx((2 * 7 / (2 * 7 + 14) + 0 + 0) / 3)  # F1 of walk: 7 hits, 14 false; others 0
    assert h5.after == 1.0
    assert h6.after == pytest.approx((2 * 7 / (2 * 7 + 7) + 0 + 1) / 3)
    assert str(h5) == "h5: 0.167 to 1.000 (+0.833), 21 windows"


def test_a_horse_that_either_has_learned_from_is_not_scored(windows: WindowDataset) -> None:
    found = score_changes(replace(RIGHT, horses=("h5",)), after=RIGHT, test=windows, by=one_hot)
    assert [change.horse for change in found] == ["h6"]
    everyone = replace(RIGHT, horses=("h1", "h5", "h6"))
    assert score_changes(RIGHT, after=everyone, test=windows, by=one_hot) == ()
