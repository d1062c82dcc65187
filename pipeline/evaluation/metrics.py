"""Formulas of the scores: what a confusion matrix and a table of probabilities say, and what guessing would score.

The formulas that need counts alone take any stack of confusion matrices, so that thousands of resamples are scored in
one call. Rows of a confusion matrix are the truth, columns the prediction.
"""

import numpy as np
from jaxtyping import Float64, Int64, Num
from numpy import ndarray as Array


def confusion_matrix(
    truth: Int64[Array, "windows"], *, predicted: Int64[Array, "windows"], classes: int
) -> Int64[Array, "{classes} {classes}"]:
    """How many windows of class i (row) were taken for class j (column)."""
    cells = np.bincount(truth * classes + predicted, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def accuracy(confusion: Num[Array, "*draws classes classes"]) -> Float64[Array, "*draws"]:
    """Share of windows classified correctly; NaN without windows."""
    right = np.trace(confusion, axis1=-2, axis2=-1)
    return _ratio(right, confusion.sum(axis=(-2, -1)))


def recalls(confusion: Num[Array, "*draws classes classes"]) -> Float64[Array, "*draws classes"]:
    """Per class, the share of its windows classified correctly; NaN for a class without windows."""
    return _ratio(_diagonal(confusion), confusion.sum(axis=-1))


def f1_scores(confusion: Num[Array, "*draws classes classes"]) -> Float64[Array, "*draws classes"]:
    """Per class F1 = 2 TP / (2 TP + FP + FN); NaN for a class that neither occurs nor is predicted."""
    hits = _diagonal(confusion)
    return _ratio(2 * hits, confusion.sum(axis=-1) + confusion.sum(axis=-2))


def balanced_accuracy(confusion: Num[Array, "*draws classes classes"]) -> Float64[Array, "*draws"]:
    """Mean recall over the classes that occur."""
    return _mean_of_defined(recalls(confusion))


def macro_f1(confusion: Num[Array, "*draws classes classes"]) -> Float64[Array, "*draws"]:
    """Mean F1 over the classes that occur or are predicted: a class only ever predicted wrongly counts as zero."""
    return _mean_of_defined(f1_scores(confusion))


def calibration_error(
    probability: Float64[Array, "windows classes"], *, truth: Int64[Array, "windows"], bins: int = 15
) -> float:
    """Expected calibration error: sum over bins of |B| / n * |accuracy(B) - confidence(B)|; 0 is best.

    Confidence is the largest probability; bin m of M holds confidences in ((m - 1) / M, m / M].
    Guo, Pleiss, Sun and Weinberger, On calibration of modern neural networks, ICML 2017, equation 3, with M = 15.
    """
    confidence = probability.max(axis=1)
    right = (probability.argmax(axis=1) == truth).astype(np.float64)
    bin_of = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(bin_of, weights=right - confidence, minlength=bins)
    return float(np.abs(gap).sum() / len(truth))


def reliability(
    probability: Float64[Array, "windows classes"], *, truth: Int64[Array, "windows"], bins: int = 15
) -> tuple[tuple[float, float, int], ...]:
    """Mean confidence, accuracy and number of windows of each bin that holds any: those of `calibration_error`."""
    confidence = probability.max(axis=1)
    right = probability.argmax(axis=1) == truth
    bin_of = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return tuple(
        (float(confidence[inside].mean()), float(right[inside].mean()), int(inside.sum()))
        for inside in (bin_of == number for number in np.unique(bin_of))
    )


def chance_levels(truth: Int64[Array, "windows"], *, classes: int) -> dict[str, dict[str, float]]:
    """What two guesses score in expectation: `majority` always says the commonest class, `uniform` draws one evenly.

    With p the share of a class and q the share of guesses for it, TP = p q, so that F1 = 2 p q / (p + q).
    """
    share = np.bincount(truth, minlength=classes) / len(truth)
    majority = np.zeros(classes)
    majority[share.argmax()] = 1.0
    return {"majority": _guess(share, majority), "uniform": _guess(share, np.full(classes, 1.0 / classes))}


def _guess(share: Float64[Array, "classes"], guess: Float64[Array, "classes"]) -> dict[str, float]:
    """Expected scores of guesses drawn from `guess`, whatever the window: the confusion is the outer product."""
    confusion = np.outer(share, guess)
    scores = {"accuracy": accuracy, "macro_f1": macro_f1, "balanced_accuracy": balanced_accuracy}
    return {name: float(score(confusion)) for name, score in scores.items()}


def _diagonal(confusion: Num[Array, "*draws classes classes"]) -> Num[Array, "*draws classes"]:
    diagonal: Array = np.diagonal(confusion, axis1=-2, axis2=-1)
    return diagonal


def _ratio(
    part: Num[Array, "*shape"] | np.generic, whole: Num[Array, "*shape"] | np.generic
) -> Float64[Array, "*shape"]:
    """`part / whole`, NaN where the whole is zero."""
    whole = np.asarray(whole, dtype=np.float64)
    ratio: Array = np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return ratio


def _mean_of_defined(values: Float64[Array, "*draws classes"]) -> Float64[Array, "*draws"]:
    """Mean over the last axis without NaN; NaN where nothing is defined."""
    defined = ~np.isnan(values)
    total = np.where(defined, values, 0.0).sum(axis=-1)
    return _ratio(total, defined.sum(axis=-1))
