"""How unlike anything learned a window is: a distance among features, calibrated on training horses.

The distance is Mahalanobis' to the nearest class mean. With few classes it has one covariance for all of them, shrunk
by Ledoit and Wolf (Lee et al., NeurIPS 2018, section 2.1; J. Multivariate Anal. 88:365, 2004). With many it has each
class's own, among the directions that tell the classes apart (linear discriminant analysis, its covariance shrunk
towards its diagonal): a gait between two that are known differs from both there, and hardly elsewhere. Its scale comes
from horses that were left out of means and covariance, so that what is ordinary on a horse never seen counts as
ordinary.
"""

from dataclasses import replace
from itertools import takewhile

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..students.joined_features import MOUNTED
from .linear import LabelledFeatures, folds_by_horse, mean_of_present
from .novelty_model import QUANTILES, NoveltyModel

MANY_CLASSES = 6
"""From so many classes on the directions that tell them apart are enough to see what is new; three have two of them."""
SHRINKAGE = 0.2
"""Of the covariance in the discriminant analysis. With the tolt left out of 13 behaviours, simulated horses of a
development seed: all of its windows unknown at 3 % false unknowns, 0.94 at 1 % with a shrinkage of 0.02."""


def fit_novelty(train: LabelledFeatures, *, classes: int, folds: int) -> NoveltyModel:
    """Fits means and covariance to all training windows, and the scale to each fold of horses by the others.

    With many classes all features count that no mount changes, else the first block alone: the embedding. With one
    horse alone there is nobody to leave out: the scale then comes from the windows themselves, which makes distances of
    other horses seem larger than they are.
    """
    discriminant = classes >= MANY_CLASSES
    known = _leading(train) if discriminant else train.block(0)
    fit = _fit_discriminant if discriminant else _fit_common
    held_out = [
        fit(seen, classes=classes).distance(unseen.features) for seen, unseen in folds_by_horse(known, folds=folds)
    ]
    model = fit(known, classes=classes)
    distances = np.concatenate(held_out) if held_out else model.distance(known.features)
    return replace(model, usual=np.quantile(distances, QUANTILES))


def _leading(train: LabelledFeatures) -> LabelledFeatures:
    """The columns before those that a turned mount changes: that is not a behaviour never seen."""
    before = takewhile(lambda block: block.name not in MOUNTED, train.blocks)
    width = sum(block.width for block in before) or train.features.shape[1]
    return LabelledFeatures(train.features[:, :width], train.label, train.horse)


def _centred(
    train: LabelledFeatures, *, classes: int
) -> tuple[Float64[Array, "classes dim"], Float64[Array, "windows dim"]]:
    """The mean of each class, and each window less its own: 0 where a feature is missing."""
    features = train.features.astype(np.float64)
    whole = mean_of_present(features)
    means = np.stack([mean_of_present(features[train.label == each], default=whole) for each in range(classes)])
    return means, np.nan_to_num(features - means[train.label])


def _fit_common(train: LabelledFeatures, *, classes: int) -> NoveltyModel:
    from sklearn.covariance import LedoitWolf

    means, within = _centred(train, classes=classes)
    covariance = LedoitWolf(assume_centered=True).fit(within)
    whitening = _root(covariance.precision_)
    return NoveltyModel(means.astype(np.float32), whitening.astype(np.float32), np.zeros(len(QUANTILES)))


def _fit_discriminant(train: LabelledFeatures, *, classes: int) -> NoveltyModel:
    from scipy.linalg import eigh
    from sklearn.covariance import LedoitWolf

    means, within = _centred(train, classes=classes)
    scale = np.maximum(within.std(axis=0), 1e-6)
    own = (within / scale).T @ (within / scale) / len(within)
    own = (1.0 - SHRINKAGE) * own + SHRINKAGE * np.eye(len(scale))
    between = (means - means.mean(axis=0)) / scale
    _, axes = eigh(between.T @ between, own, subset_by_index=(len(scale) - classes + 1, len(scale) - 1))
    whitening = axes / scale[:, None]
    spread = [_root(LedoitWolf().fit(within[train.label == each] @ whitening).precision_) for each in range(classes)]
    by_class = np.stack(spread).astype(np.float32)
    return NoveltyModel(means.astype(np.float32), whitening.astype(np.float32), np.zeros(len(QUANTILES)), by_class)


def _root(precision: Float64[Array, "dim dim"]) -> Float64[Array, "dim dim"]:
    """W with W W' = this matrix."""
    values, vectors = np.linalg.eigh(precision)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
