"""The schedule of both stages of the demo teacher; that training resumes is tested with each stage."""

import math

import pytest
from artifacts.optimise import rate_at
from artifacts.teach_motion import Training


@pytest.mark.parametrize(("step", "warm"), [(0, 0.0), (30, 0.5), (60, 1.0), (650, 1.0), (1299, 1.0)])
def test_the_learning_rate_rises_for_sixty_steps_and_falls_by_a_cosine_to_two_hundredths(
    step: int, warm: float
) -> None:
    by_hand = 6e-4 * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / 1300)))
    assert rate_at(step, schedule=Training()) == pytest.approx(by_hand)
