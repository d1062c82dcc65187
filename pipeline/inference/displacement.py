"""Height of a site over each stride: upward acceleration integrated twice, made cyclic stride by stride."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array
from scipy.fft import irfft, next_fast_len, rfft, rfftfreq

from .site_motion import SiteMotion
from .strides import Strides

POINTS = 96
"""Points a stride; divisible by four, so that quarters of a stride are whole numbers of points."""
FINE_RATE_HZ = 200.0
"""Heights are interpolated (exactly, for what the samples hold) to at least this rate before extremes are read."""
CUTOFF = (0.4, 0.8)
"""Nothing below the first share of the stride frequency is kept, everything above the second."""
SETTLED_STRIDES = 1.0
"""Strides nearer than this to samples that are not valid are not measured."""


@dataclass(frozen=True)
class HeightCurve:
    """The height of one site over a span of film time."""

    motion: SiteMotion = field(repr=False)
    """What it was computed from."""
    millimetres: Float64[Array, "fine"] = field(repr=False)
    """Height about its slow mean, from `motion.start_seconds` on."""
    rate_hz: float
    """Samples a second."""

    def over(self, strides: Strides, *, shift: float = 0.0) -> Float64[Array, "strides points"]:
        """Millimetres above the stride's mean, at phases -1/4 to 5/4 in steps of 1 / `POINTS`; NaN where not valid.

        `shift` moves every phase later, in strides. Each stride is made cyclic: the line between the heights at its
        start and its end is taken off.
        """
        phase = np.arange(-POINTS // 4, POINTS + POINTS // 4 + 1) / POINTS
        at = strides.start_seconds[:, None] + (phase + shift) * strides.duration_seconds[:, None]
        sample = (at - self.motion.start_seconds) * self.rate_hz
        values = np.interp(sample, np.arange(float(self.millimetres.size)), self.millimetres)
        start, stop = POINTS // 4, POINTS // 4 + POINTS
        values -= (values[:, stop] - values[:, start])[:, None] * phase
        values -= values[:, start:stop].mean(axis=1, keepdims=True)
        values[~_settled(self.motion, strides=strides)] = np.nan
        return np.asarray(values)


def height_curve(motion: SiteMotion, *, stride_hz: float) -> HeightCurve:
    """The upward acceleration integrated twice, without what is slower than the strides."""
    up = np.where(motion.valid, motion.up, 0.0)
    up = np.where(motion.valid, up - up[motion.valid].mean(), 0.0)
    size = next_fast_len(up.size + int(4 * motion.rate_hz / stride_hz), real=True)
    frequency = rfftfreq(size, 1.0 / motion.rate_hz)
    low, high = (share * stride_hz for share in CUTOFF)
    gain = 0.5 - 0.5 * np.cos(np.pi * np.clip((frequency - low) / (high - low), 0.0, 1.0))
    spectrum = rfft(up, size) * gain / -((2.0 * np.pi * np.maximum(frequency, low)) ** 2)
    factor = max(1, int(np.ceil(FINE_RATE_HZ / motion.rate_hz)))
    fine = irfft(spectrum, factor * size) * factor
    return HeightCurve(motion, 1000.0 * fine[: factor * up.size], factor * motion.rate_hz)


def _settled(motion: SiteMotion, *, strides: Strides) -> Bool[Array, "strides"]:
    """Whether all samples of a stride, and of the time around it, are valid."""
    margin = SETTLED_STRIDES * strides.duration_seconds
    low, high = (
        np.rint((at - motion.start_seconds) * motion.rate_hz).astype(np.int64)
        for at in (strides.start_seconds - margin, strides.stop_seconds + margin)
    )
    valid = np.concatenate([[0], np.cumsum(motion.valid)])
    inside = (low >= 0) & (high <= motion.up.size)
    low, high = np.clip(low, 0, motion.up.size), np.clip(high, 0, motion.up.size)
    return np.asarray(inside & (valid[high] - valid[low] == high - low))
