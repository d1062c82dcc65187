"""k-nearest neighbours on a frozen student's embeddings: votes of the most similar training windows.

Wu, Xiong, Yu and Lin, Unsupervised feature learning via non-parametric instance discrimination, CVPR 2018, section 3.4:
each of the k training windows of largest cosine s votes for its class with exp(s / temperature).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ...datasets.dataset_split import DatasetSplit
from ...probing.linear import LabelledFeatures
from ...probing.student_probe import Featurise, featured
from ..settings import EvaluationSettings, KnnSettings
from .classifier import ClassifierOutput, all_rows
from .model_selection import for_all_classes, horse_folds, select

DISTANCES_MIB = 32
"""Memory for distances between windows at a time, in MiB; scikit-learn takes several times as much, 1024 by default."""


@dataclass(frozen=True)
class Knn:
    """k-nearest neighbours by cosine."""

    features: Featurise
    """Windows to a row of features each."""

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        """Folds of the training horses select k."""
        from sklearn import config_context

        train, test = featured(split.train, by=self.features), self.features(split.test).astype(np.float64)
        with config_context(working_memory=DISTANCES_MIB):
            model = fit_knn(train, settings=settings.evaluate.knn, folds=settings.probe.folds)
            known = model.predict_proba(test)
        probability = for_all_classes(known, columns=model.classes_, classes=len(split.train.classes), absent=0.0)
        return all_rows(probability, note=f"frozen pretrained student, {model.n_neighbors} nearest windows by cosine")


def fit_knn(train: LabelledFeatures, *, settings: KnnSettings, folds: int) -> Any:
    """scikit-learn's KNeighborsClassifier, with the k that classified held-out training horses best."""
    from sklearn.neighbors import KNeighborsClassifier

    held_out = horse_folds(train, folds=folds)
    fewest = min((len(fitted) for fitted, _ in held_out), default=len(train.label))
    model = KNeighborsClassifier(
        algorithm="brute", metric="cosine", weights=partial(votes, temperature=settings.temperature)
    )
    grid = {"n_neighbors": sorted({min(k, fewest) for k in settings.neighbours})}
    return select(model, grid, train=train, folds=held_out).fit(train.features.astype(np.float64), train.label)


def votes(
    distance: Float64[Array, "windows neighbours"], *, temperature: float
) -> Float64[Array, "windows neighbours"]:
    """exp(s / temperature) of the cosine s = 1 - distance, over that of the nearest so that it cannot underflow."""
    return np.asarray(np.exp((distance.min(axis=1, keepdims=True) - distance) / temperature))
