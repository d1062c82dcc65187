"""What a model says of each window of a recording, in order of time."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray as Array

UNKNOWN = "unknown"
"""The label of what is unlike the windows that the model learned from."""
STAND = "stand"
"""The label of rest, where it is measured rather than learned."""
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
    at_rest: Bool[Array, "windows"] | None = None
    """Whether the sensors rest in the middle of each window; None where rest was not measured."""

    @property
    def labels(self) -> tuple[str, ...]:
        """All that a window can be: the classes, UNKNOWN, and STAND where rest was measured."""
        return (*self.classes, UNKNOWN) + (() if self.at_rest is None else (STAND,))

    @property
    def chosen(self) -> Int64[Array, "windows"]:
        """Index into `labels` of each window: rest, else what is unlike all, else the likeliest; -1: not valid."""
        best = np.nan_to_num(self.probability).argmax(axis=1)
        best = np.where(np.nan_to_num(self.novelty) > self.unknown_above, len(self.classes), best)
        if self.at_rest is not None:
            best = np.where(self.at_rest, len(self.classes) + 1, best)
        return np.where(self.valid, best, -1)

    @property
    def label(self) -> tuple[str, ...]:
        """The most probable class of each window, STAND at rest, UNKNOWN where unlike all; empty where not valid."""
        return tuple(self.labels[index] if index >= 0 else "" for index in self.chosen.tolist())

    @property
    def window_seconds(self) -> float:
        """How long a window lasts."""
        return float(np.median(self.stop_seconds - self.start_seconds)) if len(self.valid) else 1.0


def part(timeline: Timeline, rows: slice | Int64[Array, "rows"]) -> Timeline:
    """Some of the windows of a timeline."""
    chosen: dict[str, Any] = {name: values[rows] for name, values in _by_window(timeline).items()}
    return replace(timeline, **chosen)


def joined(first: Timeline, second: Timeline) -> Timeline:
    """A timeline and the one that goes on where it ends."""
    before, after = _by_window(first), _by_window(second)
    both: dict[str, Any] = {name: np.concatenate([before[name], after[name]]) for name in before}
    return replace(second, **both)


def _by_window(timeline: Timeline) -> dict[str, Any]:
    """The fields that have a row a window."""
    names = ("start_seconds", "stop_seconds", "valid", "probability", "novelty", "at_rest")
    return {name: getattr(timeline, name) for name in names if getattr(timeline, name) is not None}


def nearest_windows(timeline: Timeline) -> tuple[Float64[Array, "edges"], Int64[Array, "pieces"]]:
    """Time cut at `edges` so that each piece belongs to the valid window whose middle is nearest: its row, or -1.

    A window that straddles a change of gait belongs to the gait that fills most of it, so that changes are placed where
    the middles of windows cross them. Pieces that no valid window covers have -1.
    """
    rows = np.flatnonzero(timeline.valid)
    start, stop = (ends[rows].round(EDGE_DECIMALS) for ends in (timeline.start_seconds, timeline.stop_seconds))
    if not rows.size:
        return np.zeros(0), np.zeros(0, np.int64)
    middle = (start + stop) / 2
    between, meet = (middle[1:] + middle[:-1]) / 2, start[1:] <= stop[:-1]
    cuts = np.stack([np.where(meet, between, stop[:-1]), np.where(meet, between, start[1:])], axis=1)
    edges = np.concatenate([start[:1], cuts.ravel(), stop[-1:]])
    window = np.full(2 * rows.size - 1, -1)
    window[::2] = rows
    lasts = np.diff(edges) > 0
    return np.append(edges[:-1][lasts], edges[-1]), window[lasts]


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
