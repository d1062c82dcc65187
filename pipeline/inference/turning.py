"""On which rein a horse goes: the change of heading of each stride, about gravity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ...data.large_arrays import stretch_blocks
from .per_stride import mean_over, running_mean
from .site_motion import RatedStream, SiteMotion
from .strides import Strides

STRAIGHT_DEGREES_S = 3.5
"""Turning more slowly than this is straight: a circle of 50 m across at a walk of 1.5 m/s, of 120 m at a trot of 3.6.
By time, not by stride: a collected pony's strides are short. On simulated straight lines less than 2 was measured, on
circles of 12 m radius and less more than 5."""
SMOOTHED_STRIDES = 5
HEADING_SITES = ("sacrum", "withers", "sternum", "tuber_coxae_left", "tuber_coxae_right")
"""Sites of the trunk, best first; unknown sites next, then the poll, whose own turns average out, then limbs."""
STILL_SECONDS = 1.0
STILL_RAD_S = 0.02
"""A second in which no axis varies by more (SD) shows the gyroscope's bias: the horse stands."""
STILL_M_S2 = 0.2


@dataclass(frozen=True)
class Turning:
    """The heading over the strides of one bout."""

    degrees: Float64[Array, "strides"]
    """Change of heading over each stride, positive to the left, degrees; NaN where it is not known."""
    rein: tuple[str | None, ...]
    """`left`, `right` or `straight` for each stride, smoothed over five; None where it is not known."""

    @property
    def main_rein(self) -> str | None:
        """The rein of most strides."""
        known = [rein for rein in self.rein if rein is not None]
        return max(sorted(set(known)), key=known.count) if known else None


def turning(motions: Mapping[str, SiteMotion], *, strides: Strides, bias_rad_s: Mapping[str, float]) -> Turning:
    """The change of heading of each stride, from the best site that saw it; `bias_rad_s` as of `resting_bias`."""
    mean = np.full(len(strides), np.nan)
    for site in _heading_sites(motions):
        motion, lacking = motions[site], ~np.isfinite(mean)
        if not lacking.any():
            break
        rate = mean_over(motion, motion.yaw_rate, start=strides.start_seconds, stop=strides.stop_seconds)
        mean[lacking] = rate[lacking] - bias_rad_s[site]
    degrees = np.degrees(mean * strides.duration_seconds)
    smooth = np.degrees(running_mean(mean, strides=SMOOTHED_STRIDES))
    names = np.where(smooth > STRAIGHT_DEGREES_S, "left", np.where(smooth < -STRAIGHT_DEGREES_S, "right", "straight"))
    known = np.isfinite(degrees)
    return Turning(degrees, tuple(str(name) if good else None for name, good in zip(names, known, strict=True)))


def resting_bias(each: RatedStream) -> float:
    """What the gyroscope of a site reads about gravity while the horse stands, rad/s, from seconds of rest; 0 of one
    that never rests."""
    block = max(2, round(STILL_SECONDS * each.rate_hz))
    force, rate = (_by_block(values, rows=block) for values in (each.stream.specific_force, each.stream.angular_rate))
    still = (rate.spread < STILL_RAD_S) & (force.spread < STILL_M_S2)
    still &= rate.spread + force.spread > 1e-9  # else it repeats its last sample
    if not still.any():
        return 0.0
    up = force.mean[still]
    return float(np.median(np.einsum("bi,bi->b", rate.mean[still], up) / np.linalg.norm(up, axis=1)))


class _Blocks(NamedTuple):
    """What a triad of axes does in each block of samples."""

    mean: Float64[Array, "blocks 3"]
    spread: Float64[Array, "blocks"]
    """Standard deviation of the axis that varies most."""


def _by_block(values: Float64[Array, "samples 3"], *, rows: int) -> _Blocks:
    count = len(values) // rows
    mean, spread = np.empty((count, 3)), np.empty(count)
    for some, by_axis in stretch_blocks(values, rows=rows):
        mean[some], spread[some] = by_axis.mean(axis=2), by_axis.std(axis=2).max(axis=1)
    return _Blocks(mean, spread)


def _heading_sites(motions: Mapping[str, SiteMotion]) -> list[str]:
    """Those that tell the heading, best first."""
    others = [site for site in motions if site not in (*HEADING_SITES, "poll") and not site.startswith("cannon_")]
    ordered = (*HEADING_SITES, *others, "poll", *motions)
    return [site for site in dict.fromkeys(ordered) if site in motions]
