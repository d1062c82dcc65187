"""Evidence of the film: upward velocity of the trunk and activity, from motion signals at their own frame times."""

import numpy as np

from ..motion import MotionSignals
from .evidence import RATE_HZ, Evidence, band_pass, make_evidence

GAP_SECONDS = 0.25
"""A hole between frames longer than this is missing: dropped frames below it are bridged."""


def film_evidence(motion: MotionSignals) -> Evidence:
    """The evidence of a film's motion signals, on a uniform grid of film time."""
    good = motion.valid & np.isfinite(motion.trunk_up)
    time = motion.time_seconds
    start = float(np.ceil(time[0] * RATE_HZ) / RATE_HZ)
    count = int((time[-1] - start) * RATE_HZ) + 1
    grid = start + np.arange(count) / RATE_HZ
    if good.sum() < 2:
        nothing = np.zeros(count)
        return make_evidence(start_seconds=start, velocity=nothing, valid=nothing > 0, activity=nothing)
    following = np.clip(np.searchsorted(time[good], grid), 1, int(good.sum()) - 1)
    measured = time[good][following] - time[good][following - 1] <= GAP_SECONDS
    measured &= (grid >= time[good][0]) & (grid <= time[good][-1])
    raw = np.where(measured, np.interp(grid, time[good], motion.trunk_up[good]), 0.0)
    return make_evidence(
        start_seconds=start,
        velocity=band_pass(raw, rate_hz=RATE_HZ),
        valid=measured,
        activity=np.where(measured, np.interp(grid, time[good], motion.energy[good]), 0.0),
    )
