"""Spectral features of a window: what one gets without learning anything, and a control that is hard to beat.

Per channel, and per site for the lengths |a| and |g|, which do not depend on how the sensor is turned: mean, logarithm
of the standard deviation, logarithm of the power in bands, dominant frequency.
"""

from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

from ....data.sites import CHANNELS
from ...students.embedding import WindowSequence

BAND_EDGES_HZ = (0.4, 0.8, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0)
"""Narrow where strides (0.8 to 1.8 Hz) and their doubles lie, wide above; 20 Hz is where the grid's low-pass ends."""
NOISE_POWER = 1e-4
"""Floor of the power: (0.01 m/s^2)^2, about a sensor's noise in a band, so that a dead channel is merely quiet."""

BATCH = 128
"""Windows at a time: bounds memory, changes nothing."""


def spectral_features(imu: WindowSequence, *, rate_hz: float) -> Float32[Array, "windows features"]:
    """One row of features a window."""
    starts = range(0, max(len(imu), 1), BATCH)
    parts = [_features(np.asarray(imu[start : start + BATCH]), rate_hz=rate_hz) for start in starts]
    return np.concatenate(parts)


def _features(imu: Float32[Array, "windows channels steps"], *, rate_hz: float) -> Float32[Array, "windows features"]:
    signals = np.concatenate([imu, _lengths(imu)], axis=1).astype(np.float64)
    mean = signals.mean(axis=2)
    power, frequency_hz = _power(signals - mean[..., None], rate_hz=rate_hz)
    bands = [
        power[..., (frequency_hz >= low) & (frequency_hz < high)].sum(axis=2) for low, high in pairwise(BAND_EDGES_HZ)
    ]
    spread = power.sum(axis=2)
    dominant_hz = frequency_hz[power.argmax(axis=2)]
    logs = [np.log(values + NOISE_POWER) for values in (spread, *bands)]
    return np.concatenate([mean, *logs, dominant_hz], axis=1).astype(np.float32)


def _lengths(imu: Float32[Array, "windows channels steps"]) -> Float32[Array, "windows lengths steps"]:
    """|specific force| and |angular rate| of each site."""
    windows, channels, steps = imu.shape
    vectors = imu.reshape(windows, channels // len(CHANNELS) * 2, 3, steps)
    return np.asarray(np.linalg.norm(vectors, axis=2), dtype=np.float32)


def _power(
    signals: Float64[Array, "windows signals steps"], *, rate_hz: float
) -> tuple[Float64[Array, "windows signals bins"], Float64[Array, "bins"]]:
    """One-sided power under a Hann window, scaled so that the sum over bins is the variance of a stationary signal."""
    steps = signals.shape[2]
    taper = np.hanning(steps)
    spectrum = np.fft.rfft(signals * taper, axis=2)
    power = np.abs(spectrum) ** 2 / (steps * np.sum(taper**2))
    power[..., 1 : (steps + 1) // 2] *= 2  # each of these bins stands for its negative frequency too
    return power, np.fft.rfftfreq(steps, d=1.0 / rate_hz)
