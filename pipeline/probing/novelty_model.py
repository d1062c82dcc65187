"""Where classes lie in the embedding, and how far from them windows of unseen horses usually are."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

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
