"""How sure a score is: one kind of interval, over horses, for every score of every classifier.

Neighbouring windows share half of their samples, errors come in stretches, and horses differ: windows are no
independent trials. So the horses are weighted at random, and one more stands beside them that is as bad as the worst
of them may be (for the upper end: as good as the best). What a horse may score is Wilson's interval over its blocks:
runs of at most `BLOCK_WINDOWS` neighbouring windows of one label in one recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

BLOCK_WINDOWS = 8
"""Windows in a block at most: 22.5 s at the default hop, about a bout; a stride wanders over about 3 s."""


@dataclass(frozen=True)
class DrawnScore:
    """One score of several horses: as it is, under random weights of the horses, and of each horse."""

    value: float
    """Of all windows."""
    drawn: Float64[Array, "draws"]
    """Of all windows, weighted by horse."""
    horse: Float64[Array, "horses"]
    """Of each horse alone."""
    low: Float64[Array, "horses"]
    """Lower end of each horse's own interval."""
    high: Float64[Array, "horses"]
    """Upper end of it."""


def horse_weights(horses: int, *, draws: int, seed: int) -> Float64[Array, "draws {horses+1}"]:
    """Weights that add up to one, uniformly distributed; the last column is for the horse that stands beside them."""
    weights: Array = np.random.default_rng(seed).dirichlet(np.ones(horses + 1), size=draws)
    return weights


def score_interval(
    score: DrawnScore, *, weights: Float64[Array, "draws columns"], confidence: float
) -> tuple[float, float]:
    """Interval of a score over horses like these.

    For accuracies of horses, and with an extra horse that scores 0 (above: 1), this is the interval of Gaffke (2005),
    for which no distribution is known that it covers too seldom; see Learned-Miller and Thomas, A new confidence
    interval for the mean of a bounded random variable, arXiv:1905.06208. The nearer extra horse makes it narrower.
    Each draw falls where a right window turns wrong, hence both ends do; the extra horse gives it width.
    """
    ends = float(score.low.min()), float(score.high.max())
    return _interval(score.value, drawn=score.drawn, ends=ends, weights=weights, confidence=confidence)


def difference_interval(
    ours: DrawnScore, *, theirs: DrawnScore, weights: Float64[Array, "draws columns"], confidence: float
) -> tuple[float, float]:
    """Interval of the difference of two classifiers' scores on the same windows, under the same weights of the horses.

    A horse's difference reaches as far as both its intervals squared and added: Newcombe, Interval estimation for the
    difference between independent proportions, Stat. Med. 17 (1998) 873-890, method 10.
    """
    difference = ours.horse - theirs.horse
    low = difference - np.hypot(ours.horse - ours.low, theirs.high - theirs.horse)
    high = difference + np.hypot(ours.high - ours.horse, theirs.horse - theirs.low)
    ends, drawn = (float(low.min()), float(high.max())), ours.drawn - theirs.drawn
    return _interval(ours.value - theirs.value, drawn=drawn, ends=ends, weights=weights, confidence=confidence)


def _interval(
    value: float,
    *,
    drawn: Float64[Array, "draws"],
    ends: tuple[float, float],
    weights: Float64[Array, "draws columns"],
    confidence: float,
) -> tuple[float, float]:
    """Quantiles of what is drawn, the extra horse mixed in by its weight."""
    tails = (0.5 - confidence / 2, 0.5 + confidence / 2)
    low, high = (
        float(np.quantile(drawn + weights[:, -1] * (end - drawn), tail)) for end, tail in zip(ends, tails, strict=True)
    )
    return min(low, value), max(high, value)


def wilson_interval(
    share: Float64[Array, "*shares"], *, trials: Float64[Array, "*shares"], confidence: float
) -> tuple[Float64[Array, "*shares"], Float64[Array, "*shares"]]:
    """Wilson's score interval for shares of independent trials.

    Wilson, Probable inference, the law of succession, and statistical inference, J. Am. Stat. Assoc. 22 (1927) 209-212.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return np.maximum(0.0, centre - half), np.minimum(1.0, centre + half)


def mean_interval(values: Sequence[float], *, confidence: float) -> tuple[float, float]:
    """Student-t interval of the mean of independent values: mean +- t(n - 1) * SD / sqrt(n); a point where n is 1."""
    from scipy.stats import t

    count, mean = len(values), float(np.mean(values))
    if count < 2:
        return mean, mean
    half = float(t.ppf(0.5 + confidence / 2, count - 1)) * float(np.std(values, ddof=1)) / count**0.5
    return mean - half, mean + half


def possible(interval: tuple[float, float]) -> tuple[float, float]:
    """The part of an interval that a score can reach: nothing lies beyond 0 or 1."""
    return max(0.0, interval[0]), min(1.0, interval[1])


def blocks_of(
    label: Int64[Array, "windows"], *, recording: Sequence[str], longest: int = BLOCK_WINDOWS
) -> Int64[Array, "windows"]:
    """A block number per window: neighbours in order share one while label and recording stay the same."""
    name = np.unique(np.asarray(recording, dtype=object).astype(str), return_inverse=True)[1]
    changes = np.ones(len(label), dtype=bool)
    changes[1:] = (label[1:] != label[:-1]) | (name[1:] != name[:-1])
    run = np.cumsum(changes) - 1
    position = np.arange(len(label)) - np.flatnonzero(changes)[run]
    new_block = changes | (position % longest == 0)
    return (np.cumsum(new_block) - 1).astype(np.int64)


def grouped_confusions(
    group: Int64[Array, "windows"],
    *,
    truth: Int64[Array, "windows"],
    predicted: Int64[Array, "windows"],
    classes: int,
) -> Int64[Array, "groups {classes} {classes}"]:
    """One confusion matrix per group: all that a resample of groups needs."""
    confusions = np.zeros((int(group.max()) + 1, classes, classes), dtype=np.int64)
    np.add.at(confusions, (group, truth, predicted), 1)
    return confusions
