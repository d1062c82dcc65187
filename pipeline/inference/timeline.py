"""What a model says of each window of a recording, in order of time."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

UNKNOWN = "unknown"
"""The label of what is unlike the windows that the model learned from."""
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
    novelty: Float64[Array, "windows"]
    """Share of ordinary windows that are less unlike the training windows, 0 to 1; NaN where not valid."""
    unknown_above: float = 1.0
    """Windows of a larger novelty are unknown."""

    @property
    def label(self) -> tuple[str, ...]:
        """The most probable class of each window, UNKNOWN where it is unlike all; empty where not valid."""
        best = np.where(self.valid, np.nan_to_num(self.probability).argmax(axis=1), -1)
        best = np.where(self.valid & (np.nan_to_num(self.novelty) > self.unknown_above), len(self.classes), best)
        names = (*self.classes, UNKNOWN)
        return tuple(names[index] if index >= 0 else "" for index in best.tolist())

    @property
    def window_seconds(self) -> float:
        """How long a window lasts."""
        return float(np.median(self.stop_seconds - self.start_seconds)) if len(self.valid) else 1.0


def mean_over_windows(
    timeline: Timeline, values: Float64[Array, "windows columns"]
) -> tuple[Float64[Array, "edges"], Float64[Array, "pieces columns"]]:
    """Between any two neighbouring window edges, the mean over the valid windows there; NaN where there are none."""
    start, stop = timeline.start_seconds.round(EDGE_DECIMALS), timeline.stop_seconds.round(EDGE_DECIMALS)
    edges = np.unique(np.concatenate([start, stop]))
    pieces = max(len(edges) - 1, 0)
    total, count = np.zeros((pieces + 1, values.shape[1])), np.zeros(pieces + 1)
    for sign, ends in ((1.0, start), (-1.0, stop)):
        place = np.searchsorted(edges, ends[timeline.valid])
        np.add.at(total, place, sign * values[timeline.valid])
        np.add.at(count, place, sign)
    total, covered = total.cumsum(axis=0)[:pieces], np.rint(count.cumsum())[:pieces]
    return edges, np.where(covered[:, None] > 0, total / np.maximum(covered, 1)[:, None], np.nan)
