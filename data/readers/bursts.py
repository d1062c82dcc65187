"""Stamps of arrival: samples come in bursts, as radios deliver them, and the stamps say when they came.

Within a burst stamps stand close together, between bursts far apart, though the sensor sampled steadily.
"""

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from ..large_arrays import row_blocks

CLOSE = 0.5
"""Steps below this part of the mean step lie within a burst."""
SHARE_WITHIN = 0.3
"""At least so many of all steps lie within bursts: every third, where bursts are pairs and single samples by turns."""
SHARE_BETWEEN = 0.4
"""So many of the other steps are longer than the mean; those after which a single sample comes are not."""
LONGEST_SECONDS = 2.0
"""Usual time between bursts at most; farther apart, a logger slept between stretches that it sampled steadily."""


def burst_starts(stamps: Float64[Array, "rows"]) -> Bool[Array, "rows"] | None:
    """Which rows begin a burst, or None where stamps do not come in bursts. Stamps are finite and never fall."""
    steps = np.diff(stamps)
    if len(steps) < 2 or (steps < 0).any():
        return None
    mean = float(steps.mean())
    within = steps < CLOSE * mean
    if not SHARE_WITHIN <= within.mean() < 1.0 or (steps[~within] > 1.2 * mean).mean() < SHARE_BETWEEN:
        return None
    starts = np.concatenate([[True], ~within])
    return starts if float(np.median(np.diff(stamps[starts]))) <= LONGEST_SECONDS else None


def runs_steadily(stamps: Float64[Array, "rows"]) -> bool:
    """Whether finite stamps always rise, and do not come in bursts, without holding a day's steps at once."""
    mean = float(stamps[-1] - stamps[0]) / (len(stamps) - 1)
    within = 0
    for rows in row_blocks(stamps[1:]):
        steps = stamps[rows.start + 1 : rows.stop + 1] - stamps[rows]
        if not (steps > 0).all():
            return False
        within += int((steps < CLOSE * mean).sum())
    return within < SHARE_WITHIN * (len(stamps) - 1)


def burst_anchors(starts: Bool[Array, "rows"]) -> tuple[np.ndarray, np.ndarray]:
    """Of each whole burst its last row and its first row: the last sample was taken when the burst began to arrive.

    Where the last burst is shorter than the one before, the file ends within it, and it says nothing.
    """
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(starts)) - 1
    sizes = last - first
    whole = len(sizes) - int(len(sizes) > 1 and sizes[-1] < sizes[-2])
    return last[:whole], first[:whole]
