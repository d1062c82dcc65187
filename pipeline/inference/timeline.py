"""From windows to what a person reads: a timeline of windows, bouts, and minutes of each gait."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

EDGE_DECIMALS = 6
"""Edges are microseconds: sums of floats must not leave slivers of time between windows that touch."""


@dataclass(frozen=True)
class Timeline:
    """What a model says of each window of one recording, in order of time."""

    recording: str
    """Its id."""
    horse: str
    """Who was recorded."""
    classes: tuple[str, ...]
    """Names of the columns of `probability`."""
    start_seconds: Float64[Array, "windows"]
    """When each window starts, in film time where the recording has a clock, else in the sensors' own."""
    stop_seconds: Float64[Array, "windows"]
    """When it ends (exclusive)."""
    valid: Bool[Array, "windows"]
    """Whether every sample of every site is real; what is not valid gets no label."""
    probability: Float64[Array, "windows classes"]
    """Rows sum to one; NaN where not valid."""

    @property
    def label(self) -> tuple[str, ...]:
        """The most probable class of each window, empty where not valid."""
        best = np.where(self.valid, np.nan_to_num(self.probability).argmax(axis=1), -1)
        return tuple(self.classes[index] if index >= 0 else "" for index in best.tolist())


@dataclass(frozen=True)
class GaitBout:
    """A stretch of time predicted as one gait."""

    start_seconds: float
    """When it starts."""
    stop_seconds: float
    """When it ends (exclusive)."""
    label: str
    """Which gait."""
    confidence: float
    """Mean probability of that gait over the stretch."""


def find_bouts(timeline: Timeline) -> tuple[GaitBout, ...]:
    """Stretches of one gait: where windows overlap their probabilities are averaged, and the largest mean decides.

    Time that no valid window covers belongs to no bout.
    """
    edges, mean = _mean_probability(timeline)
    known = ~np.isnan(mean).any(axis=1)
    best = np.where(known, np.nan_to_num(mean).argmax(axis=1), -1)
    first = np.flatnonzero(np.diff(best, prepend=-2))
    bouts = []
    for start, stop in zip(first, [*first[1:], len(best)], strict=True):
        if best[start] >= 0:
            seconds = np.diff(edges[start : stop + 1])
            confidence = float(np.average(mean[start:stop, best[start]], weights=seconds))
            label = timeline.classes[best[start]]
            bouts.append(GaitBout(float(edges[start]), float(edges[stop]), label, confidence))
    return tuple(bouts)


def minutes_of(bouts: Sequence[GaitBout], *, label: str) -> float:
    """Minutes that these bouts give one gait."""
    return sum(bout.stop_seconds - bout.start_seconds for bout in bouts if bout.label == label) / 60.0


def _mean_probability(
    timeline: Timeline,
) -> tuple[Float64[Array, "edges"], Float64[Array, "pieces classes"]]:
    """Between any two neighbouring window edges, the mean over the valid windows there; NaN where there are none."""
    start, stop = timeline.start_seconds.round(EDGE_DECIMALS), timeline.stop_seconds.round(EDGE_DECIMALS)
    edges = np.unique(np.concatenate([start, stop]))
    pieces = max(len(edges) - 1, 0)
    total, count = np.zeros((pieces + 1, len(timeline.classes))), np.zeros(pieces + 1)
    for sign, ends in ((1.0, start), (-1.0, stop)):
        place = np.searchsorted(edges, ends[timeline.valid])
        np.add.at(total, place, sign * timeline.probability[timeline.valid])
        np.add.at(count, place, sign)
    total, covered = total.cumsum(axis=0)[:pieces], np.rint(count.cumsum())[:pieces]
    return edges, np.where(covered[:, None] > 0, total / np.maximum(covered, 1)[:, None], np.nan)
