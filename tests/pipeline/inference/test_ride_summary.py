"""A ride in figures: changes of gait and minutes on each rein and lead, by hand."""

import numpy as np
import pytest
from equigait.data.recording import Bout
from equigait.pipeline.inference.bouts import PredictedBout
from equigait.pipeline.inference.ride_summary import Change, changes_of_gait, gait_strides, rein_times
from equigait.pipeline.inference.stance_side import Lead
from equigait.pipeline.inference.stride_analysis import BoutStrides
from equigait.pipeline.inference.strides import Strides
from equigait.pipeline.inference.turning import Turning


def bout(
    gait: str, *, start: float, durations: list[float], reins: list[str | None], spare: float = 0.0
) -> BoutStrides:
    """Strides one after another from the start of the bout, which ends `spare` seconds after the last."""
    edges = start + np.concatenate([[0.0], np.cumsum(durations)])
    strides = Strides(edges[:-1], edges[1:], np.zeros(len(durations), bool))
    turned = Turning(np.zeros(len(durations)), tuple(reins))
    lead = Lead(np.array([1.0, 1.0, -1.0, np.nan])[: len(durations)]) if gait == "canter" else None
    span = Bout(start, float(edges[-1]) + spare, gait)
    return BoutStrides(span, strides, turned, lead=lead, regularity=0.9 if gait == "trot" else float("nan"))


TROT = bout("trot", start=0.0, durations=[0.7, 0.8, 0.7], reins=["left", "left", None], spare=0.3)
SIDES = (("left", 20.0), ("right", 30.0))
CANTER = bout("canter", start=10.0, durations=[0.5, 0.5, 0.5, 0.6], reins=["left", "right", "right", "right"])


def test_times_go_by_gait_rein_and_lead_and_sum_to_the_bouts() -> None:
    found = [(each.gait, each.rein, each.lead, each.strides) for each in rein_times([CANTER, TROT])]
    assert found == [
        ("canter", "left", "left", 1),
        ("canter", "right", "left", 1),
        ("canter", "right", "right", 1),
        ("canter", "right", "", 1),
        ("canter", "", "", 0),
        ("trot", "left", "", 2),
        ("trot", "", "", 1),
    ]
    seconds = [each.seconds for each in rein_times([CANTER, TROT])]
    assert seconds == pytest.approx([0.5, 0.5, 0.5, 0.6, 0.0, 1.5, 0.7 + 0.3], abs=1e-9)


def test_changes_are_between_bouts_that_follow_each_other() -> None:
    bouts = [(0, 10, "walk"), (10, 20, "trot"), (20.4, 30, "walk"), (40, 50, "canter"), (50, 60, "canter")]
    found = changes_of_gait([PredictedBout(start, stop, label, 1.0) for start, stop, label in bouts])
    assert found == (Change(10, "walk", "trot"), Change(20.4, "trot", "walk"))


def test_labels_that_name_a_lead_have_strides_of_their_own_and_count_among_their_gait() -> None:
    left, right = (bout(f"canter-{side}", start=at, durations=[0.5] * 3, reins=["left"] * 3) for side, at in SIDES)
    counts = {
        name: gait_strides([CANTER, left, right], gait=name) for name in ("canter", "canter-left", "canter-right")
    }
    assert {name: found and found.count for name, found in counts.items()} == {
        "canter": 4 + 3 + 3,
        "canter-left": 3,
        "canter-right": 3,
    }
    assert {each.gait for each in rein_times([left, right])} == {"canter"}


def test_strides_of_a_gait_are_those_of_all_its_bouts() -> None:
    other = bout("trot", start=20.0, durations=[0.6, 0.6, 0.6], reins=["straight"] * 3)
    found = gait_strides([TROT, CANTER, other], gait="trot")
    assert found is not None
    assert (found.count, found.stride_hz) == (6, pytest.approx(1 / 0.65))
    first = np.std([0.7, 0.8, 0.7], ddof=1) / np.mean([0.7, 0.8, 0.7])
    assert found.duration_cv == pytest.approx((3 * first + 3 * 0.0) / 6)
    assert found.regularity == pytest.approx(0.9)


def test_what_was_not_measured_is_nan_or_nothing() -> None:
    assert gait_strides([TROT], gait="walk") is None
    canter = gait_strides([CANTER], gait="canter")
    assert canter is not None
    assert np.isnan(canter.regularity)
    assert rein_times([]) == ()
