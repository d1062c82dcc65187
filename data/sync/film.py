"""Alignment features of the film: upward velocity of its parts and activity, from motion signals at frame times."""

from collections.abc import Sequence

import numpy as np

from ..video.motion import PARTS, MotionSignals
from .alignment_features import RATE_HZ, AlignmentFeatures, band_pass, make_features

GAP_SECONDS = 0.25
"""A hole between frames longer than this is missing: dropped frames below it are bridged."""


def film_features(motion: MotionSignals, *, channels: Sequence[str]) -> AlignmentFeatures:
    """The features of a film's motion signals, for the channels that the sensors have."""
    good = motion.valid & np.isfinite(motion.up).all(axis=1)
    time = motion.time_seconds
    start = float(np.ceil(time[0] * RATE_HZ) / RATE_HZ)
    count = int((time[-1] - start) * RATE_HZ) + 1
    grid = start + np.arange(count) / RATE_HZ
    if good.sum() < 2:
        nothing = np.zeros((count, len(channels)))
        return make_features(channels, start_seconds=start, velocity=nothing, valid=nothing > 0, activity=nothing[:, 0])
    following = np.clip(np.searchsorted(time[good], grid), 1, int(good.sum()) - 1)
    measured = time[good][following] - time[good][following - 1] <= GAP_SECONDS
    measured &= (grid >= time[good][0]) & (grid <= time[good][-1])
    raw = [np.where(measured, np.interp(grid, time[good], _part(motion, name)[good]), 0.0) for name in channels]
    return make_features(
        channels,
        start_seconds=start,
        velocity=np.stack([band_pass(values, rate_hz=RATE_HZ) for values in raw], axis=1),
        valid=np.repeat(measured[:, None], len(channels), axis=1),
        activity=np.where(measured, np.interp(grid, time[good], motion.energy[good]), 0.0),
    )


def _part(motion: MotionSignals, name: str) -> np.ndarray:
    """Upward velocity of one of PARTS, or of the whole trunk."""
    parts = list(PARTS)
    if name in parts:
        return np.asarray(motion.up[:, parts.index(name)])
    return np.asarray(motion.up[:, parts.index("fore")] + motion.up[:, parts.index("hind")]) / 2
