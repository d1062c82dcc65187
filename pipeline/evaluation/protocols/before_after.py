"""Two classifiers of the same classes on the same windows, horse by horse: what the later one gained or lost."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from numpy import ndarray as Array

from ...datasets.window_dataset import WindowDataset
from ...probing.linear import LinearClassifier
from .. import metrics


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
    features, horses = by(unseen), np.array(unseen.horse)
    earlier, later = (each.probabilities(features).argmax(axis=1) for each in (before, after))
    changes = []
    for name in unseen.horses:
        rows = np.flatnonzero(horses == name)
        was, now = (_macro_f1(unseen, predicted=predicted, rows=rows) for predicted in (earlier, later))
        changes.append(HorseChange(name, before=was, after=now, n_windows=len(rows)))
    return tuple(changes)


def _macro_f1(windows: WindowDataset, *, predicted: Array, rows: Array) -> float:
    confusion = metrics.confusion_matrix(
        windows.label[rows], predicted=predicted[rows].astype(np.int64), classes=len(windows.classes)
    )
    return float(metrics.macro_f1(confusion))
