"""Which windows of a long recording are predicted: some, then those halfway between two that differ or are not sure."""

import numpy as np
from jaxtyping import Bool, Int64
from numpy import ndarray as Array

from .timeline import UNKNOWN, Timeline

SURE = 0.9
"""Least probability of two neighbours' common gait at which what lies between them is not predicted."""


def every_so_many(valid: Bool[Array, "windows"], *, apart: int) -> Int64[Array, "chosen"]:
    """Of each run of valid windows the first, the last, and those so many apart between them: their rows."""
    change = np.flatnonzero(np.diff(valid, prepend=False, append=False))
    runs = zip(change[::2], change[1::2], strict=True)
    chosen = [row for first, after in runs for row in (*range(first, after - 1, apart), after - 1)]
    return np.array(chosen, np.int64)


def halfway(timeline: Timeline, *, chosen: Int64[Array, "chosen"]) -> Int64[Array, "undecided"]:
    """Rows halfway between two chosen neighbours that differ, or of which one is unknown or not sure, in order; none
    once there is nothing more to ask.

    Where windows that overlap name one gait, and are sure of it, those between them would say nothing else.
    """
    label = timeline.chosen[chosen]
    sure = np.nan_to_num(timeline.probability[chosen]).max(axis=1) >= SURE
    sure &= label != timeline.labels.index(UNKNOWN)
    if timeline.at_rest is not None:
        sure |= timeline.at_rest[chosen]
    decided = sure[:-1] & sure[1:] & (label[:-1] == label[1:])
    middle = (chosen[:-1] + chosen[1:]) // 2
    between = ~decided & (middle > chosen[:-1]) & timeline.valid[middle]
    return np.asarray(middle[between])
