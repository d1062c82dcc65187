"""A probe on several kinds of features: a classifier of each, and the pool of those that help on horses held out.

The logarithmic opinion pool of classifiers is the normalised geometric mean of their probabilities (Genest and Zidek
1986, Statistical Science 1:114, section 3.3; Heskes 1998, Advances in Neural Information Processing Systems 10). Of
linear classifiers it is a linear classifier on all features together, whose logits are the mean of theirs.

Where the film has taught little, or features do not carry over to other horses, their block says so on the horses held
out and is left out. Test horses and film play no part in that.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .linear import (
    FeatureBlock,
    LabelledFeatures,
    LinearClassifier,
    balanced_log_loss,
    fit_linear,
    fit_regression,
    log_softmax,
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
    """`fit_linear` for each block of features, and of all pools of blocks the one with the smallest class-balanced log
    loss on the horses held out; of equals, and where no horse can be held out, the largest."""
    if len(train.blocks) < 2:
        return fit_linear(train, classes=classes, settings=settings, validation=validation)
    require_all_classes(train.label, classes=classes)
    held_out = validation if validation is not None and len(validation.label) else None
    trials = trials_of(train, settings=settings, validation=held_out)
    uncalibrated = settings.model_copy(update={"calibrate": False})
    fits = [
        fit_linear(train.block(number), classes=classes, settings=uncalibrated, validation=held_out and held_out.block(number))
        for number in range(len(train.blocks))
    ]
    chosen = _choose(trials, fits=fits, settings=settings)
    pooled = _pooled(fits, blocks=train.blocks, chosen=chosen)
    if held_out is None or not settings.calibrate:
        return pooled
    return with_temperature(pooled, held_out=held_out)


def _choose(
    trials: Sequence[Trial], *, fits: Sequence[LinearClassifier], settings: ProbeSettings
) -> tuple[int, ...]:
    """Numbers of the blocks whose pool is best on what is held out."""
    pools = [pool for size in range(len(fits), 0, -1) for pool in combinations(range(len(fits)), size)]
    if not trials:
        return pools[0]
    logits = [_held_out_logits(trial, fits=fits, settings=settings) for trial in trials]
    losses = [
        np.mean([_pool_loss(of_blocks, pool=pool, trial=trial) for of_blocks, trial in zip(logits, trials, strict=True)])
        for pool in pools
    ]
    return pools[int(np.argmin(losses))]


def _held_out_logits(
    trial: Trial, *, fits: Sequence[LinearClassifier], settings: ProbeSettings
) -> list[Float64[Array, "windows classes"]]:
    """Of each block's classifier, fitted without the horses held out at the C that was chosen for it."""
    seen, unseen = trial
    found = []
    for number, fit in enumerate(fits):
        again = fit_regression(
            seen.block(number),
            classes=fit.classes,
            inverse_penalty=fit.inverse_penalty,
            iterations=settings.max_iterations,
        )
        found.append(again.logits(unseen.block(number).features))
    return found


def _pool_loss(
    logits: Sequence[Float64[Array, "windows classes"]], *, pool: Sequence[int], trial: Trial
) -> float:
    mean = np.mean([logits[number] for number in pool], axis=0)
    return balanced_log_loss(log_softmax(mean), label=trial[1].label)


def _pooled(
    fits: Sequence[LinearClassifier], *, blocks: Sequence[FeatureBlock], chosen: Sequence[int]
) -> LinearClassifier:
    """One classifier of all columns, of which those of blocks left out have weight 0."""
    shares = [1.0 / len(chosen) if number in chosen else 0.0 for number in range(len(fits))]
    parts = list(zip(fits, shares, strict=True))
    strongest = fits[chosen[0]]
    return replace(
        strongest,
        weight=np.concatenate([share * fit.weight for fit, share in parts], axis=1).astype(np.float32),
        bias=np.sum([share * fit.bias for fit, share in parts], axis=0).astype(np.float32),
        fill=np.concatenate([fit.fill for fit in fits if fit.fill is not None]),
        blocks=tuple(replace(block, share=share) for block, share in zip(blocks, shares, strict=True)),
    )
