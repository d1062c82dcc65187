"""Selection of the checkpoint: the last one that validation cannot distinguish from the best (one-standard-error rule).

With few validation windows the best score is partly chance, and tends to come early, while a learning rate that falls
to zero makes late steps good ones unless the model overfits. So a checkpoint is replaced by every later one whose score
is not below the best so far by more than that one's standard error (after Breiman et al. 1984, "Classification and
regression trees", section 3.4.3, who take the simplest tree within one). The score is the mean reciprocal rank, which
depends on every window's rank, where the share among the first ten is 1 for any ten windows.
"""

import math
from collections import defaultdict
from dataclasses import dataclass

import torch
from jaxtyping import Float32, Float64
from torch import Tensor

from .retrieval import ranks_both_ways, retrieval_scores

SAVED, UNCHANGED = "saved", "unchanged"
"""Outcome of a validation: the present model becomes the checkpoint, or an earlier one stays it."""


@dataclass(frozen=True)
class Validation:
    """How well windows of unseen horses retrieve their partners."""

    scores: dict[str, dict[str, float]]
    """Retrieval both ways: `imu_to_film` and `film_to_imu`."""
    score: float
    """Mean reciprocal rank, both ways together."""
    error: float
    """Its standard error over windows, of which those that overlap count for less."""
    windows: int
    """Number of validation windows."""


@dataclass(frozen=True)
class WindowTimes:
    """When validation windows were recorded: which of them share samples."""

    recording: tuple[str, ...]
    """Id of the recording, per window."""
    start_seconds: Float64[Tensor, "windows"]
    """When each starts within its recording."""
    window_seconds: float
    """Length of a window."""


def standard_error(values: Float64[Tensor, "windows"], *, times: WindowTimes | None = None) -> float:
    """Standard error of the mean of these values: of independent windows, or where `times` are given, of windows each
    two of which are correlated as far as they overlap.

    With e the deviations from the mean, error^2 = sum over i, j of w_ij e_i e_j / n^2, where w is the shared part of
    two windows of one recording (the Bartlett kernel of Newey and West 1987, Econometrica 55:703) and 0 of two others.
    """
    deviations = values - values.mean()
    if times is None:
        return float(deviations.square().sum().sqrt()) / len(values)
    rows: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(times.recording):
        rows[name].append(row)
    total = 0.0
    for own in rows.values():
        start, apart = times.start_seconds[own].cpu(), deviations[own]
        shared = (1 - (start[:, None] - start[None]).abs() / times.window_seconds).clamp_min(0.0)
        total += float(apart @ shared @ apart)
    return math.sqrt(max(total, 0.0)) / len(values)


def validation_of(
    imu: Float32[Tensor, "windows shared"],
    film: Float32[Tensor, "windows shared"],
    *,
    times: WindowTimes | None = None,
) -> Validation:
    """Retrieval both ways among these windows."""
    ranks = ranks_both_ways(imu, film)
    reciprocal = torch.stack([1.0 / each.double() for each in ranks.values()]).mean(0)
    return Validation(
        scores={way: retrieval_scores(each) for way, each in ranks.items()},
        score=float(reciprocal.mean()),
        error=standard_error(reciprocal.cpu(), times=times),
        windows=len(reciprocal),
    )


@dataclass
class CheckpointSelector:
    """The best validation so far; saved with a run's state."""

    best: float | None = None
    """Best score; None as long as the last checkpoint counts."""
    error: float = 0.0
    """Its standard error."""
    num_bad_validations: int = 0
    """Validations since then."""

    def update(self, validation: Validation | None, *, min_windows: int) -> str:
        """Take a validation of the present model: SAVED, UNCHANGED, or why the last checkpoint counts instead."""
        windows = validation.windows if validation else 0
        if validation is None or windows < min_windows:
            return f"the last counts: {windows} validation windows, fewer than {min_windows}"
        if self.best is None or validation.score > self.best:
            self.best, self.error, self.num_bad_validations = validation.score, validation.error, 0
        else:
            self.num_bad_validations += 1
        return SAVED if validation.score >= self.best - self.error else UNCHANGED
