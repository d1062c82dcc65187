"""From windows to bouts and minutes, by hand."""

from dataclasses import replace

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


def test_each_moment_belongs_to_the_window_whose_middle_is_nearest() -> None:
    """Middles at 2.5, 5 and 7.5: the first window has 0 to 3.75, the second until 6.25, the third until 10."""
    bouts = find_bouts(timeline([(0.9, 0.1), (0.6, 0.4), (0.1, 0.9)]))
    assert [(b.start_seconds, b.stop_seconds, b.label) for b in bouts] == [(0.0, 6.25, "walk"), (6.25, 10.0, "trot")]
    assert bouts[0].confidence == pytest.approx((3.75 * 0.9 + 2.5 * 0.6) / 6.25)
    assert bouts[1].confidence == pytest.approx(0.9)


def test_a_change_of_gait_is_placed_where_the_middles_of_windows_cross_it() -> None:
    """Windows of 5 s every 0.5 s of a change at 20 s: each says the gait that fills most of it."""
    share = np.clip((20.0 - np.arange(0.0, 35.5, 0.5)) / 5.0, 0.02, 0.98)
    (first, second) = find_bouts(timeline([(each, 1 - each) for each in share], hop=0.5))
    assert first.stop_seconds == second.start_seconds == pytest.approx(20.0, abs=0.26)


def test_windows_across_a_change_are_unlike_all_and_make_no_unknown_bout() -> None:
    rows, novelty = [(0.9, 0.1)] * 40 + [(0.1, 0.9)] * 40, [0.5] * 36 + [1.0] * 8 + [0.5] * 36
    ride = timeline(rows, hop=0.5, novelty=novelty)
    assert [bout.label for bout in find_bouts(ride, min_seconds=2.0)] == ["walk", "trot"]
    longer = timeline(rows, hop=0.5, novelty=[0.5] * 34 + [1.0] * 12 + [0.5] * 34)
    assert [bout.label for bout in find_bouts(longer, min_seconds=2.0)] == ["walk", "unknown", "trot"]


def test_rest_is_stand_whatever_the_classes_say() -> None:
    resting = np.arange(12) // 4 == 1
    ride = replace(timeline([(0.9, 0.1)] * 12, hop=5.0, novelty=[1.0] * 12), at_rest=resting, unknown_above=1.0)
    assert [bout.label for bout in find_bouts(ride)] == ["walk", "stand", "walk"]
    assert ride.label[4] == "stand"
    assert find_bouts(ride)[1].confidence == 1.0


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
