"""Alignment features of the sensors: gravity-signed upward velocity and activity of the units on the horse."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array
from scipy import ndimage

from ..large_arrays import releasing
from ..recording import ImuStream
from ..sites import GRAVITY_M_S2
from .alignment_features import RATE_HZ, AlignmentFeatures, band_pass, make_features

FINE_HZ = 200.0
"""Streams are brought to this uniform rate before filtering: above the rate of every common unit."""
GAP_SECONDS = 0.1
"""A hole longer than this is missing, not interpolated."""
GRAVITY_SECONDS = 10.0
"""Over whole strides specific force averages to gravity; ten seconds hold five strides of the slowest walk and more."""
LEAST_GRAVITY = 3.0
"""m/s^2. A mean specific force below this has had gravity taken out: its vertical cannot be signed."""
LEAST_SPREAD = 0.02
"""m/s^2. A living horse's sensor moves more than this, even at halt; less is a dead channel."""
CHANNEL_WORDS = {
    "head": ("poll", "head", "nose", "halter"),
    "fore": ("withers", "sternum", "girth", "chest", "saddle"),
    "hind": ("sacrum", "coxae", "croup", "pelvis", "rump"),
}
"""Words in a site's name that tell which part of the horse it moves with."""
LIMB_WORDS = ("cannon", "limb", "leg", "hoof", "pastern", "fetlock")


@dataclass(frozen=True)
class UnitSignals:
    """One sensor on a uniform grid at RATE_HZ."""

    site: str
    start_seconds: float
    velocity: Float64[Array, "samples"]
    """Upward velocity in the gait band, m/s; 0 where not valid."""
    turning: Float64[Array, "samples"]
    """Angular speed less its resting value, rad/s."""
    valid: Bool[Array, "samples"]
    """Whether measured."""


def unit_signals(stream: ImuStream) -> UnitSignals | str:
    """Velocity and turning of one sensor, or the reason why it is of no use here."""
    time = stream.time_seconds
    good = np.isfinite(stream.specific_force).all(axis=1)
    if good.sum() < 2 or time[good][-1] - time[good][0] < 2.0:
        return f"{stream.site}: no usable samples of specific force"
    force, measured, start = _uniform(time[good], stream.specific_force[good])
    if not measured.any():
        return f"{stream.site}: its samples lie more than {GAP_SECONDS:g} s apart, too far to follow a step"
    if float(np.std(force[measured], axis=0).max()) < LEAST_SPREAD:
        return f"{stream.site}: specific force does not move (dead sensor)"
    gravity = _moving_mean(force, measured, seconds=GRAVITY_SECONDS)
    size = np.linalg.norm(gravity, axis=1)
    if float(np.median(size[measured])) < LEAST_GRAVITY:
        return f"{stream.site}: gravity is missing from its specific force, so up and down are unknown"
    # Projection on the mean pull of gravity: up is up however the unit is mounted.
    upward = np.einsum("tc,tc->t", force, gravity) / np.maximum(size, LEAST_GRAVITY) - size
    upward *= GRAVITY_M_S2 / float(np.median(size[measured]))
    velocity = band_pass(np.where(measured, upward, 0.0), rate_hz=FINE_HZ, integrate=True)
    every = round(FINE_HZ / RATE_HZ)
    return UnitSignals(
        site=stream.site,
        start_seconds=start,
        velocity=velocity[::every],
        turning=_turning(stream, time_seconds=start + np.arange(0, len(force), every) / FINE_HZ),
        valid=_eroded(measured)[::every],
    )


def signals_by_site(streams: Sequence[ImuStream]) -> dict[str, UnitSignals | str]:
    """What `unit_signals` makes of each of some sensors. Of a day's samples one sensor's are in memory at a time."""
    return {stream.site: unit_signals(stream) for stream in releasing(streams, every=1)}


def channel_of(site: str) -> str | None:
    """The part of the horse that moves with a site: one of the film's, `trunk` for any other, None for limbs."""
    name = site.lower()
    for channel, words in CHANNEL_WORDS.items():
        if any(word in name for word in words):
            return channel
    return None if any(word in name for word in LIMB_WORDS) else "trunk"


def sensor_features(units: Sequence[UnitSignals], *, apart: bool = True) -> AlignmentFeatures:
    """The features of units on one clock: a channel for each part of the horse, or one for all when not `apart`."""
    start = min(u.start_seconds for u in units)
    stop = max(u.start_seconds + len(u.velocity) / RATE_HZ for u in units)
    count = int(np.floor((stop - start) * RATE_HZ))
    groups: dict[str, list[tuple[UnitSignals, np.ndarray]]] = {}
    for unit in units:
        channel = channel_of(unit.site) if apart else "trunk"
        if channel is not None:
            groups.setdefault(channel, []).append((unit, unit.velocity))
    if not groups:  # limbs alone: their common rise and fall is the trunk's, badly
        groups["trunk"] = [(unit, unit.velocity) for unit in units]
    means = [_mean_of(group, start=start, count=count) for group in groups.values()]
    turning, _ = _mean_of([(u, u.turning) for u in units], start=start, count=count)
    velocity = np.stack([mean for mean, _ in means], axis=1)
    return make_features(
        list(groups),
        start_seconds=start,
        velocity=velocity,
        valid=np.stack([valid for _, valid in means], axis=1),
        activity=turning if turning.any() else np.abs(velocity).mean(axis=1),
    )


def _mean_of(
    signals: Sequence[tuple[UnitSignals, np.ndarray]], *, start: float, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The mean of signals over the units that are valid, on one grid."""
    time = start + np.arange(count) / RATE_HZ
    total, present = np.zeros(count), np.zeros(count)
    for unit, signal in signals:
        own = unit.start_seconds + np.arange(len(signal)) / RATE_HZ
        share = np.interp(time, own, unit.valid.astype(float), left=0.0, right=0.0) > 0.99
        total += np.where(share, np.interp(time, own, signal), 0.0)
        present += share
    return total / np.maximum(present, 1.0), present > 0


def _uniform(time: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Values on a uniform grid at FINE_HZ, whether each is near a sample, and the grid's start."""
    start = float(np.ceil(time[0] * FINE_HZ) / FINE_HZ)
    grid = start + np.arange(int((time[-1] - start) * FINE_HZ)) / FINE_HZ
    following = np.clip(np.searchsorted(time, grid), 1, len(time) - 1)
    measured = time[following] - time[following - 1] <= GAP_SECONDS
    return np.stack([np.interp(grid, time, column) for column in values.T], axis=1), measured, start


def _turning(stream: ImuStream, *, time_seconds: np.ndarray) -> np.ndarray:
    """Angular speed above its quietest level; zeros when the gyroscope says nothing."""
    good = np.isfinite(stream.angular_rate).all(axis=1)
    if good.sum() < 2:
        return np.zeros(len(time_seconds))
    rate = stream.angular_rate[good]
    speed = np.linalg.norm(rate - np.median(rate, axis=0), axis=1)
    return np.asarray(np.interp(time_seconds, stream.time_seconds[good], speed))


def _moving_mean(values: np.ndarray, measured: np.ndarray, *, seconds: float) -> np.ndarray:
    """Mean of the measured samples under a triangle: two boxes, which cost the same at any length."""
    width = round(seconds / 2 * FINE_HZ)
    weight = measured.astype(float)[:, None]
    sums = np.concatenate([values * weight, weight], axis=1)
    for _ in range(2):
        sums = ndimage.uniform_filter1d(sums, width, axis=0, mode="constant")
    return np.asarray(sums[:, :-1] / np.maximum(sums[:, -1:], 1e-3))


def _eroded(measured: np.ndarray) -> np.ndarray:
    """Samples next to a hole carry the filter's ringing: not valid for a quarter of a second."""
    hole = ~measured
    return ~np.asarray(ndimage.maximum_filter1d(hole, round(0.5 * FINE_HZ))) if hole.any() else measured
