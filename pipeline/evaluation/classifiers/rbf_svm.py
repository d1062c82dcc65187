"""A support vector machine with an RBF kernel on standardised features: what a curved boundary adds to a straight one.

exp(-gamma |x - y|^2), one machine for each pair of classes (Chang and Lin 2011, LIBSVM, as in scikit-learn). One
temperature, fitted on held-out training horses, turns its decision values into probabilities.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

from ...datasets.dataset_split import DatasetSplit
from ...probing.linear import LabelledFeatures, fit_temperature, softmax
from ...probing.student_probe import Featurise, featured
from ..settings import EvaluationSettings, RbfSvmSettings
from .classifier import ClassifierOutput, all_rows
from .model_selection import Fold, for_all_classes, horse_folds, select


@dataclass(frozen=True)
class RbfSvm:
    """The support vector machine on fixed features."""

    features: Featurise
    """Windows to a row of features each."""
    what: str
    """What the features are, for the note."""

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        """Folds of the training horses select C and gamma."""
        train = featured(split.train, by=self.features)
        fitted = fit_rbf_svm(
            train, classes=len(split.train.classes), settings=settings.evaluate.rbf_svm, folds=settings.probe.folds
        )
        machine = fitted.pipeline[-1]
        chosen = f"C = {machine.C:g}, gamma = {machine.gamma * train.features.shape[1]:g} / features"
        note = f"{self.what}, support vector machine with an RBF kernel, {chosen}"
        return all_rows(fitted.probabilities(self.features(split.test)), note=note)


@dataclass(frozen=True)
class FittedSvm:
    """A fitted machine behind its standardisation."""

    pipeline: Any
    """scikit-learn's StandardScaler and SVC."""
    classes: int
    """How many there are; the machine knows those of its training windows."""
    temperature: float = 1.0
    """What decision values are divided by to be logits."""

    def scores(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows classes"]:
        """Decision values, the largest is the prediction; a class that was not fitted gets one less than the least."""
        decided = self.pipeline.decision_function(features.astype(np.float64))
        votes = decided if decided.ndim == 2 else np.stack([-decided, decided], axis=1) / 2
        every = for_all_classes(votes, columns=self.pipeline.classes_, classes=self.classes, absent=np.nan)
        return np.where(np.isnan(every), votes.min(axis=1, keepdims=True) - 1.0, every)

    def probabilities(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows classes"]:
        """Rows sum to one."""
        return softmax(self.scores(features) / self.temperature)


def fit_rbf_svm(train: LabelledFeatures, *, classes: int, settings: RbfSvmSettings, folds: int) -> FittedSvm:
    """C and gamma that classified held-out training horses best, the smoothest of equals; fitted on all of them."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    tuned_on, dim = _thinned(train, most=settings.tuning_windows), train.features.shape[1]
    held_out = horse_folds(tuned_on, folds=folds)
    grid = {
        "svc__C": sorted(settings.inverse_penalties),
        "svc__gamma": [width / dim for width in sorted(settings.widths)],
    }
    model = make_pipeline(StandardScaler(), SVC(class_weight="balanced"))
    chosen = select(model, grid, train=tuned_on, folds=held_out)
    temperature = _temperature(chosen, train=tuned_on, folds=held_out, classes=classes)
    fitted_on = _thinned(train, most=settings.most_windows)
    chosen.fit(fitted_on.features.astype(np.float64), fitted_on.label)
    return FittedSvm(chosen, classes, temperature)


def _temperature(model: Any, *, train: LabelledFeatures, folds: list[Fold], classes: int) -> float:
    """From the decision values for each horse when it is held out; 1 where nothing can be."""
    from sklearn.base import clone

    if not folds:
        return 1.0
    scores = []
    for fitted, held_out in folds:
        fold = clone(model).fit(train.features[fitted].astype(np.float64), train.label[fitted])
        scores.append(FittedSvm(fold, classes).scores(train.features[held_out]))
    return fit_temperature(np.concatenate(scores), label=np.concatenate([train.label[rows] for _, rows in folds]))


def _thinned(train: LabelledFeatures, *, most: int) -> LabelledFeatures:
    """At most so many windows, evenly over horses and time: the machine's cost grows with their square.

    A class so rare that all of it would go keeps its first window.
    """
    kept = np.zeros(len(train.label), dtype=bool)
    kept[np.linspace(0, len(kept) - 1, min(most, len(kept))).round().astype(np.int64)] = True
    there, first = np.unique(train.label, return_index=True)
    kept[first[~np.isin(there, train.label[kept])]] = True
    return train.where(kept)
