"""Of a long recording some windows are predicted, then those halfway between where these disagree or are not sure."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.pipeline.inference.timeline import Timeline
from equigait.pipeline.inference.window_choice import SURE, every_so_many, halfway

VALID = np.ones(16, bool)
CHOSEN = np.array([0, 5, 10, 15])


def timeline(
    probability: dict[int, float], *, novelty: dict[int, float] | None = None, resting: bool = False
) -> Timeline:
    """Windows of walk with these probabilities at some rows, NaN at the others."""
    walk = np.array([probability.get(row, np.nan) for row in range(len(VALID))])
    starts = 0.5 * np.arange(len(VALID))
    new = np.array([(novelty or {}).get(row, 0.5) for row in range(len(VALID))])
    rest = np.isfinite(walk) if resting else None
    rows = np.stack([walk, 1.0 - walk], axis=1)
    return Timeline("ride", "h", ("walk", "trot"), starts, starts + 5.0, VALID, rows, new, 0.98, rest)


def test_each_run_of_valid_windows_is_chosen_from_at_both_ends_and_between() -> None:
    valid = np.array([True] * 12 + [False] * 3 + [True] + [False] + [True] * 6)
    assert every_so_many(valid, apart=5).tolist() == [0, 5, 10, 11, 15, 17, 22]
    assert every_so_many(np.zeros(4, bool), apart=5).tolist() == []


def test_between_windows_that_agree_and_are_sure_nothing_is_asked_for() -> None:
    sure = dict.fromkeys(CHOSEN.tolist(), 0.97)
    assert halfway(timeline(sure), chosen=CHOSEN).tolist() == []


def test_between_no_two_windows_there_is_nothing() -> None:
    alone = replace(timeline({0: 0.4}), valid=np.arange(len(VALID)) == 0)
    assert halfway(alone, chosen=np.array([0])).tolist() == []


@pytest.mark.parametrize("other", [0.02, SURE - 0.01], ids=["another gait", "not sure"])
def test_between_windows_of_which_one_differs_or_is_not_sure_the_middle_is_asked_for(other: float) -> None:
    found = timeline({0: 0.97, 5: 0.97, 10: 0.97, 15: other})
    assert halfway(found, chosen=CHOSEN).tolist() == [12]


def test_beside_a_window_unlike_all_that_was_learned_the_middle_is_asked_for() -> None:
    sure = dict.fromkeys(CHOSEN.tolist(), 0.97)
    found = timeline(sure, novelty={5: 0.99})
    assert halfway(found, chosen=CHOSEN).tolist() == [2, 7]


def test_halving_ends_at_neighbours_and_asks_for_no_window_that_is_not_valid() -> None:
    unsure = timeline(dict.fromkeys(range(16), 0.5))
    assert halfway(unsure, chosen=np.arange(16)).tolist() == []
    gap = replace(unsure, valid=(np.arange(16) < 5) | (np.arange(16) > 9))
    assert halfway(gap, chosen=np.array([0, 4, 10, 15])).tolist() == [2, 12]


def test_rest_is_measured_and_needs_no_certainty() -> None:
    unsure = dict.fromkeys(CHOSEN.tolist(), 0.5)
    assert halfway(timeline(unsure, resting=True), chosen=CHOSEN).tolist() == []
    assert len(halfway(timeline(unsure), chosen=CHOSEN)) == 3
