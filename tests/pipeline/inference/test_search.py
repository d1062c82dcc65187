"""What is most like a query: cosines written out, the window about a time, neighbouring hits as one moment."""

from dataclasses import replace

import numpy as np
import torch
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.inference.search import cosines, find_moments, window_at
from synthetic_corpus import synthetic_corpus


def archive(recordings: str, starts: list[float]) -> WindowDataset:
    """Windows of these recordings at these film times, whatever else they hold."""
    part = synthetic_corpus(horses=1, windows=len(starts))
    return replace(part, recording=tuple(recordings), start_seconds=torch.tensor(starts, dtype=torch.float64))


def test_neighbouring_hits_are_one_moment() -> None:
    windows = archive("aaaabb", [0.0, 4.0, 8.0, 30.0, 4.0, 20.0])
    scores = np.array([0.9, 0.2, 0.7, 0.1, 0.8, 0.5])
    found = find_moments(windows, scores=scores, lasts=5.0, count=4)
    spans = [(each.rank, each.recording, each.start_s, each.stop_s, each.best_s, each.score) for each in found]
    assert spans == [
        (1, "a", 0.0, 13.0, 0.0, 0.9),  # the window at 4 s joins those at 0 and 8
        (2, "b", 4.0, 9.0, 4.0, 0.8),
        (3, "b", 20.0, 25.0, 20.0, 0.5),
        (4, "a", 30.0, 35.0, 30.0, 0.1),
    ]
    assert [each.best_s for each in find_moments(windows, scores=scores, lasts=5.0, count=2)] == [0.0, 4.0]
    left = np.array([True, False, False, False, False, False])
    assert find_moments(windows, scores=scores, lasts=5.0, count=1, left_out=left)[0].recording == "b"


def test_the_window_about_a_time_is_the_one_whose_middle_is_nearest() -> None:
    windows = archive("aab", [0.0, 2.0, 2.0])
    assert window_at(windows, recording="a", seconds=3.0, lasts=5.0) == 0
    assert window_at(windows, recording="a", seconds=4.0, lasts=5.0) == 1
    assert window_at(windows, recording="a", seconds=7.0, lasts=5.0) is None


def test_standardised_features_are_deviations_from_the_archives_mean() -> None:
    features = np.array([[5.0, 100.0], [7.0, 100.0], [9.0, 130.0]], np.float32)
    mean, deviation = features.mean(0), features.std(0)
    unit = (features - mean) / deviation
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    np.testing.assert_allclose(cosines(features, features[2], standardise=True), unit @ unit[2], atol=1e-6)
    assert cosines(np.ones((3, 2), np.float32), np.ones(2, np.float32), standardise=True).tolist() == [0.0, 0.0, 0.0]
