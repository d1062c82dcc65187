"""Hyperparameters selected by folds of training horses: the one rule for k-nearest neighbours and the RBF-SVM."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ...probing.linear import LabelledFeatures
from .. import metrics

Fold = tuple[Int64[Array, "_"], Int64[Array, "_"]]
"""Row numbers to fit on, and to hold out."""


def horse_folds(train: LabelledFeatures, *, folds: int) -> list[Fold]:
    """Row numbers to fit on and to hold out, whole horses each; a fold that would hold out all of a class is left out.

    None of a single horse.
    """
    from sklearn.model_selection import GroupKFold

    horses = len(set(train.horse))
    if horses < 2:
        return []
    every = set(np.unique(train.label))
    split = GroupKFold(n_splits=min(folds, horses)).split(train.features, train.label, groups=train.horse)
    return [(fitted, held_out) for fitted, held_out in split if set(np.unique(train.label[fitted])) == every]


def select(estimator: Any, grid: Mapping[str, Sequence[Any]], *, train: LabelledFeatures, folds: list[Fold]) -> Any:
    """The estimator, not yet fitted, with those values of the grid that have the best balanced accuracy on held-out
    horses, the first of equals; the middle of the grid where there is nothing to select by."""
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, ParameterGrid

    candidates = list(ParameterGrid(grid))
    chosen = candidates[len(candidates) // 2]
    if folds and len(candidates) > 1:
        search = GridSearchCV(estimator, grid, scoring=_balanced_accuracy, cv=folds, refit=False)
        chosen = search.fit(train.features.astype(np.float64), train.label).best_params_
    return clone(estimator).set_params(**chosen)


def for_all_classes(
    known: Float64[Array, "windows known"], *, columns: Int64[Array, "known"], classes: int, absent: float
) -> Float64[Array, "windows {classes}"]:
    """Columns of the classes an estimator was fitted on among all; those it never saw hold `absent`."""
    every = np.full((len(known), classes), absent)
    every[:, columns] = known
    return every


def _balanced_accuracy(
    estimator: Any, features: Float64[Array, "windows dim"], truth: Int64[Array, "windows"]
) -> float:
    predicted = estimator.predict(features)
    classes = int(max(truth.max(), predicted.max())) + 1
    return float(metrics.balanced_accuracy(metrics.confusion_matrix(truth, predicted=predicted, classes=classes)))
