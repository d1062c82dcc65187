"""How unlike anything learned a window is: a distance in the embedding, calibrated on training horses.

The distance is Mahalanobis' to the nearest class mean with one covariance for all classes, shrunk by Ledoit
and Wolf (Lee et al., NeurIPS 2018, section 2.1; J. Multivariate Anal. 88:365, 2004). Its scale comes from horses
that were left out of means and covariance, so that what is ordinary on a horse never seen counts as ordinary.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

from .linear import LabelledFeatures, folds_by_horse

QUANTILES = np.linspace(0.0, 1.0, 201)
"""Of the distances of left-out horses: their table is what a score is read from."""


@dataclass(frozen=True)
class NoveltyModel:
    """Where the classes lie in the embedding, and how far from them windows of unseen horses usually are."""

    means: Float32[Array, "classes dim"]
    """Mean embedding of each class."""
    whitening: Float32[Array, "dim dim"]
    """W with W W' = the inverse covariance: distances are Euclidean after `features @ W`."""
    usual: Float64[Array, "quantiles"]
    """Distances of left-out horses at QUANTILES."""

    def distance(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows"]:
        """Mahalanobis distance to the nearest class mean."""
        means = self.means.astype(np.float64) @ self.whitening
        points = features.astype(np.float64) @ self.whitening
        squared = ((points[:, None, :] - means[None]) ** 2).sum(axis=2)
        return np.asarray(np.sqrt(squared.min(axis=1)))

    def score(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows"]:
        """Share of ordinary windows that lie nearer, 0 to 1: 0.95 and more is rarer than one ordinary window in 20."""
        return np.asarray(np.interp(self.distance(features), self.usual, QUANTILES))


def fit_novelty(train: LabelledFeatures, *, classes: int, folds: int) -> NoveltyModel:
    """Fits means and covariance to all training windows, and the scale to each fold of horses by the others.

    With one horse alone there is nobody to leave out: the scale then comes from the windows themselves, which makes
    distances of other horses seem larger than they are.
    """
    held_out = [
        _fit(seen, classes=classes).distance(unseen.features) for seen, unseen in folds_by_horse(train, folds=folds)
    ]
    model = _fit(train, classes=classes)
    distances = np.concatenate(held_out) if held_out else model.distance(train.features)
    return NoveltyModel(model.means, model.whitening, np.quantile(distances, QUANTILES))


def _fit(train: LabelledFeatures, *, classes: int) -> NoveltyModel:
    from sklearn.covariance import LedoitWolf

    features = train.features.astype(np.float64)
    means = np.stack([features[train.label == each].mean(axis=0) for each in range(classes)])
    covariance = LedoitWolf(assume_centered=True).fit(features - means[train.label])
    values, vectors = np.linalg.eigh(covariance.precision_)
    whitening = vectors * np.sqrt(np.maximum(values, 0.0))
    return NoveltyModel(means.astype(np.float32), whitening.astype(np.float32), np.zeros(len(QUANTILES)))
