"""Left against right in the trot: differences of the heights of poll, withers, sacrum and tubera coxae, by stride.

All differences are "right minus left": of the right limb's half stride (the fore limb for poll and withers, the hind
limb for the pelvis) less the left limb's. A positive value is called right-sided.

    MinDiff = lowest height in the right limb's stance - lowest in the left's
    MaxDiff = highest height before the right limb's stance - highest before the left's
    SIUp    = (rise after the left stance - rise after the right) / the larger of both;   SIDown likewise of the descent
    HHD     = rise of the right tuber coxae in left hind stance - rise of the left one in right hind stance (hip hike)

After the glossary of Equinosis (Diff Min, Diff Max) and the parameters of Equi-Pro (MinDiff, MaxDiff, SIUp).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .displacement import POINTS, height_curve
from .site_motion import SiteMotion
from .strides import Strides

SITES = {"poll": "head", "withers": "wth", "sacrum": "sac"}
"""Site, and what the field's columns call it."""
LOWEST_RATE_HZ = 50.0
"""Millimetres need this: below, a lowest point lies up to 10 ms from the nearest sample."""
QUARTER = POINTS // 4

Measures = dict[str, Float64[Array, "strides"]]


@dataclass(frozen=True)
class Extremes:
    """Lowest and highest heights of one stride that starts before the left hind's stance, mm."""

    before_left: Float64[Array, "strides"]
    left: Float64[Array, "strides"]
    """Lowest, in the left hind's stance."""
    before_right: Float64[Array, "strides"]
    right: Float64[Array, "strides"]
    after_right: Float64[Array, "strides"]


def symmetry(
    motions: Mapping[str, SiteMotion], *, strides: Strides, stride_hz: float
) -> tuple[Measures, dict[str, str]]:
    """The measures of each stride of a trot, NaN where a stride cannot be measured; and reasons for those left out.

    `ROM_*` is the vertical range of motion in mm. Only strides whose first half is known to be the left hind's count.
    """
    measures: Measures = {}
    reasons: dict[str, str] = {}
    for site, name in SITES.items():
        if reason := _unusable(motions, site):
            reasons[name] = reason
        else:
            extremes = _extremes(motions[site], strides=strides, stride_hz=stride_hz)
            measures |= {f"{key}_{name}": values for key, values in _of_site(extremes, fore=site != "sacrum").items()}
    tubera = ("tuber_coxae_left", "tuber_coxae_right")
    lacking = [reason for site in tubera if (reason := _unusable(motions, site))]
    if lacking:
        reasons["HHD"] = lacking[0]
    else:
        left, right = (_extremes(motions[site], strides=strides, stride_hz=stride_hz) for site in tubera)
        measures["HHD"] = (right.before_right - right.left) - (left.after_right - left.right)
    for values in measures.values():
        values[~strides.left_first] = np.nan
    return measures, reasons


def _unusable(motions: Mapping[str, SiteMotion], site: str) -> str:
    """Why a site gives no millimetres; empty where it does."""
    if site not in motions:
        return f"no sensor at {site}"
    if motions[site].source_rate_hz < 0.98 * LOWEST_RATE_HZ:
        return f"{site} is sampled at {motions[site].source_rate_hz:.3g} Hz; heights need {LOWEST_RATE_HZ:g} Hz"
    return ""


def _extremes(motion: SiteMotion, *, strides: Strides, stride_hz: float) -> Extremes:
    """Read from windows about the site's own mean curve, which may run a little before or after the reference's."""
    curve = height_curve(motion, stride_hz=stride_hz)
    heights = curve.over(strides)
    known = np.isfinite(heights).all(axis=1)
    if not known.any():
        return Extremes(*np.full((5, len(strides)), np.nan))
    mean = heights[known][:, QUARTER : QUARTER + POINTS].mean(axis=0)
    twice = np.sum(mean * np.exp(-4j * np.pi * np.arange(POINTS) / POINTS))
    shift = -float(np.angle(twice)) / (4.0 * np.pi)
    heights = curve.over(strides, shift=shift)
    lowest = [heights[:, QUARTER * a : QUARTER * (a + 2) + 1].min(axis=1) for a in (1, 3)]
    highest = [heights[:, QUARTER * a : QUARTER * (a + 2) + 1].max(axis=1) for a in (0, 2, 4)]
    return Extremes(highest[0], lowest[0], highest[1], lowest[1], highest[2])


def _of_site(extremes: Extremes, *, fore: bool) -> Measures:
    """The fore limb that stands with the left hind is the right one."""
    sign = -1.0 if fore else 1.0
    rise_left, rise_right = extremes.before_right - extremes.left, extremes.after_right - extremes.right
    fall_left, fall_right = extremes.before_left - extremes.left, extremes.before_right - extremes.right
    return {
        "MinDiff": sign * (extremes.right - extremes.left),
        "MaxDiff": sign * (extremes.before_right - extremes.before_left),
        "SIUp": sign * (rise_left - rise_right) / np.maximum(rise_left, rise_right),
        "SIDown": sign * (fall_left - fall_right) / np.maximum(fall_left, fall_right),
        "ROM": np.maximum(extremes.before_right, extremes.after_right) - np.minimum(extremes.left, extremes.right),
    }
