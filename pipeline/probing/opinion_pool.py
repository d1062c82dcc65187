"""A probe on several kinds of features: a classifier of each, and their pool, in which those that predict horses held
out better count for more.

The logarithmic opinion pool of classifiers is the normalised weighted geometric mean of their probabilities (Genest and
Zidek 1986, Statistical Science 1:114, section 3.3). Of linear classifiers it is a linear classifier on all features
together, whose logits are the weighted mean of theirs; each is calibrated first by its own temperature.

A block's share is in proportion to the inverse of its class-balanced log loss on the horses held out: where the film
has taught little, the student's block has little say. Test horses and film play no part in that.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .linear import (
    FeatureBlock,
    LabelledFeatures,
    LinearClassifier,
    balanced_log_loss,
    divided,
    fit_linear,
    fit_regression,
    fit_temperature,
    log_softmax,
    require_all_classes,
    trials_of,
    with_temperature,
)
from .settings import ProbeSettings

SMALLEST_LOSS = 1e-3
"""Floor of a loss: a block that errs nowhere leaves the others a part."""

Trial = tuple[LabelledFeatures, LabelledFeatures]


def fit_pool(
    train: LabelledFeatures,
    *,
    classes: tuple[str, ...],
    settings: ProbeSettings,
    validation: LabelledFeatures | None = None,
) -> LinearClassifier:
    """`fit_linear` for each block of features, and their pool; with equal shares where no horse can be held out."""
    if len(train.blocks) < 2:
        return fit_linear(train, classes=classes, settings=settings, validation=validation)
    require_all_classes(train.label, classes=classes)
    held_out = validation if validation is not None and len(validation.label) else None
    trials = trials_of(train, settings=settings, validation=held_out)
    uncalibrated = settings.model_copy(update={"calibrate": False})
    fitted = [
        _fit_block(number, train=train, classes=classes, settings=uncalibrated, validation=held_out, trials=trials)
        for number in range(len(train.blocks))
    ]
    fits, losses = zip(*fitted, strict=True)
    pooled = _pooled(fits, blocks=train.blocks, shares=shares_of(losses))
    return pooled if held_out is None or not settings.calibrate else with_temperature(pooled, held_out=held_out)


def shares_of(losses: Sequence[float]) -> list[float]:
    """Shares in proportion to the inverse of these losses; they sum to one."""
    inverse = 1.0 / np.maximum(losses, SMALLEST_LOSS)
    shares: list[float] = (inverse / inverse.sum()).tolist()
    return shares


def _fit_block(
    number: int,
    *,
    train: LabelledFeatures,
    classes: tuple[str, ...],
    settings: ProbeSettings,
    validation: LabelledFeatures | None,
    trials: Sequence[Trial],
) -> tuple[LinearClassifier, float]:
    """A block's classifier, calibrated on the horses held out, and its loss there; as fitted, and 1, without any."""
    own = validation and validation.block(number)
    fit = fit_linear(train.block(number), classes=classes, settings=settings, validation=own)
    if not trials:
        return fit, 1.0
    if own is None:
        logits = np.concatenate([_held_out_logits(each, number=number, fit=fit, settings=settings) for each in trials])
    else:  # which `fit` has not seen: it was fitted to the training horses alone
        logits = fit.logits(own.features)
    label = np.concatenate([unseen.label for _, unseen in trials])
    temperature = fit_temperature(logits, label=label)
    return divided(fit, by=temperature), balanced_log_loss(log_softmax(logits / temperature), label=label)


def _held_out_logits(
    trial: Trial, *, number: int, fit: LinearClassifier, settings: ProbeSettings
) -> Float64[Array, "windows classes"]:
    """Of a block's classifier, fitted without the horses held out at the C that was chosen for it."""
    seen, unseen = (part.block(number) for part in trial)
    again = fit_regression(
        seen, classes=fit.classes, inverse_penalty=fit.inverse_penalty, iterations=settings.max_iterations
    )
    return again.logits(unseen.features)


def _pooled(
    fits: Sequence[LinearClassifier], *, blocks: Sequence[FeatureBlock], shares: Sequence[float]
) -> LinearClassifier:
    """One classifier of all columns."""
    parts = list(zip(fits, shares, strict=True))
    return replace(
        fits[0],
        weight=np.concatenate([share * fit.weight for fit, share in parts], axis=1).astype(np.float32),
        bias=np.sum([share * fit.bias for fit, share in parts], axis=0).astype(np.float32),
        fill=np.concatenate([fit.fill for fit in fits if fit.fill is not None]),
        blocks=tuple(replace(block, share=share) for block, share in zip(blocks, shares, strict=True)),
    )
