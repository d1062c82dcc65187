"""Bouts follow each other as asked, and horses are drawn each from a seed of their own."""

from itertools import pairwise

import numpy as np
import pytest
from equigait.data.simulate import GaitBout, YardSpec, make_ride
from equigait.data.simulate.horse import make_horse
from equigait.data.simulate.schedule import bout_weights, smooth_step
from equigait.data.simulate.spec import COATS
from pydantic import ValidationError


def test_bouts_last_as_long_as_asked_and_never_repeat_a_gait() -> None:
    spec = YardSpec(seconds=300)
    for horse in range(8):
        bouts = make_ride(spec, horse=horse).bouts
        for bout, following in pairwise(bouts):
            assert bout.label != following.label
        for bout in bouts[1:]:
            low, high = spec.stand_seconds if bout.label == "stand" else spec.bout_seconds
            assert low <= bout.stop_seconds - bout.start_seconds <= high


def test_a_long_yard_shows_every_gait_and_both_leads() -> None:
    shown = {bout.gait for horse in range(6) for bout in make_ride(YardSpec(seconds=300), horse=horse).bouts}
    assert shown == {"stand", "walk", "trot", "canter_left", "canter_right"}


def test_a_single_gait_has_one_bout_and_no_transition() -> None:
    (bout,) = make_ride(YardSpec(gaits=("trot",), seconds=20), horse=0).bouts
    assert bout.gait == "trot"
    assert bout.start_seconds <= 0.0
    assert bout.stop_seconds >= 20.0


def test_weights_sum_to_one_and_are_one_inside_bouts() -> None:
    bouts = (GaitBout("walk", 0.0, 4.0), GaitBout("trot", 5.0, 9.0), GaitBout("stand", 9.5, 12.0))
    times = np.linspace(-1.0, 13.0, 1000)
    weights = bout_weights(bouts, time_seconds=times)
    np.testing.assert_allclose(weights.sum(axis=0), 1.0)
    assert np.all(weights[1, (times > 5.0) & (times < 9.0)] == 1.0)
    assert 0.0 < weights[0, np.searchsorted(times, 4.5)] < 1.0


def test_the_step_is_that_of_the_formula() -> None:
    np.testing.assert_allclose(smooth_step(np.array([-1.0, 0.0, 0.5, 1.0, 2.0])), [0.0, 0.0, 0.5, 1.0, 1.0])
    slope = np.gradient(smooth_step(np.linspace(0.0, 1.0, 10001)), 1e-4)
    assert slope[0] < 1e-6
    assert slope.max() == pytest.approx(35 / 16, rel=1e-4)  # 140 x^3 (1 - x)^3 at 1/2


def test_horse_k_is_the_same_however_many_there_are_and_differs_from_the_others() -> None:
    one = make_ride(YardSpec(horses=1), horse=5).horse
    many = make_ride(YardSpec(horses=50, recordings_per_horse=3), horse=5, recording=2).horse
    assert one.name == many.name
    assert one.tempo == many.tempo
    assert np.array_equal(one.footfall_shift, many.footfall_shift)
    tempi = {make_horse(0, number=number, coats=COATS).tempo for number in range(50)}
    assert len(tempi) > 45
    assert make_horse(1, number=5, coats=COATS).tempo != one.tempo


def test_recordings_of_one_horse_differ() -> None:
    first, second = (make_ride(YardSpec(), horse=1, recording=number) for number in (0, 1))
    assert first.clock != second.clock
    assert first.bouts != second.bouts


def test_asking_for_what_no_yard_has_is_refused() -> None:
    with pytest.raises(ValidationError, match="gallop"):
        YardSpec(gaits=("gallop",))
    with pytest.raises(ValidationError, match="bouts"):
        YardSpec(bouts=3)
    with pytest.raises(ValidationError, match="shortest and longest"):
        YardSpec(bout_seconds=(20.0, 10.0))
