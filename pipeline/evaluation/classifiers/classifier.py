"""The interface of every classifier of test windows: what it is given, what it returns, when it cannot."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ...datasets.dataset_split import DatasetSplit
from ..settings import EvaluationSettings


class CannotPredictError(Exception):
    """These recordings do not allow a classifier to be fitted or to predict; the message says why."""


@dataclass(frozen=True)
class ClassifierOutput:
    """What a classifier predicts of test windows."""

    rows: Int64[Array, "predicted"]
    """Which test windows it predicts: all, except for a teacher that needs film."""
    probability: Float64[Array, "predicted classes"]
    """Rows sum to one."""
    note: str
    """What the classifier is and what it was fitted on, in a sentence."""


@runtime_checkable
class Classifier(Protocol):
    """A way to classify windows, with whatever features or student it was made from."""

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        """Fits on `split.train`, selects on `split.validation` or folds of the training horses, predicts `split.test`.

        Raises CannotPredictError where these windows do not allow it. Labels of `split.test` are not read.
        """
        ...


def all_rows(probability: Float64[Array, "windows classes"], *, note: str) -> ClassifierOutput:
    """The output of a classifier that predicts every test window."""
    return ClassifierOutput(np.arange(len(probability)), probability, note)
