"""Means of a signal over each stride, and over neighbouring strides."""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .site_motion import SiteMotion


def mean_over(
    motion: SiteMotion,
    values: Float64[Array, "samples"],
    *,
    start: Float64[Array, "spans"],
    stop: Float64[Array, "spans"],
) -> Float64[Array, "spans"]:
    """The mean of a signal of a site over spans of film time; NaN where a span is not wholly on valid samples."""
    ends = [np.rint((at - motion.start_seconds) * motion.rate_hz).astype(np.int64) for at in (start, stop)]
    low, high = (np.clip(at, 0, values.size) for at in ends)
    total = np.concatenate([[0.0], np.cumsum(np.where(motion.valid, values, 0.0))])
    valid = np.concatenate([[0], np.cumsum(motion.valid)])
    count = valid[high] - valid[low]
    whole = (count == ends[1] - ends[0]) & (count > 0)
    return np.where(whole, (total[high] - total[low]) / np.maximum(count, 1), np.nan)


def running_mean(values: Float64[Array, "strides"], *, strides: int) -> Float64[Array, "strides"]:
    """The mean over an odd number of neighbouring strides, NaN left out; 0 where all of them are NaN."""
    known = np.isfinite(values)
    window = np.ones(strides)
    middle = slice(strides // 2, strides // 2 + values.size)
    total = np.convolve(np.where(known, values, 0.0), window)[middle]
    return np.asarray(total / np.maximum(np.convolve(known.astype(float), window)[middle], 1.0))
