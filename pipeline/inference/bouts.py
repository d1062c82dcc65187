"""Bouts of a recording: windows smoothed over time, what is unlike anything learned named unknown, slivers absorbed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..probing.transitions import TransitionModel
from .smoothing import absorb_short, smooth
from .timeline import UNKNOWN, Timeline, mean_over_windows


@dataclass(frozen=True)
class PredictedBout:
    """A stretch of time predicted as one gait, or unknown."""

    start_seconds: float
    """When it starts."""
    stop_seconds: float
    """When it ends (exclusive)."""
    label: str
    """Which gait; UNKNOWN where the windows are unlike any that were learned from."""
    confidence: float
    """Mean probability of that gait over the stretch; of an unknown stretch the mean novelty."""


def find_bouts(
    timeline: Timeline, *, transitions: TransitionModel | None = None, min_seconds: float = 0.0
) -> tuple[PredictedBout, ...]:
    """Stretches of one gait. Time that no valid window covers belongs to no bout.

    Where windows overlap their probabilities are averaged. With `transitions` the most probable path of the hidden
    Markov model decides, else the largest mean. Bouts shorter than `min_seconds` go to the likelier neighbour.
    """
    edges, mean = mean_over_windows(timeline, timeline.probability)
    if not len(mean):
        return ()
    novelty = mean_over_windows(timeline, timeline.novelty[:, None])[1][:, 0]
    is_unknown = novelty > timeline.unknown_above
    evidence = np.where(is_unknown[:, None], np.nan, mean)
    if transitions is not None:
        path = smooth(evidence, edges=edges, window_seconds=timeline.window_seconds, transitions=transitions)
        posterior, best = path.posterior, path.best
    else:
        posterior = evidence
        best = np.where(np.isnan(evidence).any(axis=1), -1, np.nan_to_num(evidence).argmax(axis=1))
    best = np.where(is_unknown, len(timeline.classes), best)
    share = np.concatenate([np.nan_to_num(posterior), np.where(is_unknown, novelty, 0.0)[:, None]], axis=1)
    best = absorb_short(best, edges=edges, posterior=share, min_seconds=min_seconds)
    return _runs(best, edges=edges, share=share, classes=(*timeline.classes, UNKNOWN))


def minutes_of(bouts: Sequence[PredictedBout], *, label: str) -> float:
    """Minutes that these bouts give one gait."""
    return sum(bout.stop_seconds - bout.start_seconds for bout in bouts if bout.label == label) / 60.0


def _runs(
    best: Array, *, edges: Float64[Array, "edges"], share: Float64[Array, "pieces labels"], classes: Sequence[str]
) -> tuple[PredictedBout, ...]:
    first = np.flatnonzero(np.diff(best, prepend=-2))
    bouts = []
    for start, stop in zip(first, [*first[1:], len(best)], strict=True):
        if best[start] >= 0:
            confidence = np.average(share[start:stop, best[start]], weights=np.diff(edges[start : stop + 1]))
            begin, end = float(edges[start]), float(edges[stop])
            bouts.append(PredictedBout(begin, end, classes[best[start]], float(confidence)))
    return tuple(bouts)
