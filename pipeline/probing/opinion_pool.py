"""A probe on several kinds of features: a classifier of each, and the pool of those that predict horses held out best.

The logarithmic opinion pool of classifiers is the normalised geometric mean of their probabilities (Genest and Zidek
1986, Statistical Science 1:114, section 3.3). Of linear classifiers it is a linear classifier on all features together,
whose logits are the mean of theirs; each is calibrated first by its own temperature.

A block is left out where the share of windows that it predicts right, horse by horse, is below the best block's by more
than one standard error of that difference over the horses held out: where the film has taught little, the student's
block says so there. Test horses and film play no part in that.
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
    divided,
    fit_linear,
    fit_regression,
    fit_temperature,
    require_all_classes,
    trials_of,
    with_temperature,
)
from .settings import ProbeSettings

Trial = tuple[LabelledFeatures, LabelledFeatures]


def fit_pool(
    train: LabelledFeatures,
    *,
    classes: tuple[str, ...],
    settings: ProbeSettings,
    validation: LabelledFeatures | None = None,
) -> LinearClassifier:
    """`fit_linear` for each block of features, and the pool of the blocks that the horses held out do not speak
    against; of all blocks where no horse can be held out."""
    if len(train.blocks) < 2:
        return fit_linear(train, classes=classes, settings=settings, validation=validation)
    require_all_classes(train.label, classes=classes)
    held_out = validation if validation is not None and len(validation.label) else None
    trials = trials_of(train, settings=settings, validation=held_out)
    uncalibrated = settings.model_copy(update={"calibrate": False})
    fits, right = [], []
    for number in range(len(train.blocks)):
        own = held_out and held_out.block(number)
        fit = fit_linear(train.block(number), classes=classes, settings=uncalibrated, validation=own)
        if held_out is None:
            logits = [_held_out_logits(trial, number=number, fit=fit, settings=settings) for trial in trials]
        else:  # which `fit` has not seen: it was fitted to the training horses alone
            logits = [fit.logits(held_out.block(number).features)]
        fits.append(_calibrated(fit, logits=logits, trials=trials))
        right.append(_right_by_horse(logits, trials=trials))
    pooled = _pooled(fits, blocks=train.blocks, chosen=not_worse(np.array(right)))
    return pooled if held_out is None or not settings.calibrate else with_temperature(pooled, held_out=held_out)


def not_worse(right: Float64[Array, "blocks horses"]) -> tuple[int, ...]:
    """Numbers of the blocks whose shares of right windows are within one standard error of the best block's."""
    horses = right.shape[1]
    if not horses:
        return tuple(range(len(right)))
    behind = right[right.mean(axis=1).argmax()] - right
    error = behind.std(axis=1, ddof=1) / np.sqrt(horses) if horses > 1 else np.zeros(len(right))
    return tuple(np.flatnonzero(behind.mean(axis=1) <= error + 1e-9).tolist())


def _held_out_logits(
    trial: Trial, *, number: int, fit: LinearClassifier, settings: ProbeSettings
) -> Float64[Array, "windows classes"]:
    """Of a block's classifier, fitted without the horses held out at the C that was chosen for it."""
    seen, unseen = (part.block(number) for part in trial)
    again = fit_regression(
        seen, classes=fit.classes, inverse_penalty=fit.inverse_penalty, iterations=settings.max_iterations
    )
    return again.logits(unseen.features)


def _calibrated(
    fit: LinearClassifier, *, logits: Sequence[Float64[Array, "_ classes"]], trials: Sequence[Trial]
) -> LinearClassifier:
    """The classifier with its logits divided by the temperature that fits those held out best."""
    if not trials:
        return fit
    label = np.concatenate([unseen.label for _, unseen in trials])
    return divided(fit, by=fit_temperature(np.concatenate(logits), label=label))


def _right_by_horse(
    logits: Sequence[Float64[Array, "_ classes"]], *, trials: Sequence[Trial]
) -> Float64[Array, "horses"]:
    """Share of windows predicted right of each horse held out."""
    if not trials:
        return np.zeros(0)
    right = np.concatenate(
        [each.argmax(axis=1) == unseen.label for each, (_, unseen) in zip(logits, trials, strict=True)]
    )
    horse = np.array([name for _, unseen in trials for name in unseen.horse])
    return np.array([right[horse == name].mean() for name in np.unique(horse)])


def _pooled(
    fits: Sequence[LinearClassifier], *, blocks: Sequence[FeatureBlock], chosen: Sequence[int]
) -> LinearClassifier:
    """One classifier of all columns, of which those of blocks left out have weight 0."""
    shares = [1.0 / len(chosen) if number in chosen else 0.0 for number in range(len(fits))]
    parts = list(zip(fits, shares, strict=True))
    return replace(
        fits[chosen[0]],
        weight=np.concatenate([share * fit.weight for fit, share in parts], axis=1).astype(np.float32),
        bias=np.sum([share * fit.bias for fit, share in parts], axis=0).astype(np.float32),
        fill=np.concatenate([fit.fill for fit in fits if fit.fill is not None]),
        blocks=tuple(replace(block, share=share) for block, share in zip(blocks, shares, strict=True)),
    )
