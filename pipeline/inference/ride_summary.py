"""A ride in figures: changes of gait, and minutes by gait, rein and lead."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .bouts import PredictedBout
from .stride_analysis import BoutStrides

LARGEST_PAUSE_SECONDS = 0.5
"""Bouts this far apart at most follow each other; over longer pauses nobody knows what was between them."""


@dataclass(frozen=True)
class Change:
    """One gait followed by another."""

    seconds: float
    """When, on the clock of the bouts."""
    before: str
    after: str


@dataclass(frozen=True)
class ReinTime:
    """The time on one rein, and in canter on one lead, in one gait."""

    gait: str
    rein: str
    """`left`, `right`, `straight`, or empty where it is not known."""
    lead: str
    """`left` or `right`; empty where it is not known, and in gaits that have none."""
    seconds: float
    """Sum of the strides; where rein and lead are empty, the rest of the bouts."""
    strides: int


def changes_of_gait(bouts: Sequence[PredictedBout]) -> tuple[Change, ...]:
    """Every change between bouts that follow each other, in order."""
    return tuple(
        Change(second.start_seconds, first.label, second.label)
        for first, second in itertools.pairwise(bouts)
        if first.label != second.label and second.start_seconds - first.stop_seconds <= LARGEST_PAUSE_SECONDS
    )


def rein_times(bouts: Sequence[BoutStrides]) -> tuple[ReinTime, ...]:
    """Time by gait, rein and lead, stride by stride; the times of a gait sum to those of its bouts."""
    seconds: dict[tuple[str, str, str], float] = {}
    strides: dict[tuple[str, str, str], int] = {}
    for each in bouts:
        leads = each.lead.left if each.lead is not None else np.full(len(each.strides), np.nan)
        durations = each.strides.duration_seconds
        for rein, left, lasted in zip(each.turning.rein, leads.tolist(), durations.tolist(), strict=True):
            key = (each.gait, rein or "", {1.0: "left", -1.0: "right"}.get(left, ""))
            seconds[key] = seconds.get(key, 0.0) + lasted
            strides[key] = strides.get(key, 0) + 1
        rest = each.bout.stop_seconds - each.bout.start_seconds - float(durations.sum())
        key = (each.gait, "", "")
        seconds[key] = seconds.get(key, 0.0) + max(rest, 0.0)
    gaits = list(dict.fromkeys(each.gait for each in bouts))
    order = sorted(seconds, key=lambda key: (gaits.index(key[0]), key[1] or "~", key[2] or "~"))
    return tuple(ReinTime(*key, seconds[key], strides.get(key, 0)) for key in order)


@dataclass(frozen=True)
class GaitStrides:
    """The strides of one gait over a ride."""

    count: int
    stride_hz: float
    """Strides a second: the inverse of the median duration."""
    duration_cv: float
    """SD of the stride duration over its mean within bouts, averaged over bouts by their strides; NaN where unknown."""
    regularity: float
    """Autocorrelation at one stride, averaged likewise; NaN where unknown."""


def gait_strides(bouts: Sequence[BoutStrides], *, gait: str) -> GaitStrides | None:
    """The strides of all bouts of a gait, or of a label that names its lead, together; None where there are none."""
    own = [each for each in bouts if gait in (each.gait, each.bout.label) and len(each.strides)]
    if not own:
        return None
    durations = np.concatenate([each.strides.duration_seconds for each in own])
    weights = np.array([len(each.strides) for each in own], float)
    cv, even = (
        _mean(np.array([getattr(each, name) for each in own]), weights) for name in ("duration_cv", "regularity")
    )
    return GaitStrides(durations.size, float(1.0 / np.median(durations)), cv, even)


def _mean(values: Float64[Array, "bouts"], weights: Float64[Array, "bouts"]) -> float:
    known = np.isfinite(values)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")
