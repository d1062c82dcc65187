"""Two classifiers of the same classes on the same windows, horse by horse: what the later one gained or lost."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

from ...datasets.window_dataset import WindowDataset
from ...probing.linear import LinearClassifier
from ..intervals import grouped_confusions
from ..metrics import macro_f1


@dataclass(frozen=True)
class HorseChange:
    """Scores of one horse by two classifiers."""

    horse: str
    """Who."""
    before: float
    """Macro-F1 of the earlier classifier."""
    after: float
    """Macro-F1 of the later one."""
    n_windows: int
    """Labelled windows that both were scored on."""

    def __str__(self) -> str:
        return (
            f"{self.horse}: {self.before:.3f} to {self.after:.3f} ({self.after - self.before:+.3f}), "
            f"{self.n_windows} windows"
        )


def score_changes(
    before: LinearClassifier,
    *,
    after: LinearClassifier,
    test: WindowDataset,
    by: Callable[[WindowDataset], Float32[Array, "windows dim"]],
) -> tuple[HorseChange, ...]:
    """Macro-F1 of both on each horse that neither has learned from; `by` computes the features of windows."""
    unseen = test.of(set(test.horses) - {*before.horses, *after.horses})
    if not len(unseen):
        return ()
    features = by(unseen)
    horses, horse = np.unique(unseen.horse, return_inverse=True)

    def scores(classifier: LinearClassifier) -> Float64[Array, "horses"]:
        # A probe of an older version reads the embedding alone, which comes first.
        predicted = classifier.probabilities(features[:, : classifier.weight.shape[1]]).argmax(axis=1)
        return macro_f1(grouped_confusions(horse, truth=unseen.label, predicted=predicted, classes=len(unseen.classes)))

    return tuple(
        HorseChange(str(name), before=float(was), after=float(now), n_windows=int(count))
        for name, was, now, count in zip(horses, scores(before), scores(after), np.bincount(horse), strict=True)
    )
