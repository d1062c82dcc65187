"""How sure a score is: intervals that resample horses, or stretches of one horse, never single overlapping windows.

Neighbouring windows share half of their samples and errors come in stretches, so windows are no independent trials.
Over several horses whole horses are drawn anew; within one horse (or when there are fewer than three) blocks are: runs
of at most `BLOCK_WINDOWS` neighbouring windows of one label in one recording, drawn within their label.
"""

from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
from jaxtyping import Float64, Int64, Num
from numpy import ndarray as Array

BLOCK_WINDOWS = 8
"""Windows in a block at most: 22.5 s at the default hop, about a bout; a stride wanders over about 3 s."""
FEWEST_HORSES = 3
"""Horses from which on horses are resampled: of one or two there is nothing to draw."""

Score = Callable[[Num[Array, "*draws classes classes"]], Float64[Array, "*draws"]]


def wilson_interval(share: float, *, trials: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for a share of independent trials; unlike the bootstrap it has width at 0 and 1.

    Wilson, Probable inference, the law of succession, and statistical inference, J. Am. Stat. Assoc. 22 (1927) 209-212.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2.0)
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))


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


def bootstrap_interval(
    confusions: Num[Array, "groups classes classes"],
    *,
    score: Score,
    strata: Int64[Array, "groups"],
    resamples: int,
    confidence: float,
    seed: int,
) -> tuple[float, float]:
    """Percentile interval of a score under drawing groups anew, with replacement, within each stratum.

    Efron and Tibshirani, An introduction to the bootstrap, 1993, chapter 13; groups as in a cluster bootstrap.
    """
    rng = np.random.default_rng(seed)
    drawn = np.zeros((resamples, *confusions.shape[1:]))
    for stratum in np.unique(strata):
        members = confusions[strata == stratum].astype(np.float64)
        times = rng.multinomial(len(members), np.full(len(members), 1.0 / len(members)), size=resamples)
        drawn += np.einsum("rg,gij->rij", times, members)
    tail = 100 * (1 - confidence) / 2
    low, high = np.nanpercentile(score(drawn), [tail, 100 - tail])
    return float(low), float(high)
