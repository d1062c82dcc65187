"""Self-training: a probe of few labels is refitted with the unlabelled windows that it classifies most confidently.

Thirty windows of one horse give a boundary specific to that horse; hundreds of others show where the gaits of all
horses lie, as far as the features separate gaits (Scudder 1965; Yarowsky 1995). Where they do not, it learns its own
mistakes and regresses on the labelled windows: then the first fit is kept.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray as Array

from .linear import LabelledFeatures, LinearClassifier
from .settings import ProbeSettings

MAX_REGRESSION = 0.1
"""Largest loss of accuracy on the labelled windows and their copies. On two simulated yards, ten draws of ten labels a
gait each, a pretrained student's probe lost 0.002 at most; an untrained one's 0.08 to 0.4, and was then mostly worse on
unseen horses too."""


@dataclass(frozen=True)
class UnlabelledFeatures:
    """Feature vectors of windows without labels."""

    features: Float32[Array, "windows dim"]
    """One row a window."""
    horse: tuple[str, ...]
    """The horse of each window."""

    def __len__(self) -> int:
        return len(self.horse)


def share_of(unlabelled: int, *, labelled: int, settings: ProbeSettings) -> float:
    """The share of the unlabelled windows to add: 0 where they do not outnumber the labelled ones."""
    return settings.self_training if unlabelled > labelled else 0.0


def with_confident(
    known: LabelledFeatures, *, unlabelled: UnlabelledFeatures, first: LinearClassifier, share: float
) -> LabelledFeatures:
    """The labelled windows, then this share of the others with the classes that `first` gives them, by largest margin.

    All together have the weight of the labelled ones alone.
    """
    rows, label = select_confident(first.logits(unlabelled.features), share=share)
    return replace(
        known,
        features=np.concatenate([known.features, unlabelled.features[rows]]),
        label=np.concatenate([known.label, label]),
        horse=(*known.horse, *(unlabelled.horse[row] for row in rows.tolist())),
        weight=known.weight * len(known.label) / (len(known.label) + len(rows)),
    )


def regresses(refitted: LinearClassifier, *, first: LinearClassifier, labelled: LabelledFeatures) -> bool:
    """Whether its accuracy on the labelled windows is below the first fit's by more than `MAX_REGRESSION`."""
    accuracy = [np.mean(each.logits(labelled.features).argmax(axis=1) == labelled.label) for each in (refitted, first)]
    return bool(accuracy[0] < accuracy[1] - MAX_REGRESSION)


def select_confident(
    logits: Float64[Array, "windows classes"], *, share: float
) -> tuple[Int64[Array, "chosen"], Int64[Array, "chosen"]]:
    """Row numbers and predicted classes of this share of each class's windows, one at least: those with the largest
    margin between the best logit and the next."""
    predicted, ranked = logits.argmax(axis=1), np.sort(logits, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    chosen = [_widest(np.flatnonzero(predicted == each), margin=margin, share=share) for each in np.unique(predicted)]
    rows = np.sort(np.concatenate(chosen))
    return rows, predicted[rows]


def _widest(
    rows: Int64[Array, "predicted"], *, margin: Float64[Array, "windows"], share: float
) -> Int64[Array, "chosen"]:
    return rows[np.argsort(-margin[rows], kind="stable")][: max(int(share * len(rows)), 1)]
