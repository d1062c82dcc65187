"""Which side carries the horse: the diagonal of each half stride of a trot, and the lead of a canter.

Cannon sensors decide where there are any. Else the pelvis does: in trot and walk its left side is raised while the left
hind limb stands; in canter it rolls once a stride, at opposite phases in the two leads. The phases of the trunk's roll
are engineering estimates (the simulator's), which real canters have yet to confirm; those of the limbs are definitions.
All of it rests on the manifest's axes: with a sensor whose x does not point forward, sides and leads are wrong, while
strides and reins stay right.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .per_stride import mean_over, running_mean
from .site_motion import SiteMotion
from .strides import LIMB_DELAY, Cycles, Strides, narrow_band

PELVIS = ("sacrum", "tuber_coxae_left", "tuber_coxae_right")
HINDS = {"cannon_hind_left": 1.0, "cannon_hind_right": -1.0}
"""A limb's swing rate, with the sign of its side: positive in the left hind's stance."""
DIAGONALS = HINDS | {"cannon_fore_right": 1.0, "cannon_fore_left": -1.0}
"""In trot the fore limb of the other side stands too."""
CLEAR = 0.6
"""Share of the half strides' evidence that must agree, in size."""
MIN_HALVES = 4
CANTER_BAND_HZ = (0.7, 1.35)
"""About the stride frequency, as factors: the first harmonic alone."""
ROLL_AFTER_HEIGHT = {"withers": 0.64, "sternum": 0.64, "poll": 0.64} | dict.fromkeys(PELVIS, 0.815)
"""In left canter, when the left side is highest after the site itself is, in strides (estimates, see above)."""
SMOOTHED_STRIDES = 5
CLEAR_LEAD = 0.25
"""Least agreement with either lead, of 1, at which it is named, of a stride and of a bout's median: chosen on simulated
yards, where one bout of twenty of the field yard, with slipped and rattling sensors, agrees less."""


@dataclass(frozen=True)
class Lead:
    """The lead of each stride of a canter."""

    left: Float64[Array, "strides"]
    """1 for left, -1 for right, NaN where it is not known."""
    reason: str = ""
    """Why it is not known, where no stride's is."""

    @property
    def name(self) -> str | None:
        """`left`, `right`, or `changing` where less than 80 % of the strides agree; None where it is not known."""
        known = self.left[np.isfinite(self.left)]
        if not known.size:
            return None
        mean = float(known.mean())
        return "changing" if abs(mean) < 0.6 else "left" if mean > 0 else "right"


def stance_sides(motions: Mapping[str, SiteMotion], *, cycles: Cycles, gait: str) -> tuple[list[bool | None], str]:
    """Of each run of half strides, whether its first is the left hind's stance; None where that is not clear.

    The text says why no side is known, and is empty where one is.
    """
    unknown: list[bool | None] = [None] * len(cycles.runs)
    if cycles.per_stride == 1:
        known = cycles.reference.site in LIMB_DELAY[gait]
        return [True] * len(cycles.runs) if known else unknown, ""
    evidence = _half_evidence(motions, cycles=cycles, gait=gait)
    if evidence is None:
        return unknown, "left and right need a sensor at sacrum, tuber coxae or the cannon bones"
    sides = [_first_is_left(evidence[first:after]) for first, after in cycles.runs]
    clear = any(side is not None for side in sides)
    return sides, "" if clear else "left and right half strides do not differ clearly in this bout"


def canter_lead(motions: Mapping[str, SiteMotion], *, strides: Strides, stride_hz: float) -> Lead:
    """The lead of each stride, smoothed over five: the hind (or fore) limb of the leading side comes later.

    Without cannon sensors of both sides all sites of the trunk are asked together: a mount that has turned, or a sensor
    that rattles, seldom outweighs the others.
    """
    unknown = np.full(len(strides), np.nan)
    measured = _limb_order(motions, stride_hz=stride_hz) or _roll_phases(motions, stride_hz=stride_hz)
    if not measured:
        return Lead(unknown, "the lead needs a sensor at the trunk or poll, or cannon sensors of both sides")
    span = {"start": strides.start_seconds, "stop": strides.stop_seconds}
    each = np.stack([mean_over(motion, evidence, **span) for motion, evidence in measured])
    count = np.isfinite(each).sum(axis=0)
    if not count.any():
        return Lead(unknown, f"{measured[0][0].site} has no valid samples over the strides")
    mean = np.where(count > 0, np.nansum(each, axis=0) / np.maximum(count, 1), np.nan)
    smooth = running_mean(mean, strides=SMOOTHED_STRIDES)
    size = np.abs(np.where(np.isfinite(mean), smooth, np.nan))
    if np.nanmedian(size) < CLEAR_LEAD:
        return Lead(unknown, "the trunk moves neither as in left nor as in right canter")
    return Lead(np.where(size >= CLEAR_LEAD, np.sign(smooth), np.nan))


def _half_evidence(motions: Mapping[str, SiteMotion], *, cycles: Cycles, gait: str) -> Float64[Array, "cycles"] | None:
    """A value per half stride, higher in the left hind's stance than in the half strides beside it."""
    edges = cycles.edge_seconds
    limbs = {site: sign for site, sign in (DIAGONALS if gait == "trot" else HINDS).items() if site in motions}
    if limbs:
        each = [
            sign * mean_over(motions[site], motions[site].pitch_rate, start=edges[:-1], stop=edges[1:])
            for site, sign in limbs.items()
        ]
        return np.asarray(np.sum(each, axis=0))
    pelvis = next((motions[site] for site in PELVIS if site in motions), None)
    if pelvis is None:
        return None
    half_hz = cycles.stride_hz
    roll = _integrated(pelvis.roll_rate, motion=pelvis, band_hz=(0.6 * half_hz, 1.4 * half_hz)).real
    return mean_over(pelvis, roll, start=edges[:-1], stop=edges[1:])


def _first_is_left(evidence: Float64[Array, "halves"]) -> bool | None:
    """Whether even half strides stand above odd ones, after a slow drift is taken off; None where that is not clear."""
    if evidence.size < MIN_HALVES or not np.isfinite(evidence).all():
        return None
    contrast = evidence[1:-1] - 0.5 * (evidence[:-2] + evidence[2:])
    signed = contrast * np.where(np.arange(1, evidence.size - 1) % 2, -1.0, 1.0)
    total, size = float(signed.sum()), float(np.abs(signed).sum())
    return total > 0 if size > 0 and abs(total) >= CLEAR * size else None


def _integrated(values: Float64[Array, "samples"], *, motion: SiteMotion, band_hz: tuple[float, float]) -> Array:
    """The analytic signal of a rate's integral in a narrow band, up to its size."""
    filled = np.where(motion.valid, values, 0.0)
    return narrow_band(filled, rate_hz=motion.rate_hz, band_hz=band_hz) * -1j


def _limb_order(motions: Mapping[str, SiteMotion], *, stride_hz: float) -> list[tuple[SiteMotion, Array]]:
    """1 where the left limb of a pair is a quarter of a stride behind the right one, the left lead; -1 the right."""
    band = (CANTER_BAND_HZ[0] * stride_hz, CANTER_BAND_HZ[1] * stride_hz)
    for pair in ("hind", "fore"):
        sites = [f"cannon_{pair}_{side}" for side in ("left", "right")]
        if all(site in motions for site in sites):
            left, right = (motions[site] for site in sites)
            if left.up.size != right.up.size or left.start_seconds != right.start_seconds:
                continue
            phases = [narrow_band(each.pitch_rate, rate_hz=each.rate_hz, band_hz=band) for each in (left, right)]
            return [(left, _agreement(phases[1], phases[0] * 1j))]
    return []


def _roll_phases(motions: Mapping[str, SiteMotion], *, stride_hz: float) -> list[tuple[SiteMotion, Array]]:
    """For each site of the trunk, 1 where it rolls as in left canter and -1 as in right; the poll's where alone."""
    band = (CANTER_BAND_HZ[0] * stride_hz, CANTER_BAND_HZ[1] * stride_hz)
    trunk = [site for site in ROLL_AFTER_HEIGHT if site in motions and site != "poll"]
    found = []
    for motion in [motions[site] for site in trunk or ["poll"] if site in motions]:
        height = -narrow_band(np.where(motion.valid, motion.up, 0.0), rate_hz=motion.rate_hz, band_hz=band)
        roll = _integrated(motion.roll_rate, motion=motion, band_hz=band)
        found.append((motion, _agreement(roll, height * np.exp(-2j * np.pi * ROLL_AFTER_HEIGHT[motion.site]))))
    return found


def _agreement(found: Array, expected: Array) -> Float64[Array, "samples"]:
    """Real part of one analytic signal over another, in units of their sizes: 1 on average where they agree."""
    size = np.sqrt(np.mean(np.abs(found) ** 2) * np.mean(np.abs(expected) ** 2))
    return np.asarray((found * np.conj(expected)).real / max(size, 1e-12))
