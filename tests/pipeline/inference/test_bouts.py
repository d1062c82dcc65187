"""From windows to bouts and minutes, by hand."""

import numpy as np
import pytest
from equigait.pipeline.inference.bouts import PredictedBout, find_bouts, minutes_of
from equigait.pipeline.inference.timeline import Timeline
from equigait.pipeline.probing.transitions import fit_transitions

NAN = float("nan")


def timeline(
    rows: list[tuple[float, float]], *, start: float = 0.0, hop: float = 2.5, novelty: list[float] | None = None
) -> Timeline:
    """Windows of 5 s; a row of NaN is not valid."""
    probability = np.array(rows)
    starts = start + hop * np.arange(len(rows))
    return Timeline(
        recording="ride",
        horse="h",
        classes=("walk", "trot"),
        start_seconds=starts,
        stop_seconds=starts + 5.0,
        valid=~np.isnan(probability).any(axis=1),
        probability=probability,
        novelty=np.array(novelty) if novelty else np.where(np.isnan(probability[:, 0]), np.nan, 0.5),
        unknown_above=0.98,
    )


def test_overlapping_windows_vote_with_their_probabilities() -> None:
    """0 to 2.5 only the first, 2.5 to 5 both: (0.9 + 0.4) / 2 for walk; then (0.4 + 0.1) / 2; then the last alone."""
    bouts = find_bouts(timeline([(0.9, 0.1), (0.4, 0.6), (0.1, 0.9)]))
    assert [(b.start_seconds, b.stop_seconds, b.label) for b in bouts] == [(0.0, 5.0, "walk"), (5.0, 10.0, "trot")]
    assert bouts[0].confidence == pytest.approx((0.9 + 0.65) / 2)
    assert bouts[1].confidence == pytest.approx((0.75 + 0.9) / 2)


def test_time_that_no_valid_window_covers_belongs_to_no_bout() -> None:
    bouts = find_bouts(timeline([(0.9, 0.1), (NAN, NAN), (NAN, NAN), (NAN, NAN), (0.8, 0.2)], hop=2.5))
    assert [(b.start_seconds, b.stop_seconds) for b in bouts] == [(0.0, 5.0), (10.0, 15.0)]
    assert find_bouts(timeline([(NAN, NAN)])) == ()


def test_a_label_is_empty_where_the_window_is_not_valid() -> None:
    assert timeline([(0.9, 0.1), (NAN, NAN), (0.2, 0.8)]).label == ("walk", "", "trot")


def test_sums_of_floats_leave_no_slivers_between_windows() -> None:
    """Starts such as 0.1 + 3 * 0.7 do not meet stops exactly; still the ride is one bout."""
    ride = timeline([(0.9, 0.1)] * 40, start=0.1, hop=0.7)
    (bout,) = find_bouts(ride)
    assert (bout.start_seconds, bout.stop_seconds) == pytest.approx((0.1, 0.1 + 39 * 0.7 + 5.0))
    assert bout.confidence == pytest.approx(0.9)


def test_windows_unlike_all_that_was_learned_are_unknown_and_so_is_their_bout() -> None:
    ride = timeline([(0.9, 0.1)] * 4 + [(0.99, 0.01)] * 4, hop=5.0, novelty=[0.5] * 4 + [1.0] * 4)
    assert ride.label == ("walk",) * 4 + ("unknown",) * 4
    for transitions in (None, fit_transitions([], classes=("walk", "trot"))):
        bouts = find_bouts(ride, transitions=transitions)
        assert [(b.label, b.start_seconds, b.stop_seconds) for b in bouts] == [
            ("walk", 0.0, 20.0),
            ("unknown", 20.0, 40.0),
        ]
        assert bouts[1].confidence == 1.0


def test_a_sliver_goes_to_its_neighbour_and_a_lone_doubtful_window_is_overruled() -> None:
    rows = [(0.9, 0.1)] * 6 + [(0.4, 0.6)] + [(0.9, 0.1)] * 6
    assert len(find_bouts(timeline(rows, hop=1.0), min_seconds=2.0)) == 1
    smoothed = find_bouts(timeline(rows, hop=5.0), transitions=fit_transitions([], classes=("walk", "trot")))
    assert [bout.label for bout in smoothed] == ["walk"]


def test_minutes_add_up() -> None:
    bouts = (PredictedBout(0, 30, "walk", 1), PredictedBout(30, 90, "trot", 1), PredictedBout(90, 120, "walk", 1))
    assert minutes_of(bouts, label="walk") == pytest.approx(1.0)
    assert minutes_of(bouts, label="trot") == pytest.approx(1.0)
    assert minutes_of(bouts, label="canter") == 0.0
