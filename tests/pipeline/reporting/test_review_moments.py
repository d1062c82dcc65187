"""Moments worth a person's time: expected seconds of error, written out by hand."""

import numpy as np
import pytest
from equigait.data.recording import Bout
from equigait.pipeline.inference.bouts import PredictedBout
from equigait.pipeline.inference.prediction import RecordingPrediction
from equigait.pipeline.inference.timeline import Timeline
from equigait.pipeline.reporting.review_moments import film_bouts, find_moments

START = np.arange(4) * 5.0


def predicted(*rows: tuple[float, float], labels: tuple[str, ...]) -> RecordingPrediction:
    """Four windows of 5 s side by side, with the probabilities of walk and trot; one bout each."""
    timeline = Timeline(
        "mare", "h6", ("walk", "trot"), START, START + 5.0, np.ones(4, bool), np.array(rows), np.zeros(4)
    )
    bouts = tuple(PredictedBout(5.0 * k, 5.0 * k + 5.0, name, 1.0) for k, name in enumerate(labels) if name)
    return RecordingPrediction(timeline, bouts)


def test_where_nothing_is_labelled_the_least_sure_stretch_comes_first() -> None:
    rows = ((0.9, 0.1), (0.7, 0.3), (0.45, 0.55), (0.95, 0.05))
    found = find_moments(predicted(*rows, labels=("walk", "walk", "trot", "walk")), labels=())
    assert [(m.start_seconds, m.stop_seconds, m.reason, m.predicted) for m in found] == [
        (10.0, 15.0, "unsure", "trot"),
        (5.0, 10.0, "unsure", "walk"),
    ]
    assert [m.wrong_seconds for m in found] == pytest.approx([5 * 0.45, 5 * 0.3])


def test_a_label_that_the_prediction_contradicts_comes_before_all() -> None:
    rows = ((0.9, 0.1), (0.1, 0.9), (0.4, 0.6), (0.9, 0.1))
    labels = (Bout(0.0, 8.0, "walk"),)
    found = find_moments(predicted(*rows, labels=("walk", "trot", "trot", "walk")), labels=labels)
    assert [(m.start_seconds, m.stop_seconds, m.reason) for m in found] == [
        (5.0, 8.0, "label and prediction differ"),
        (10.0, 15.0, "unsure"),
    ]
    assert found[0].wrong_seconds == pytest.approx(3 * 0.9)
    assert (found[0].label, found[0].predicted) == ("walk", "trot")


def test_what_is_unknown_counts_as_wrong_until_somebody_labels_it() -> None:
    rows = ((0.9, 0.1),) * 4
    prediction = predicted(*rows, labels=("walk", "unknown", "walk", "walk"))
    (found,) = find_moments(prediction, labels=())
    assert (found.start_seconds, found.wrong_seconds) == (5.0, 5.0)
    assert found.reason == "unlike all that was learned"
    assert find_moments(prediction, labels=(Bout(5.0, 10.0, "walk"),)) == ()


def test_a_label_that_agrees_and_one_that_the_probe_does_not_know_are_left_alone() -> None:
    rows = ((0.7, 0.3), (0.7, 0.3), (0.9, 0.1), (0.9, 0.1))
    prediction = predicted(*rows, labels=("walk",) * 4)
    assert find_moments(prediction, labels=(Bout(0.0, 5.0, "walk"), Bout(5.0, 10.0, "stand"))) == ()


def test_neighbouring_stretches_of_one_kind_are_one_and_holes_part_them() -> None:
    rows = ((0.6, 0.4), (0.7, 0.3), (0.9, 0.1), (0.6, 0.4))
    found = find_moments(predicted(*rows, labels=("walk", "walk", "", "walk")), labels=())
    assert sorted((m.start_seconds, m.stop_seconds) for m in found) == [(0.0, 10.0), (15.0, 20.0)]
    assert found[0].wrong_seconds == pytest.approx(5 * 0.4 + 5 * 0.3)


def test_a_recording_without_a_valid_window_has_no_moments() -> None:
    nothing = np.full((4, 2), np.nan)
    timeline = Timeline(
        "mare", "h6", ("walk", "trot"), START, START + 5.0, np.zeros(4, bool), nothing, np.full(4, np.nan)
    )
    assert find_moments(RecordingPrediction(timeline, ()), labels=(Bout(0.0, 5.0, "walk"),)) == ()


def by_film(*rows: tuple[float, float]) -> Timeline:
    """What the film shows of the same four windows."""
    return Timeline("mare", "h6", ("walk", "trot"), START, START + 5.0, np.ones(4, bool), np.array(rows), np.zeros(4))


def test_a_film_that_is_sure_of_another_gait_halves_the_probability_of_what_is_shown() -> None:
    prediction = predicted(*((0.9, 0.1),) * 4, labels=("walk",) * 4)
    film = by_film((0.05, 0.95), (0.3, 0.7), (0.95, 0.05), (0.1, 0.9))
    assert film_bouts(film) == [(0.0, 5.0, "trot"), (10.0, 15.0, "walk"), (15.0, 20.0, "trot")]
    found = find_moments(prediction, labels=(), by_film=film)
    assert [(m.start_seconds, m.stop_seconds, m.reason, m.predicted, m.film) for m in found] == [
        (0.0, 5.0, "film and sensors differ", "walk", "trot"),
        (15.0, 20.0, "film and sensors differ", "walk", "trot"),
    ]
    assert [m.wrong_seconds for m in found] == pytest.approx([5 * (1 - 0.45)] * 2)


def test_a_label_that_film_and_sensors_contradict_comes_before_one_that_the_sensors_alone_do() -> None:
    prediction = predicted(*((0.4, 0.6),) * 4, labels=("trot",) * 4)
    film = by_film((0.9, 0.1), (0.9, 0.1), (0.1, 0.9), (0.1, 0.9))
    first, second = find_moments(prediction, labels=(Bout(0.0, 20.0, "walk"),), by_film=film)
    assert (first.start_seconds, first.film, first.reason) == (10.0, "trot", "label and prediction differ")
    assert (first.wrong_seconds, second.wrong_seconds) == pytest.approx((10 * 0.8, 10 * 0.6))
