"""When a horse stands: the sensors are at rest, which needs no learning."""

import numpy as np
from jaxtyping import Bool
from numpy import ndarray as Array

from ...data.sites import CHANNELS
from ..datasets.sensor_windows import SensorWindows

REST_M_S2 = 0.5
"""Standard deviation of the specific force, all axes together, below which a site is at rest (an estimate).

Simulated trunks show at most 0.12 standing (99 % of the seconds) and at least 2.0 walking (99 %); a real horse that
walks on the lunge, sensor at 443 Hz, at least 1.6 (all of 63 seconds).
"""
MIDDLE = 0.2
"""Part of a window about its middle in which rest is measured: one second of five."""
CHUNK = 512


def at_rest(windows: SensorWindows) -> Bool[Array, "windows"]:
    """Whether most sites rest in the middle of each window (SI units); sites of NaN are left out."""
    half = max(1, round(MIDDLE * windows.steps / 2))
    middle = slice(windows.steps // 2 - half, windows.steps // 2 + half)
    resting = []
    for first in range(0, len(windows), CHUNK):
        cut = windows[first : first + CHUNK].numpy()[:, :, middle]
        force = cut.reshape(len(cut), -1, len(CHANNELS), cut.shape[2])[:, :, :3]
        resting.append(np.nanmedian(np.sqrt(force.var(axis=3).sum(axis=2)), axis=1) < REST_M_S2)
    return np.concatenate(resting) if resting else np.zeros(0, bool)
