"""Gaits over time as a hidden Markov model: what a moment's windows say, weighed with how long gaits last.

States are the classes; a state is left at a constant rate, so that the transition over a piece of `d` seconds is the
matrix exponential of `Q d`. Rates come from labelled bouts, with a documented prior for those that are rare. The
probabilities of pieces are evidence worth `seconds / window_seconds` of an independent window: neighbouring pieces are
covered by the same windows. Posterior probabilities by forward and backward passes, the path by Viterbi's algorithm
(Rabiner, Proc. IEEE 77:257, 1989).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ..probing.transitions import TransitionModel

FLOOR = 1e-6
"""Smallest probability that evidence can give a class: one window alone never rules it out."""


@dataclass(frozen=True)
class SmoothedPath:
    """What the model makes of one recording's pieces."""

    posterior: Float64[Array, "pieces classes"]
    """Probability of each class given everything before and after; NaN where a piece has no evidence."""
    best: Int64[Array, "pieces"]
    """The class of the most probable path; -1 where a piece has no evidence."""


def smooth(
    probability: Float64[Array, "pieces classes"],
    *,
    edges: Float64[Array, "edges"],
    window_seconds: float,
    transitions: TransitionModel,
) -> SmoothedPath:
    """Smooths the probabilities of pieces of time between `edges` (seconds, one more than pieces).

    Rows of NaN are pieces without evidence: the model passes through them, and nothing is said of them.
    """
    known = ~np.isnan(probability).any(axis=1)
    if not len(probability):
        return SmoothedPath(probability.copy(), np.zeros(0, np.int64))
    worth = np.where(known, np.diff(edges) / window_seconds, 0.0)
    evidence = worth[:, None] * np.log(np.maximum(np.where(known[:, None], probability, 1.0), FLOOR))
    moves = _moves(edges, transitions=transitions)
    posterior = _forward_backward(evidence, moves=moves)
    best = _viterbi(evidence, moves=moves)
    return SmoothedPath(np.where(known[:, None], posterior, np.nan), np.where(known, best, -1))


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


def _viterbi(evidence: Float64[Array, "pieces classes"], *, moves: list[np.ndarray]) -> np.ndarray:
    score, came_from = evidence[0], np.zeros(evidence.shape, np.int64)
    for at in range(1, len(evidence)):
        ways = score[:, None] + np.log(np.maximum(moves[at - 1], 1e-300))
        came_from[at] = ways.argmax(axis=0)
        score = ways.max(axis=0) + evidence[at]
    path = np.empty(len(evidence), np.int64)
    path[-1] = int(score.argmax())
    for at in range(len(evidence) - 1, 0, -1):
        path[at - 1] = came_from[at, path[at]]
    return path
