"""How long a horse stays in a gait and what comes next, from labelled bouts and a documented prior."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array
from scipy.linalg import expm

from ..datasets.window_dataset import WindowDataset

PRIOR_BOUT_SECONDS = 20.0
"""Mean length of a bout before any label is seen: short enough to follow a ride with many transitions."""


@dataclass(frozen=True)
class TransitionModel:
    """How long a horse stays in each class, and what comes next."""

    classes: tuple[str, ...]
    """Names of the states."""
    leave_per_second: Float64[Array, "classes"]
    """Rate at which a bout of each class ends."""
    next_class: Float64[Array, "classes classes"]
    """Probability of each class after the end of a bout; rows sum to one, the diagonal is 0."""

    @property
    def rates(self) -> Float64[Array, "classes classes"]:
        """The generator Q of the Markov process, in 1/s: rows sum to zero."""
        return self.leave_per_second[:, None] * (self.next_class - np.eye(len(self.classes)))

    def over(self, seconds: float) -> Float64[Array, "classes classes"]:
        """Transition probabilities from the middle of one piece to a moment `seconds` later."""
        return np.asarray(expm(self.rates * seconds))


def fit_transitions(
    recordings: Iterable[Sequence[tuple[float, float, str]]],
    *,
    classes: Sequence[str],
    prior_seconds: float = PRIOR_BOUT_SECONDS,
) -> TransitionModel:
    """The transition model of labelled bouts (start, stop in seconds, label; by start), one sequence a recording.

    Each class begins with one bout of `prior_seconds` that ended in any other class alike, so that no transition is
    impossible. The last bout of a recording counts as time, not as an end. Two classes or more are needed.
    """
    place = {name: number for number, name in enumerate(classes)}
    seconds = np.full(len(place), prior_seconds)
    ends = (1.0 - np.eye(len(place))) / (len(place) - 1)
    for bouts in recordings:
        kept = [bout for bout in bouts if bout[2] in place]
        for bout, after in zip(kept, [*kept[1:], None], strict=True):
            seconds[place[bout[2]]] += bout[1] - bout[0]
            if after is not None and after[2] != bout[2]:
                ends[place[bout[2]], place[after[2]]] += 1.0
    left = ends.sum(axis=1)
    return TransitionModel(tuple(classes), left / seconds, ends / left[:, None])


def labelled_bouts(windows: WindowDataset, *, window_seconds: float) -> list[list[tuple[float, float, str]]]:
    """Runs of windows of one label in each recording: start, stop and label. Windows are in order of time."""
    recordings: dict[str, list[tuple[float, float, str]]] = {}
    starts = windows.start_seconds.tolist()
    for name, start, label in zip(windows.recording, starts, windows.label.tolist(), strict=True):
        bouts, gait, stop = recordings.setdefault(name, []), windows.classes[label], start + window_seconds
        if bouts and bouts[-1][2] == gait:
            bouts[-1] = (bouts[-1][0], stop, gait)
        else:
            bouts.append((start, stop, gait))
    return list(recordings.values())
