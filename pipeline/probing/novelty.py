"""How unlike anything learned a window is: a distance in the embedding, calibrated on training horses.

The distance is Mahalanobis' to the nearest class mean with one covariance for all classes, shrunk by Ledoit
and Wolf (Lee et al., NeurIPS 2018, section 2.1; J. Multivariate Anal. 88:365, 2004). Its scale comes from horses
that were left out of means and covariance, so that what is ordinary on a horse never seen counts as ordinary.
"""

import numpy as np

from .linear import LabelledFeatures, folds_by_horse
from .novelty_model import QUANTILES, NoveltyModel


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
