"""A support vector machine with a Gaussian kernel on standardised features: what a curved boundary adds to a straight.

exp(-gamma |x - y|^2), one machine for each pair of classes (Chang and Lin 2011, LIBSVM, as scikit-learn has it). What
it says of windows is turned into probabilities by one temperature, fitted on training horses that were left out.
"""

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

from ...probing.linear import SMALLEST_DEVIATION, LabelledFeatures, fit_temperature, folds_by_horse, softmax
from ..settings import KernelSettings
from .model_selection import choose_by_folds


@dataclass(frozen=True)
class KernelMachine:
    """A fitted machine with the standardisation that belongs to it."""

    machine: Any
    """scikit-learn's SVC."""
    classes: int
    """How many there are to tell; the machine knows those of its training windows."""
    mean: Float64[Array, "dim"]
    """Subtracted from features."""
    scale: Float64[Array, "dim"]
    """What they are divided by; infinite for a feature that never varied."""
    inverse_penalty: float
    """The C that was chosen."""
    width: float
    """The gamma that was chosen, times the number of features."""
    temperature: float = 1.0
    """What its scores are divided by to be logits."""

    def scores(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows classes"]:
        """Votes of the pairs with their confidence, a column for each class; the largest is its answer.

        A class that was not there to learn from gets one vote less than the least of the others.
        """
        decided = self.machine.decision_function((features.astype(np.float64) - self.mean) / self.scale)
        votes = decided if decided.ndim == 2 else np.stack([-decided, decided], axis=1) / 2
        scores = np.tile(votes.min(axis=1, keepdims=True) - 1.0, (1, self.classes))
        scores[:, self.machine.classes_] = votes
        return scores

    def probabilities(self, features: Float32[Array, "windows dim"]) -> Float64[Array, "windows classes"]:
        """Rows sum to one."""
        return softmax(self.scores(features) / self.temperature)


def fit_kernel(train: LabelledFeatures, *, classes: int, settings: KernelSettings, folds: int) -> KernelMachine:
    """C and gamma that told left-out training horses best, the smoothest of equals; fitted on all training windows."""
    tuned_on = _thinned(train, most=settings.tuning_windows)
    candidates = list(product(sorted(settings.inverse_penalties), sorted(settings.widths)))
    chosen = choose_by_folds(
        candidates,
        train=tuned_on,
        classes=classes,
        folds=folds,
        tell=lambda pair, seen, unseen: _fit(seen, *pair, classes=classes).scores(unseen.features),
    )
    temperature = _temperature(tuned_on, *chosen, classes=classes, folds=folds)
    return _fit(_thinned(train, most=settings.most_windows), *chosen, classes=classes, temperature=temperature)


def _fit(
    train: LabelledFeatures, inverse_penalty: float, width: float, *, classes: int, temperature: float = 1.0
) -> KernelMachine:
    from sklearn.svm import SVC

    features = train.features.astype(np.float64)
    mean, deviation = features.mean(axis=0), features.std(axis=0)
    scale = np.where(deviation > SMALLEST_DEVIATION, deviation, np.inf)
    machine = SVC(C=inverse_penalty, gamma=width / features.shape[1], class_weight="balanced")
    machine.fit((features - mean) / scale, train.label)
    return KernelMachine(machine, classes, mean, scale, inverse_penalty, width, temperature)


def _temperature(train: LabelledFeatures, inverse_penalty: float, width: float, *, classes: int, folds: int) -> float:
    """By what the machine says of each horse when it is left out; 1 where there is one horse alone."""
    trials = list(folds_by_horse(train, folds=folds))
    if not trials:
        return 1.0
    scores = [_fit(seen, inverse_penalty, width, classes=classes).scores(unseen.features) for seen, unseen in trials]
    return fit_temperature(np.concatenate(scores), label=np.concatenate([unseen.label for _, unseen in trials]))


def _thinned(train: LabelledFeatures, *, most: int) -> LabelledFeatures:
    """At most so many windows, evenly over horses and time: the machine's cost grows with their square.

    A class so rare that all of it would go keeps its first window.
    """
    kept = np.zeros(len(train.label), dtype=bool)
    kept[np.linspace(0, len(kept) - 1, min(most, len(kept))).round().astype(np.int64)] = True
    there, first = np.unique(train.label, return_index=True)
    kept[first[~np.isin(there, train.label[kept])]] = True
    return train.where(kept)
