"""k nearest neighbours: what a frozen student tells without any training, by the labels of the most alike windows.

Wu, Xiong, Yu and Lin, Unsupervised feature learning via non-parametric instance discrimination, CVPR 2018, section 3.4:
of the k training windows of largest cosine s each votes for its class with exp(s / temperature).
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

from ...probing.linear import LabelledFeatures
from ..settings import NeighbourSettings
from .model_selection import choose_by_folds

BATCH = 1024
"""Windows at a time: bounds memory, changes nothing."""


@dataclass(frozen=True)
class Neighbours:
    """Labelled windows to be looked up."""

    known: LabelledFeatures
    """Who may be a neighbour."""
    classes: int
    """How many there are to vote for."""
    neighbours: int
    """How many vote; all where fewer are known."""
    temperature: float
    """The smaller, the more the nearest ones decide."""

    def probabilities(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows classes"]:
        """Shares of the votes; rows sum to one."""
        known = _unit(self.known.features)
        parts = [
            self._votes(_unit(features[start : start + BATCH]) @ known.T)
            for start in range(0, max(len(features), 1), BATCH)
        ]
        votes = np.concatenate(parts)
        return np.asarray(votes / votes.sum(axis=1, keepdims=True))

    def _votes(self, cosine: Float64[Array, "windows known"]) -> Float64[Array, "windows classes"]:
        count = min(self.neighbours, cosine.shape[1])
        nearest = np.argpartition(-cosine, count - 1, axis=1)[:, :count]
        alike = np.take_along_axis(cosine, nearest, axis=1)
        weight = np.exp((alike - alike.max(axis=1, keepdims=True)) / self.temperature)
        chosen = self.known.label[nearest]
        columns = [np.where(chosen == label, weight, 0.0).sum(axis=1) for label in range(self.classes)]
        return np.stack(columns, axis=1)


def fit_neighbours(train: LabelledFeatures, *, classes: int, settings: NeighbourSettings, folds: int) -> Neighbours:
    """The training windows, and the k that told the windows of left-out training horses best."""

    def of(neighbours: int, known: LabelledFeatures) -> Neighbours:
        return Neighbours(known, classes, neighbours, settings.temperature)

    chosen = choose_by_folds(
        sorted(settings.neighbours),
        train=train,
        classes=classes,
        folds=folds,
        tell=lambda count, seen, unseen: of(count, seen).probabilities(unseen.features),
    )
    return of(chosen, train)


def _unit(features: Float32[Array, "windows dim"]) -> Float64[Array, "windows dim"]:
    """Rows of length one; a row of zeros stays one."""
    rows = features.astype(np.float64)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))
