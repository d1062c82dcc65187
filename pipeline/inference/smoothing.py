"""Gaits over time as a hidden Markov model: what a moment's windows say, weighed with how long gaits last.

States are the classes; a state is left at a constant rate, so that the transition over a piece of `d` seconds is the
matrix exponential of `Q d`. Rates come from labelled bouts, with a documented prior for those that are rare. A piece's
probabilities are the evidence of one window where it is half a window long or more, and in proportion of less where it
is shorter: neighbouring pieces rest on the same samples. The result is the probability of each class given everything
before and after (forward and backward passes: Rabiner, Proc. IEEE 77:257, 1989); its largest makes the fewest errors of
time, where the likeliest whole path may leave out a bout that most of its own moments speak for.
"""

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ..probing.transitions import TransitionModel

INDEPENDENT = 0.5
"""Windows this part of their length apart count as independent: half, as the hop that probes are calibrated at."""
FLOOR = 1e-6
"""Smallest probability that evidence can give a class: one window alone never rules it out."""


def smooth(
    probability: Float64[Array, "pieces classes"],
    *,
    edges: Float64[Array, "edges"],
    window_seconds: float,
    transitions: TransitionModel,
) -> Float64[Array, "pieces classes"]:
    """The posterior of each class in pieces of time between `edges` (seconds, one more than pieces).

    Rows of NaN are pieces without evidence: the model passes through them, and nothing is said of them.
    """
    known = ~np.isnan(probability).any(axis=1)
    if not len(probability):
        return probability.copy()
    worth = np.where(known, np.minimum(np.diff(edges) / (INDEPENDENT * window_seconds), 1.0), 0.0)
    evidence = worth[:, None] * np.log(np.maximum(np.where(known[:, None], probability, 1.0), FLOOR))
    posterior = _forward_backward(evidence, moves=_moves(edges, transitions=transitions))
    return np.where(known[:, None], posterior, np.nan)


def absorb_short(
    best: Int64[Array, "pieces"],
    *,
    edges: Float64[Array, "edges"],
    posterior: Float64[Array, "pieces classes"],
    min_seconds: float,
) -> Int64[Array, "pieces"]:
    """The path without bouts shorter than `min_seconds`: the shortest first goes to the likelier of its neighbours.

    A bout between two pieces without evidence has no neighbour, and stays.
    """
    best = best.copy()
    kept: set[int] = set()
    while True:
        first = np.flatnonzero(np.diff(best, prepend=-2))
        stop = np.append(first[1:], len(best))
        lasted = edges[stop] - edges[first]
        short = [i for i in np.argsort(lasted, kind="stable") if lasted[i] < min_seconds - 1e-9]
        run = next((i for i in short if best[first[i]] >= 0 and first[i] not in kept), None)
        if run is None:
            return best
        around = {best[first[i]] for i in (run - 1, run + 1) if 0 <= i < len(first)} - {-1}
        inside = slice(first[run], stop[run])
        if around:
            best[inside] = max(sorted(around), key=lambda label: float(posterior[inside, label].sum()))
        else:
            kept.add(int(first[run]))


def _moves(edges: Float64[Array, "edges"], *, transitions: TransitionModel) -> list[Float64[Array, "c c"]]:
    """Transition matrices between the middles of neighbouring pieces; equal distances share one."""
    middle = (edges[1:] + edges[:-1]) / 2
    made: dict[float, np.ndarray] = {}
    distances = np.diff(middle).round(6).tolist()
    for seconds in distances:
        if seconds not in made:
            made[seconds] = transitions.over(seconds)
    return [made[seconds] for seconds in distances]


def _forward_backward(evidence: Float64[Array, "pieces classes"], *, moves: list[np.ndarray]) -> np.ndarray:
    likelihood = np.exp(evidence - evidence.max(axis=1, keepdims=True))
    forward, backward = np.empty_like(likelihood), np.ones_like(likelihood)
    forward[0] = likelihood[0] / likelihood[0].sum()
    for at in range(1, len(likelihood)):
        row = (forward[at - 1] @ moves[at - 1]) * likelihood[at]
        forward[at] = row / row.sum()
    for at in range(len(likelihood) - 2, -1, -1):
        row = moves[at] @ (likelihood[at + 1] * backward[at + 1])
        backward[at] = row / row.sum()
    posterior = forward * backward
    return np.asarray(posterior / posterior.sum(axis=1, keepdims=True))
