"""Smoothing over time: against sums over all paths, against truth from a simulated chain, and at its edges."""

import itertools

import numpy as np
import pytest
from equigait.pipeline.inference.smoothing import absorb_short, smooth
from equigait.pipeline.probing.transitions import TransitionModel, fit_transitions

CLASSES = ("walk", "trot", "canter")


def model(seconds: float = 10.0) -> TransitionModel:
    return TransitionModel(CLASSES, np.full(3, 1 / seconds), (1 - np.eye(3)) / 2)


def test_the_posterior_is_that_of_the_sum_over_all_paths() -> None:
    rng = np.random.default_rng(0)
    edges = np.array([0.0, 1.0, 3.0, 4.0, 6.5])
    probability = rng.dirichlet(np.ones(3), size=4)
    middle = (edges[1:] + edges[:-1]) / 2
    weight = {}
    for path in itertools.product(range(3), repeat=4):
        value = 1.0
        for at, state in enumerate(path):
            value *= probability[at, state] ** min((edges[at + 1] - edges[at]) / 2.0, 1.0)
            if at:
                value *= model().over(middle[at] - middle[at - 1])[path[at - 1], state]
        weight[path] = value
    whole = sum(weight.values())
    expected = [[sum(w for p, w in weight.items() if p[at] == s) / whole for s in range(3)] for at in range(4)]
    found = smooth(probability, edges=edges, window_seconds=4.0, transitions=model())
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_transitions_over_a_time_follow_the_rates() -> None:
    short = model(10.0).over(0.01)
    np.testing.assert_allclose(short.sum(axis=1), 1.0)
    np.testing.assert_allclose(1 - np.diag(short), 0.001, rtol=1e-2)
    np.testing.assert_allclose(model().over(1e4), 1 / 3, atol=1e-9)


def test_rates_come_from_bouts_and_a_prior_of_one_bout_a_class() -> None:
    bouts = [(0.0, 60.0, "walk"), (60.0, 100.0, "trot"), (100.0, 110.0, "canter"), (110.0, 150.0, "trot")]
    fitted = fit_transitions([bouts], classes=CLASSES, prior_seconds=20.0)
    np.testing.assert_allclose(fitted.leave_per_second, [2 / 80, 2 / 100, 2 / 30])
    np.testing.assert_allclose(fitted.next_class[1], [0.25, 0.0, 0.75])


def test_a_lone_doubtful_window_is_overruled_and_a_long_change_is_not() -> None:
    edges = np.arange(61.0)
    probability = np.tile([0.9, 0.05, 0.05], (60, 1))
    probability[20] = [0.3, 0.6, 0.1]
    probability[40:] = [0.05, 0.9, 0.05]
    best = smooth(probability, edges=edges, window_seconds=5.0, transitions=model(20.0)).argmax(axis=1)
    assert (best[:40] == 0).all()
    assert (best[40:] == 1).all()


def test_time_without_evidence_says_nothing_and_lets_the_model_pass() -> None:
    probability = np.tile([0.8, 0.1, 0.1], (10, 1))
    probability[4:6] = np.nan
    found = smooth(probability, edges=np.arange(11.0), window_seconds=5.0, transitions=model())
    assert np.isnan(found[4:6]).all()
    assert (found[[0, 1, 2, 3, 6, 7, 8, 9]].argmax(axis=1) == 0).all()


def test_smoothing_beats_each_window_alone_on_a_simulated_chain() -> None:
    rng, truth = np.random.default_rng(1), [0]
    step = model(30.0).over(1.0)
    for _ in range(2999):
        truth.append(rng.choice(3, p=step[truth[-1]]))
    scores = np.eye(3)[truth] + rng.normal(0, 0.8, (3000, 3))
    probability = np.exp(2 * scores) / np.exp(2 * scores).sum(axis=1, keepdims=True)
    best = smooth(probability, edges=np.arange(3001.0), window_seconds=1.0, transitions=model(30.0)).argmax(axis=1)
    alone, together = (np.mean(found == truth) for found in (probability.argmax(axis=1), best))
    assert together > 0.95 > alone


def test_short_bouts_go_to_the_likelier_neighbour_shortest_first() -> None:
    best = np.array([0, 0, 0, 0, 1, 2, 2, 2, 2, 2])
    posterior = np.tile([0.2, 0.5, 0.3], (10, 1))
    kept = absorb_short(best, edges=np.arange(11.0), posterior=posterior, min_seconds=2.0)
    assert list(kept) == [0, 0, 0, 0, 2, 2, 2, 2, 2, 2]


def test_a_short_bout_without_neighbours_stays() -> None:
    best = np.array([-1, 1, -1, 0, 0, 0])
    posterior = np.full((6, 3), 1 / 3)
    assert list(absorb_short(best, edges=np.arange(7.0), posterior=posterior, min_seconds=2.0)) == list(best)


def test_a_recording_without_windows_gives_nothing() -> None:
    assert smooth(np.zeros((0, 3)), edges=np.zeros(0), window_seconds=5.0, transitions=model()).shape == (0, 3)


@pytest.mark.parametrize("classes", [("stand", "walk"), CLASSES])
def test_no_transition_is_impossible_without_any_label(classes: tuple[str, ...]) -> None:
    fitted = fit_transitions([], classes=classes)
    assert (fitted.over(1.0) > 0).all()
