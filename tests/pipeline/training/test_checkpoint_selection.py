"""A later checkpoint is saved unless validation shows that it is worse."""

import math

import pytest
import torch
from equigait.pipeline.training.checkpoint_selection import (
    SAVED,
    UNCHANGED,
    CheckpointSelector,
    Validation,
    WindowTimes,
    standard_error,
    validation_of,
)
from equigait.pipeline.training.retrieval import retrieve


def seen(score: float, *, error: float = 0.05, windows: int = 40) -> Validation:
    return Validation({}, score=score, error=error, windows=windows)


def test_the_last_within_a_standard_error_of_the_best_is_saved() -> None:
    selector = CheckpointSelector()
    scores = (0.20, 0.30, 0.26, 0.24, 0.27, 0.40, 0.36, 0.34)
    assert [selector.update(seen(score), min_windows=20) for score in scores] == [
        *(SAVED, SAVED, SAVED, UNCHANGED, SAVED, SAVED, SAVED, UNCHANGED)
    ]
    assert (selector.best, selector.error, selector.num_bad_validations) == (0.40, 0.05, 2)


def test_the_error_is_the_bests_own() -> None:
    selector = CheckpointSelector()
    selector.update(seen(0.30, error=0.01), min_windows=20)
    assert selector.update(seen(0.28, error=0.5), min_windows=20) == UNCHANGED


@pytest.mark.parametrize("validation", [None, seen(0.9, windows=19)])
def test_few_windows_choose_nothing_and_stop_nothing(validation: Validation | None) -> None:
    selector = CheckpointSelector()
    for _ in range(3):
        assert selector.update(validation, min_windows=20).startswith("the last counts: ")
    assert (selector.best, selector.num_bad_validations) == (None, 0)


def test_score_and_error_are_those_of_the_reciprocal_ranks() -> None:
    imu = torch.nn.functional.normalize(torch.randn(30, 8, generator=torch.Generator().manual_seed(0)), dim=1)
    film = torch.nn.functional.normalize(imu + 0.4 * torch.randn(30, 8, generator=torch.Generator().manual_seed(1)))
    found = validation_of(imu, film)
    similarity = imu @ film.T
    reciprocal = [
        (1 / int((similarity[i] >= similarity[i, i]).sum()) + 1 / int((similarity[:, i] >= similarity[i, i]).sum())) / 2
        for i in range(30)
    ]
    mean = sum(reciprocal) / 30
    assert found.score == pytest.approx(mean)
    spread = math.sqrt(sum((each - mean) ** 2 for each in reciprocal) / 30)
    assert found.error == pytest.approx(spread / math.sqrt(30))
    assert found.scores == retrieve(imu, film)
    assert found.score == pytest.approx((found.scores["imu_to_film"]["MRR"] + found.scores["film_to_imu"]["MRR"]) / 2)
    assert found.windows == 30


def test_windows_that_overlap_by_half_make_the_error_larger_as_the_sum_written_out_says() -> None:
    values = torch.tensor([1.0, 0.8, 0.1, 0.3], dtype=torch.float64)
    times = WindowTimes(("a", "a", "a", "b"), torch.tensor([0.0, 2.5, 5.0, 0.0], dtype=torch.float64), 5.0)
    e = [each - 0.55 for each in (1.0, 0.8, 0.1, 0.3)]
    neighbours = 2 * 0.5 * (e[0] * e[1] + e[1] * e[2])  # the first and the third only touch; b is another recording
    by_hand = math.sqrt(sum(each**2 for each in e) + neighbours) / 4
    assert standard_error(values, times=times) == pytest.approx(by_hand)
    assert standard_error(values) == pytest.approx(math.sqrt(sum(each**2 for each in e)) / 4)


def test_twice_the_same_windows_are_not_twice_the_evidence() -> None:
    values = torch.rand(40, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    start = 5.0 * torch.arange(40, dtype=torch.float64)
    once = standard_error(values, times=WindowTimes(("a",) * 40, start, 5.0))
    twice = standard_error(values.repeat(2), times=WindowTimes(("a",) * 80, start.repeat(2), 5.0))
    assert once == pytest.approx(standard_error(values))
    assert twice == pytest.approx(once)
