"""Intervals against closed forms, and against the coverage that they promise."""

from functools import cache

import numpy as np
import pytest
from equigait.pipeline.evaluation import intervals, metrics
from equigait.pipeline.evaluation.scoring import Predictions, Sampling, score
from hypothesis import given, settings
from hypothesis import strategies as st

CONFIDENCE, DRAWS, TRIALS = 0.95, 1000, 250
HORSES = (2, 3, 5, 11)
GAITS = ("walk", "trot", "canter")


def test_wilson_equals_the_published_formula() -> None:
    """81 of 263 at 95 %: Newcombe 1998 (Stat. Med. 17: 857-872, table I, method 3) gives .2553 to .3662."""
    low, high = intervals.wilson_interval(np.array([81 / 263]), trials=np.array([263.0]), confidence=0.95)
    assert (low.item(), high.item()) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_wilson_has_width_where_every_trial_succeeded() -> None:
    low, high = intervals.wilson_interval(np.array([1.0]), trials=np.array([20.0]), confidence=0.95)
    z = 1.959964
    assert (low.item(), high.item()) == pytest.approx((1 / (1 + z * z / 20), 1.0), abs=1e-6)


def test_blocks_end_with_the_label_with_the_recording_and_at_the_longest() -> None:
    label = np.array([0, 0, 0, 0, 1, 1, 1, 0])
    recording = ["a", "a", "a", "a", "a", "a", "b", "b"]
    assert intervals.blocks_of(label, recording=recording, longest=3).tolist() == [0, 0, 0, 1, 2, 2, 3, 4]


def test_grouped_confusions_add_up_to_the_confusion_of_all() -> None:
    rng = np.random.default_rng(0)
    group, truth, predicted = np.arange(60) // 7, rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    grouped = intervals.grouped_confusions(group, truth=truth, predicted=predicted, classes=3)
    assert grouped.shape == (9, 3, 3)
    whole = metrics.confusion_matrix(truth, predicted=predicted, classes=3)
    assert np.array_equal(grouped.sum(axis=0), whole)
    first = metrics.confusion_matrix(truth[:7], predicted=predicted[:7], classes=3)
    assert np.array_equal(grouped[0], first)


@cache
def weights(horses: int) -> np.ndarray:
    return intervals.horse_weights(horses, draws=DRAWS, seed=0)


def drawn(share: np.ndarray, *, blocks: int) -> intervals.DrawnScore:
    """Horses of equally many windows: the score of all is the weighted mean of theirs."""
    own = weights(len(share))[:, :-1]
    low, high = intervals.wilson_interval(share, trials=np.full(len(share), float(blocks)), confidence=CONFIDENCE)
    return intervals.DrawnScore(float(share.mean()), own @ share / own.sum(axis=1), share, low, high)


def simulated(rng: np.random.Generator, *, accuracy: float, spread: float, horses: int) -> np.ndarray:
    """Share of 48 windows that each horse is right in, in 8 blocks of 6; in half of them all six fare alike.

    Horses are right at rates from a beta distribution, whose intraclass correlation is `spread`.
    """
    rate = np.full(horses, accuracy)
    if spread > 0 and accuracy < 1:
        scale = 1 / spread - 1
        rate = rng.beta(accuracy * scale, (1 - accuracy) * scale, size=horses)
    alike = 24 // 6 * 6 * (rng.random((horses, 4)) < rate[:, None]).mean(axis=1)
    return (alike + rng.binomial(24, rate)) / 48


@pytest.mark.parametrize("horses", HORSES)
@pytest.mark.parametrize("spread", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("accuracy", [0.6, 0.8, 0.9, 0.98, 1.0])
def test_the_interval_covers_what_such_horses_score(accuracy: float, spread: float, horses: int) -> None:
    rng = np.random.default_rng(5)
    found = [
        intervals.score_interval(
            drawn(simulated(rng, accuracy=accuracy, spread=spread, horses=horses), blocks=8),
            weights=weights(horses),
            confidence=CONFIDENCE,
        )
        for _ in range(TRIALS)
    ]
    assert np.mean([low <= accuracy <= high for low, high in found]) >= 0.93


@pytest.mark.parametrize("horses", HORSES)
@pytest.mark.parametrize(("ours", "theirs"), [(0.98, 0.98), (0.9, 0.7), (1.0, 0.9)])
def test_the_interval_of_a_difference_covers_the_difference(ours: float, theirs: float, horses: int) -> None:
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(TRIALS):
        pair = [
            drawn(simulated(rng, accuracy=accuracy, spread=0.1, horses=horses), blocks=8) for accuracy in (ours, theirs)
        ]
        low, high = intervals.difference_interval(
            pair[0], theirs=pair[1], weights=weights(horses), confidence=CONFIDENCE
        )
        held += low <= ours - theirs <= high
    assert held / TRIALS >= 0.93


def predictions(wrong: np.ndarray) -> Predictions:
    """Horses of 12 windows, 4 a gait; a window that is wrong is taken for the next gait."""
    truth = np.tile(np.repeat([0, 1, 2], 4), len(wrong) // 12)
    names = tuple(f"h{number // 12}" for number in range(len(truth)))
    return Predictions(GAITS, truth, np.eye(3)[(truth + wrong) % 3], names, names)


@settings(deadline=None, max_examples=25)
@given(
    st.integers(1, 6).flatmap(
        lambda horses: st.tuples(*[st.lists(st.booleans(), min_size=12 * horses, max_size=12 * horses)] * 2)
    )
)
def test_more_errors_move_both_ends_down_and_no_interval_is_a_point(found: tuple[list[bool], list[bool]]) -> None:
    """All figures, of horses alone too: `worse` is wrong wherever `better` is, and perhaps elsewhere."""
    better, more = (np.array(each, dtype=np.int64) for each in found)
    worse, sampling = np.maximum(better, more), Sampling(resamples=200)
    one, other = (score(predictions(wrong), note="", sampling=sampling) for wrong in (better, worse))
    pairs = [(one.intervals[name], other.intervals[name]) for name in one.intervals]
    for name, horse in one.per_horse.items():
        pairs += [(horse.accuracy_interval, other.per_horse[name].accuracy_interval)]
        pairs += [(horse.macro_f1_interval, other.per_horse[name].macro_f1_interval)]
    for high_pair, low_pair in pairs:
        assert all(below <= above + 1e-12 for below, above in zip(low_pair, high_pair, strict=True))
        for low, high in (high_pair, low_pair):
            assert 0.0 <= low < high <= 1.0
    for name, (low, high) in other.intervals.items():
        assert low <= getattr(other, name) <= high


def test_the_same_seed_gives_the_same_weights() -> None:
    assert np.array_equal(weights(4), intervals.horse_weights(4, draws=DRAWS, seed=0))
    assert not np.array_equal(weights(4), intervals.horse_weights(4, draws=DRAWS, seed=1))
    assert weights(4).sum(axis=1) == pytest.approx(np.ones(DRAWS))


def test_the_interval_of_a_mean_is_students() -> None:
    """Mean 2, SD 1, n = 3: t(0.975, 2) = 4.302653, half width 4.302653 / sqrt(3)."""
    low, high = intervals.mean_interval((1.0, 2.0, 3.0), confidence=0.95)
    assert (low, high) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5), abs=1e-5)
    assert intervals.mean_interval((0.7,), confidence=0.95) == (0.7, 0.7)
