"""Choosing a judge's settings by folds of training horses: the one rule for all that have something to choose."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ...probing.linear import LabelledFeatures, folds_by_horse
from .. import metrics

Candidate = TypeVar("Candidate")
Tell = Callable[[Candidate, LabelledFeatures, LabelledFeatures], Float64[Array, "windows classes"]]
"""What a candidate that has learned from the first set says of the second: the largest column is its answer."""


def choose_by_folds(
    candidates: Sequence[Candidate], *, train: LabelledFeatures, classes: int, folds: int, tell: Tell[Candidate]
) -> Candidate:
    """The candidate with the best balanced accuracy on the horses left out, of equals the first.

    Of one horse there are no folds: then the middle candidate stands.
    """
    trials = list(folds_by_horse(train, folds=folds)) if len(candidates) > 1 else []
    if not trials:
        return candidates[len(candidates) // 2]
    merits = [
        np.mean([_balanced_accuracy(tell(candidate, *trial), truth=trial[1], classes=classes) for trial in trials])
        for candidate in candidates
    ]
    return candidates[int(np.argmax(merits))]


def _balanced_accuracy(told: Float64[Array, "windows classes"], *, truth: LabelledFeatures, classes: int) -> float:
    confusion = metrics.confusion_matrix(truth.label, predicted=told.argmax(axis=1), classes=classes)
    return float(metrics.balanced_accuracy(confusion))
