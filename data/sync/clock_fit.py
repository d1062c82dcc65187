"""The line through the windows: offset, drift and how sure."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from .settings import SyncSpec
from .windows import WindowTable, on_line, window_peaks

OUTLIER_SECONDS = 0.060
"""A window further off the line than this does not agree with it."""
LEAST_HEIGHT = 0.3
"""A window whose best correlation is below this agrees with nothing."""
DRIFT_PRIOR_PPM = 60.0
"""Spread of quartz clocks: two of +-100 ppm, uniform. Short recordings say little about drift and lean on this."""
GAIT_PRIOR_SECONDS = 0.010
"""What a camera sees moves out of step with the sensor by some hundredths of a stride, and differently in each gait."""
NOISE_FLOOR_SECONDS = 0.001
"""Windows are never trusted to less: some hundredths of a frame."""


@dataclass(frozen=True)
class ClockFit:
    """shift + drift * (film time - middle), as the windows that agree have it."""

    shift_seconds: float
    drift_ppm: float
    sigma_seconds: float
    """Standard error of the shift in the middle."""
    residual_seconds: Float64[Array, "windows"]
    """Each window's best shift less the line; NaN where it has none."""
    height: Float64[Array, "windows"]
    """Correlation at that best shift; NaN where it has none."""
    inlier: Bool[Array, "windows"]
    """Whether the window agrees with the line."""
    mad_seconds: float
    """Median absolute residual of those that agree; NaN without any."""


@dataclass(frozen=True)
class Candidate:
    """One offset, refined by windows."""

    offset_seconds: float
    """Film minus IMU time in the middle of the overlap, after the fit."""
    score: float
    """Mean window correlation along its line, plus the score of envelope and rhythm."""
    table: WindowTable
    fit: ClockFit
    context: float


def fit_clock(table: WindowTable, *, shift_seconds: float, drift_ppm: float, spec: SyncSpec) -> ClockFit:
    """Least squares through the windows' best shifts with Huber weights, drift held to its prior and its bound.

    Known pairs are points of the fit too, each worth what a person's eye is.
    """
    time = table.centre_seconds - table.middle_seconds
    pairs = _pair_points(table, spec=spec)
    peak, height = window_peaks(table, shift_seconds=shift_seconds, drift_ppm=drift_ppm)
    shift, drift, own = shift_seconds, drift_ppm, np.zeros(len(time))
    for _ in range(8):
        left_over = np.abs(peak - (shift + drift * 1e-6 * time + own))
        agree = (left_over <= OUTLIER_SECONDS) & (height >= LEAST_HEIGHT)
        if agree.sum() < 2:
            break
        noise = max(1.4826 * float(np.median(left_over[agree])), NOISE_FLOOR_SECONDS)
        huber = np.minimum(1.0, 1.5 * noise / np.maximum(left_over, 1e-9))
        weight = np.where(agree, huber * height**2, 0.0) / noise**2 * independent_share(spec)
        shift, drift, own = _solve(time, peak, weight, table.gaits, pairs=pairs, limit_ppm=spec.max_drift_ppm)
    residual = peak - (shift + drift * 1e-6 * time)
    agree = np.nan_to_num(np.abs(residual), nan=np.inf) <= OUTLIER_SECONDS
    agree &= np.nan_to_num(height, nan=0.0) >= LEAST_HEIGHT
    mad = float(np.median(np.abs(residual[agree]))) if agree.any() else float("nan")
    independent = max(1.0, float(agree.sum()) * independent_share(spec))
    spread = 1.4826 * mad if agree.any() else float("nan")
    return ClockFit(
        shift_seconds=shift,
        drift_ppm=drift,
        sigma_seconds=float(np.hypot(spread / np.sqrt(independent), NOISE_FLOOR_SECONDS)),
        residual_seconds=residual,
        height=height,
        inlier=agree,
        mad_seconds=mad,
    )


def independent_share(spec: SyncSpec) -> float:
    """Overlapping windows repeat one another: so much of each is news."""
    return min(1.0, spec.window_hop_seconds / spec.window_seconds)


def shift_profile(table: WindowTable, *, drift_ppm: float) -> Float64[Array, "shifts"]:
    """Mean correlation of all windows together at every shift of the table, along a drift."""
    return on_line(table, shift_seconds=table.shift_seconds, drift_ppm=drift_ppm)


def _pair_points(table: WindowTable, *, spec: SyncSpec) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time, shift and weight of each known pair, in the terms of the table."""
    time = np.array([pair.film_seconds for pair in spec.events]) - table.middle_seconds
    shift = np.array([pair.offset_seconds for pair in spec.events]) - table.offset_seconds
    return time, shift, np.full(len(time), spec.event_sigma**-2)


def _solve(
    time: np.ndarray,
    peak: np.ndarray,
    weight: np.ndarray,
    gaits: np.ndarray,
    *,
    pairs: tuple[np.ndarray, np.ndarray, np.ndarray],
    limit_ppm: float,
) -> tuple[float, float, np.ndarray]:
    """Weighted shift, drift (ppm), and the part of each window that its gaits' own errors explain: not drift."""
    peak = np.where(weight > 0, peak, 0.0)
    weight = np.where(weight > 0, weight, 0.0)
    windows, mix = len(time), gaits - np.average(gaits, axis=0, weights=weight)
    # An event is seen and felt at once, whatever the gait: pairs have no error of a gait's own.
    time, peak, weight = (np.concatenate([own, pair]) for own, pair in zip((time, peak, weight), pairs, strict=True))
    mix = np.concatenate([mix, np.zeros((len(time) - windows, mix.shape[1]))])
    design = np.column_stack([np.ones_like(time), time * 1e-6, mix])
    prior = np.diag([0.0, DRIFT_PRIOR_PPM**-2, *[GAIT_PRIOR_SECONDS**-2] * mix.shape[1]])
    normal = design.T @ (design * weight[:, None]) + prior
    shift, drift, *own = np.linalg.solve(normal, design.T @ (weight * peak))
    if abs(drift) > limit_ppm:
        drift = float(np.clip(drift, -limit_ppm, limit_ppm))
        shift = float(np.average(peak - drift * 1e-6 * time, weights=weight))
    return float(shift), float(drift), np.asarray((mix @ np.array(own))[:windows])
