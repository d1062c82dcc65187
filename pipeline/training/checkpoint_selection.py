"""The choice of the checkpoint: the last one that validation cannot tell from the best (the one-standard-error rule).

With few validation windows the best score is luck, and it tends to come early. A learning rate that falls to zero makes
the last steps good ones, unless training has gone too far; so a checkpoint gives way to every later one whose score is
not below the best so far by more than that one's standard error (after Breiman et al. 1984, "Classification and
regression trees", section 3.4.3, who take the simplest tree within one). The score is the mean reciprocal rank, which
every window's rank enters: the share among the first ten is 1 for any ten windows.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float32
from torch import Tensor

from .retrieval import ranks_both_ways, retrieval_scores

TAKEN, KEPT = "taken", "kept"
"""What became of a validated model: it is the checkpoint now, or an earlier one stays it."""


@dataclass(frozen=True)
class Validation:
    """How well windows of unseen horses find their partners."""

    scores: dict[str, dict[str, float]]
    """Retrieval both ways: `imu_to_film` and `film_to_imu`."""
    merit: float
    """Mean reciprocal rank, both ways together."""
    error: float
    """Its standard error over windows, as if they were drawn one by one."""
    windows: int
    """How many there were."""


def validation_of(imu: Float32[Tensor, "windows shared"], film: Float32[Tensor, "windows shared"]) -> Validation:
    """Retrieval both ways among these windows."""
    ranks = ranks_both_ways(imu, film)
    reciprocal = torch.stack([1.0 / each.double() for each in ranks.values()]).mean(0)
    many = len(reciprocal)
    return Validation(
        scores={way: retrieval_scores(each) for way, each in ranks.items()},
        merit=float(reciprocal.mean()),
        error=float(reciprocal.std(correction=0)) / math.sqrt(many),
        windows=many,
    )


@dataclass
class Progress:
    """How far a run has come: with the trainer's state, all that a resumed run needs."""

    step: int = 0
    """Steps done."""
    best: float | None = None
    """Best merit so far; None as long as nothing has been chosen."""
    error: float = 0.0
    """Its standard error."""
    stale: int = 0
    """Validations since then."""

    def judge(self, validation: Validation | None, *, fewest: int) -> str:
        """What becomes of the model as it is: TAKEN, KEPT, or why the last one counts whatever is seen."""
        windows = validation.windows if validation else 0
        if validation is None or windows < fewest:
            return f"the last counts: {windows} windows validate, fewer than {fewest}"
        if self.best is None or validation.merit > self.best:
            self.best, self.error, self.stale = validation.merit, validation.error, 0
        else:
            self.stale += 1
        return TAKEN if validation.merit >= self.best - self.error else KEPT
