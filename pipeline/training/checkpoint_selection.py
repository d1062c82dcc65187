"""Selection of the checkpoint: the last one that validation cannot distinguish from the best (one-standard-error rule).

With few validation windows the best score is partly chance, and tends to come early, while a learning rate that falls
to zero makes late steps good ones unless the model overfits. So a checkpoint is replaced by every later one whose score
is not below the best so far by more than that one's standard error (after Breiman et al. 1984, "Classification and
regression trees", section 3.4.3, who take the simplest tree within one). The score is the mean reciprocal rank, which
depends on every window's rank, where the share among the first ten is 1 for any ten windows.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float32
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
    """Its standard error over windows, taken as independent."""
    windows: int
    """Number of validation windows."""


def validation_of(imu: Float32[Tensor, "windows shared"], film: Float32[Tensor, "windows shared"]) -> Validation:
    """Retrieval both ways among these windows."""
    ranks = ranks_both_ways(imu, film)
    reciprocal = torch.stack([1.0 / each.double() for each in ranks.values()]).mean(0)
    count = len(reciprocal)
    return Validation(
        scores={way: retrieval_scores(each) for way, each in ranks.items()},
        score=float(reciprocal.mean()),
        error=float(reciprocal.std(correction=0)) / math.sqrt(count),
        windows=count,
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
