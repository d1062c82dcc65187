"""Where classes lie among features, and how far from them windows of unseen horses usually are."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

QUANTILES = np.linspace(0.0, 1.0, 201)
"""Of the distances of left-out horses: their table is what a score is read from."""


@dataclass(frozen=True)
class NoveltyModel:
    """Where the classes lie among features, and how far from them windows of unseen horses usually are."""

    means: Float32[Array, "classes dim"]
    """Mean features of each class."""
    whitening: Float32[Array, "dim axes"]
    """W after which, as `features @ W`, distances are Euclidean within the classes on average."""
    usual: Float64[Array, "quantiles"]
    """Distances of left-out horses at QUANTILES."""
    by_class: Float32[Array, "classes axes axes"] | None = None
    """For each class V after which, as `features @ W @ V`, its own distances are Euclidean; None where W is for all."""

    def distance(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows"]:
        """Mahalanobis distance to the nearest class mean; a missing feature (NaN) lies at each class's own."""
        missing = np.isnan(features)
        points = np.where(missing, 0.0, features.astype(np.float64)) @ self.whitening
        lacking = np.flatnonzero(missing.any(axis=1))
        squared = []
        for number, mean in enumerate(self.means.astype(np.float64)):
            apart = points - mean @ self.whitening
            apart[lacking] += np.where(missing[lacking], mean, 0.0) @ self.whitening
            squared.append(((apart if self.by_class is None else apart @ self.by_class[number]) ** 2).sum(axis=1))
        return np.asarray(np.sqrt(np.min(squared, axis=0)))

    def score(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows"]:
        """Share of ordinary windows that lie nearer, 0 to 1: 0.95 and more is rarer than one ordinary window in 20."""
        return np.asarray(np.interp(self.distance(features), self.usual, QUANTILES))
