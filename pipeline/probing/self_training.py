"""Self-training: a probe of few labels is fitted anew, with the unlabelled windows it is surest of at its own word.

Thirty windows of one horse draw a boundary that leans on that horse; hundreds of others show where the gaits of all
horses lie, as far as the features hold gaits apart (Scudder 1965; Yarowsky 1995). Where they do not, it is taught its
own mistakes and forgets what it was told: then it stays as it was.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray as Array

from .linear import LabelledFeatures, LinearClassifier
from .settings import ProbeSettings

FORGOTTEN = 0.1
"""Share of the labelled windows and their copies that may be told wrong only since. On two simulated yards, ten draws
of ten labels a gait each, a pretrained student's probe forgot 0.002 at most; an untrained one's 0.08 to 0.4, which then
mostly told strange horses worse."""


@dataclass(frozen=True)
class UnlabelledFeatures:
    """Feature vectors of windows of which nobody said what they show."""

    features: Float32[Array, "windows dim"]
    """One row a window."""
    horse: tuple[str, ...]
    """Who each window is of."""

    def __len__(self) -> int:
        return len(self.horse)


def share_of(unlabelled: int, *, labelled: int, settings: ProbeSettings) -> float:
    """Which share of so many unlabelled windows joins: none where they do not outnumber the labelled."""
    return settings.self_training if unlabelled > labelled else 0.0


def with_surest(
    known: LabelledFeatures, *, unlabelled: UnlabelledFeatures, first: LinearClassifier, share: float
) -> LabelledFeatures:
    """The labelled windows, then this share of the others as `first` tells them: of each class those it is surest of.

    All of them together weigh what the labelled ones weigh alone.
    """
    rows, label = surest(first.logits(unlabelled.features), share=share)
    return LabelledFeatures(
        features=np.concatenate([known.features, unlabelled.features[rows]]),
        label=np.concatenate([known.label, label]),
        horse=(*known.horse, *(unlabelled.horse[row] for row in rows.tolist())),
        weight=known.weight * len(known.label) / (len(known.label) + len(rows)),
    )


def forgets(anew: LinearClassifier, *, first: LinearClassifier, taught: LabelledFeatures) -> bool:
    """Whether it tells more than `FORGOTTEN` less than the first of the windows that both were told."""
    right = [np.mean(each.logits(taught.features).argmax(axis=1) == taught.label) for each in (anew, first)]
    return bool(right[0] < right[1] - FORGOTTEN)


def surest(
    logits: Float64[Array, "windows classes"], *, share: float
) -> tuple[Int64[Array, "chosen"], Int64[Array, "chosen"]]:
    """Row numbers and class of this share of each class's windows, one at least: those whose best logit stands highest
    above the next."""
    told, ranked = logits.argmax(axis=1), np.sort(logits, axis=1)
    margin = ranked[:, -1] - ranked[:, -2]
    chosen = [_first_of(np.flatnonzero(told == each), margin=margin, share=share) for each in np.unique(told)]
    rows = np.sort(np.concatenate(chosen))
    return rows, told[rows]


def _first_of(rows: Int64[Array, "told"], *, margin: Float64[Array, "windows"], share: float) -> Int64[Array, "chosen"]:
    return rows[np.argsort(-margin[rows], kind="stable")][: max(int(share * len(rows)), 1)]
