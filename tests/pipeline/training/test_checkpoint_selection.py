"""A later checkpoint is saved unless validation shows that it is worse."""

import math

import pytest
import torch
from equigait.pipeline.training.checkpoint_selection import (
    SAVED,
    UNCHANGED,
    CheckpointSelector,
    Validation,
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
