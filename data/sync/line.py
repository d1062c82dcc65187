"""The line through the windows: offset, drift and how sure, and whether the clock jumped on the way."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array
from scipy.interpolate import CubicSpline

from .settings import SyncSpec
from .windows import TABLE_SECONDS, WindowTable, on_line, window_peaks

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
JUMP_SECONDS = 0.10
"""Least jump that is looked for."""
JUMP_GAIN = 0.10
"""By how much two offsets must explain the windows better than one."""
JUMP_SIDE_GAIN = 0.30
"""The same for the windows of the shorter side alone, when they are few."""
DOUBT_LEAD = 0.002
"""By so much on average must the windows of either side prefer their own shift for a step to be suspected."""
DOUBT_SHARE = 0.9
"""And so many of them."""
NEAR_SECONDS = 0.04
"""By so much may windows of one side scatter about its shift."""
JUMP_WINDOWS = 3
"""Windows needed on either side of a jump."""


@dataclass(frozen=True)
class Line:
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
class Jump:
    """A step of one clock against the other in mid-recording."""

    film_seconds: float
    """Where: halfway between the windows on its two sides."""
    step_seconds: float
    """By how much the offset is greater afterwards."""
    sure: bool = True
    """Whether it is beyond doubt; else it is a suspicion that a person should look at."""


def fit_line(table: WindowTable, *, shift_seconds: float, drift_ppm: float, spec: SyncSpec) -> Line:
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
    return Line(
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


def find_jump(table: WindowTable, *, drift_ppm: float) -> Jump | None:
    """The best place to let the clock step, when two offsets explain the windows clearly better than one."""
    usable = np.flatnonzero(table.usable)
    if len(usable) < 2 * JUMP_WINDOWS:
        return None
    shifts, rows = _along(table, usable, drift_ppm=drift_ppm)
    before = np.cumsum(rows, axis=0)
    after = before[-1] - before
    splits = np.arange(JUMP_WINDOWS - 1, len(usable) - JUMP_WINDOWS)
    pair = before[splits].max(axis=1) + after[splits].max(axis=1)
    split = int(splits[np.argmax(pair)])
    gain = (float(pair.max()) - float(before[-1].max())) / len(usable)
    early, late = int(before[split].argmax()), int(after[split].argmax())
    step = float(shifts[late] - shifts[early])
    # A jump near an end moves few windows: then those few must gain the more.
    fewer = min(split + 1, len(usable) - split - 1)
    clear = gain >= JUMP_GAIN or (gain >= JUMP_GAIN / 2 and gain * len(usable) / fewer >= JUMP_SIDE_GAIN)
    at = float(table.centre_seconds[usable[split : split + 2]].mean())
    # Windows across the step see some of both.
    apart = table.centre_seconds[usable] - at
    first, second = rows[apart <= -table.window_seconds / 2], rows[apart >= table.window_seconds / 2]
    doubtful = _prefer(first, early, late) and _prefer(second, late, early)
    if abs(step) < JUMP_SECONDS or not (clear or doubtful):
        return None
    return Jump(film_seconds=at, step_seconds=step, sure=clear)


def _prefer(rows: np.ndarray, own: int, other: int) -> bool:
    """Whether window after window fits one shift better than another, if not by much.

    A walk's half strides are nearly alike, so that a step of half a stride costs little correlation; yet it costs some
    in every window, and a steady clock has no side that wants another stride throughout.
    """
    lead = _height_about(rows, own) - _height_about(rows, other)
    return len(lead) >= JUMP_WINDOWS and bool(lead.mean() >= DOUBT_LEAD and (lead > 0).mean() >= DOUBT_SHARE)


def _height_about(rows: Float64[Array, "windows shifts"], column: int) -> Float64[Array, "windows"]:
    """Each window's highest correlation near a shift: the windows of a side scatter."""
    reach = round(NEAR_SECONDS / TABLE_SECONDS)
    return np.asarray(rows[:, max(column - reach, 0) : column + reach + 1].max(axis=1))


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


def _along(table: WindowTable, rows: np.ndarray, *, drift_ppm: float) -> tuple[np.ndarray, np.ndarray]:
    """Fine shifts, and the table's rows there, each moved along the drift to the shift that it has in the middle.

    Finer than the table: half a column beside its peak a window looks worse than a rival half a stride away.
    """
    first, last = table.shift_seconds[[0, -1]]
    fine = np.arange(first, last, TABLE_SECONDS)
    lean = drift_ppm * 1e-6 * (table.centre_seconds[rows] - table.middle_seconds)
    splines = (CubicSpline(table.shift_seconds, table.correlation[row]) for row in rows)
    return fine, np.stack([spline(np.clip(fine + m, first, last)) for spline, m in zip(splines, lean, strict=True)])
