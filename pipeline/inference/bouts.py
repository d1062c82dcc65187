"""Bouts of a recording: windows smoothed over time, rest and what is unlike all named, slivers absorbed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray as Array

from ..probing.transitions import TransitionModel
from .smoothing import absorb_short, smooth
from .timeline import Timeline, nearest_windows


@dataclass(frozen=True)
class PredictedBout:
    """A stretch of time predicted as one gait, or unknown."""

    start_seconds: float
    """When it starts."""
    stop_seconds: float
    """When it ends (exclusive)."""
    label: str
    """Which gait; STAND where rest was measured; UNKNOWN where the windows are unlike any that were learned from."""
    confidence: float
    """Mean probability of that gait over the stretch; of an unknown stretch the mean novelty, of measured rest 1."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.stop_seconds - self.start_seconds


def find_bouts(
    timeline: Timeline, *, transitions: TransitionModel | None = None, min_seconds: float = 0.0
) -> tuple[PredictedBout, ...]:
    """Stretches of one gait. Time that no valid window covers belongs to no bout.

    Each moment belongs to the window whose middle is nearest. With `transitions` the likeliest class given everything
    before and after decides (hidden Markov model), else the window's own. What is unlike all counts as unknown where it
    lasts a window's length: windows across a change of gait are unlike all, too, and shorter. Bouts shorter than
    `min_seconds` go to the likelier neighbour.
    """
    pieces = _pieces(timeline, transitions=transitions)
    if pieces is None:
        return ()
    best = absorb_short(pieces.best, edges=pieces.edges, posterior=pieces.share, min_seconds=min_seconds)
    return _runs(best, edges=pieces.edges, share=pieces.share, classes=timeline.labels)


def gait_at_end(timeline: Timeline, *, transitions: TransitionModel | None = None) -> tuple[str, float]:
    """The label with which a timeline ends, and its probability (novelty of what is unknown), given what came before.

    Where its last window is not valid: an empty label, NaN.
    """
    pieces = _pieces(timeline, transitions=transitions)
    if pieces is None or not timeline.valid[-1]:
        return "", float("nan")
    label = int(pieces.best[-1])
    return timeline.labels[label], float(pieces.share[-1, label])


@dataclass(frozen=True)
class _Pieces:
    """Time cut into pieces, and how likely each label is in each."""

    edges: Float64[Array, "edges"]
    best: Int64[Array, "pieces"]
    share: Float64[Array, "pieces labels"]


def _pieces(timeline: Timeline, *, transitions: TransitionModel | None) -> _Pieces | None:
    """The pieces that the windows make, smoothed with `transitions`; None without a valid window."""
    edges, window = nearest_windows(timeline)
    if not len(window):
        return None
    classes = len(timeline.classes)
    best = np.where(window >= 0, timeline.chosen[window], -1)
    unknown = _lasting(best == classes, edges=edges, seconds=timeline.window_seconds)
    learned = (best >= 0) & (best <= classes) & ~unknown
    posterior = np.where(learned[:, None], timeline.probability[window], np.nan)
    if transitions is not None:
        posterior = smooth(posterior, edges=edges, window_seconds=timeline.window_seconds, transitions=transitions)
    share = np.zeros((len(best), len(timeline.labels)))
    share[:, :classes] = np.nan_to_num(posterior)
    share[:, classes] = np.where(unknown, timeline.novelty[window], 0.0)
    share[:, classes + 1 :] = (best == classes + 1)[:, None]
    return _Pieces(edges, np.where(learned, share.argmax(axis=1), best), share)


def _lasting(marked: Bool[Array, "pieces"], *, edges: Float64[Array, "edges"], seconds: float) -> Bool[Array, "pieces"]:
    """What is marked for so long in a row."""
    first = np.flatnonzero(np.diff(marked, prepend=not marked[0]))
    stop = np.append(first[1:], len(marked))
    long = edges[stop] - edges[first] >= seconds - 1e-6
    return np.asarray(marked & np.repeat(long, stop - first))


def minutes_of(bouts: Sequence[PredictedBout], *, label: str) -> float:
    """Minutes that these bouts give one gait."""
    return sum(bout.seconds for bout in bouts if bout.label == label) / 60.0


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
