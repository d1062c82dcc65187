"""Offset and drift from windows: how well each window fits each shift about a candidate, and the line through them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array
from scipy.interpolate import CubicSpline

from .alignment_features import QUIET, RATE_HZ, AlignmentFeatures
from .settings import SyncSpec

REACH_SECONDS = 2.5
"""Shifts about the candidate that each window is tried at: wide enough for a clock jump and a stride either way."""
TABLE_SECONDS = 0.004
"""Spacing of the finely interpolated shifts."""
LEAST_VALID = 0.7
"""A window needs this share of valid, moving samples to say anything."""


@dataclass(frozen=True)
class WindowTable:
    """Correlation of each window at each shift about one candidate offset."""

    offset_seconds: float
    """The candidate: film minus IMU time at `middle_seconds`."""
    window_seconds: float
    """Length of each window."""
    middle_seconds: float
    """Film time about which drift turns."""
    centre_seconds: Float64[Array, "windows"]
    """Film time of each window's middle."""
    shift_seconds: Float64[Array, "shifts"]
    """Shifts added to the candidate."""
    correlation: Float64[Array, "windows shifts"]
    """Signed normalised correlation, 0 where too little is shared."""
    usable: Bool[Array, "windows"]
    """Whether both sides move and are valid through most of the window."""
    gaits: Float64[Array, "windows kinds"]
    """Share of each kind of motion in the window, by the sensors."""


def window_table(
    imu: AlignmentFeatures,
    film: AlignmentFeatures,
    *,
    offset_seconds: float,
    spec: SyncSpec,
    reach_seconds: float = REACH_SECONDS,
) -> WindowTable:
    """Correlate windows of film with the sensors shifted about `offset_seconds`, up to the reach."""
    extra = spec.max_drift_ppm * 1e-6 * film.duration_seconds
    reach = int(np.ceil((reach_seconds + extra) * RATE_HZ))
    count = len(film.vertical)
    imu_seconds = film.start_seconds + np.arange(-reach, count + reach) / RATE_HZ - offset_seconds
    first, last = _edges(film, spec=spec)
    x, x_valid = imu.at(imu_seconds)
    here = slice(reach, reach + count)
    return WindowTable(
        offset_seconds=offset_seconds,
        window_seconds=float(last[0] - first[0]) / RATE_HZ,
        middle_seconds=_middle(imu, film, offset_seconds=offset_seconds),
        centre_seconds=film.start_seconds + (first + last - 1) / 2 / RATE_HZ,
        shift_seconds=np.arange(-reach, reach + 1) / RATE_HZ,
        correlation=_correlations(x, x_valid, film, first=first, last=last),
        usable=_usable(imu, film, imu_seconds=imu_seconds[here], imu_valid=x_valid[here], first=first, last=last),
        gaits=imu.gait_shares(
            first_seconds=film.start_seconds + first / RATE_HZ - offset_seconds,
            last_seconds=film.start_seconds + last / RATE_HZ - offset_seconds,
        ),
    )


def on_line(
    table: WindowTable, *, shift_seconds: Float64[Array, "shifts"], drift_ppm: float
) -> Float64[Array, "shifts"]:
    """Mean correlation of the usable windows along lines of one drift through each shift."""
    if not table.usable.any():
        return np.zeros(len(shift_seconds))
    lean = drift_ppm * 1e-6 * (table.centre_seconds[table.usable] - table.middle_seconds)
    rows = table.correlation[table.usable]
    at = (shift_seconds[None, :] + lean[:, None] - table.shift_seconds[0]) * RATE_HZ
    below = np.clip(np.floor(at).astype(int), 0, rows.shape[1] - 2)
    part = np.clip(at - below, 0.0, 1.0)
    row = np.arange(len(rows))[:, None]
    return np.asarray(((1 - part) * rows[row, below] + part * rows[row, below + 1]).mean(axis=0))


def best_line(table: WindowTable, *, reach_seconds: float, spec: SyncSpec) -> tuple[float, float, float]:
    """(mean correlation, shift, drift_ppm) of the line that all windows together like best within the reach."""
    span = float(np.ptp(table.centre_seconds)) if len(table.centre_seconds) else 0.0
    steps = int(np.ceil(spec.max_drift_ppm * 1e-6 * span / 2 / 0.010))
    shift = np.arange(-round(reach_seconds / TABLE_SECONDS), round(reach_seconds / TABLE_SECONDS) + 1) * TABLE_SECONDS
    best = (-2.0, 0.0, 0.0)
    for drift in np.linspace(-spec.max_drift_ppm, spec.max_drift_ppm, 2 * steps + 1) if steps else [0.0]:
        value = on_line(table, shift_seconds=shift, drift_ppm=float(drift))
        top = int(np.argmax(value))
        # Of equal lines the one with less drift: windows all alike say nothing about it.
        worth = float(value[top]) - 1e-4 * abs(float(drift)) / 100.0
        if worth > best[0]:
            best = (worth, float(shift[top]), float(drift))
    return best


def window_peaks(
    table: WindowTable, *, shift_seconds: float, drift_ppm: float, reach_seconds: float = 0.12
) -> tuple[Float64[Array, "windows"], Float64[Array, "windows"]]:
    """The shift at which each window fits best near a line, to a fraction of a sample, and the correlation there.

    NaN where the window is not usable or its best lies on the edge of the reach.
    """
    fine = np.arange(-round(reach_seconds / TABLE_SECONDS), round(reach_seconds / TABLE_SECONDS) + 1) * TABLE_SECONDS
    line = shift_seconds + drift_ppm * 1e-6 * (table.centre_seconds - table.middle_seconds)
    peak = np.full(len(line), np.nan)
    height = np.full(len(line), np.nan)
    for row in np.flatnonzero(table.usable):
        value = CubicSpline(table.shift_seconds, table.correlation[row])(line[row] + fine)
        top = int(np.argmax(value))
        if 0 < top < len(fine) - 1:
            left, mid, right = value[top - 1 : top + 2]
            bend = left - 2 * mid + right
            peak[row] = line[row] + fine[top] + (0.5 * (left - right) / bend if bend < 0 else 0.0) * TABLE_SECONDS
            height[row] = mid
    return peak, height


def _correlations(
    x: Float64[Array, "times channels"],
    x_valid: Bool[Array, "times channels"],
    film: AlignmentFeatures,
    *,
    first: np.ndarray,
    last: np.ndarray,
) -> Float64[Array, "windows shifts"]:
    """Each window of the film against the sensors' `x` at each shift that it leaves room for."""
    y, y_valid = film.vertical, film.valid.astype(float)
    correlation = np.zeros((len(first), len(x) - len(y) + 1))
    for column in range(correlation.shape[1]):
        # A shift that adds to the offset makes film time later for the same IMU sample: read earlier in the IMU.
        start = correlation.shape[1] - 1 - column
        xs, xv = x[start : start + len(y)], x_valid[start : start + len(y)].astype(float)
        cross = _sums(xs * y, first, last)
        energy = _sums(xs * xs * y_valid, first, last) * _sums(y * y * xv, first, last)
        enough = _sums((xv * y_valid).max(axis=1), first, last) >= LEAST_VALID * (last - first)
        correlation[:, column] = np.where(enough & (energy > 0), cross / np.sqrt(np.maximum(energy, 1e-12)), 0.0)
    return correlation


def _usable(
    imu: AlignmentFeatures,
    film: AlignmentFeatures,
    *,
    imu_seconds: Float64[Array, "times"],
    imu_valid: Bool[Array, "times channels"],
    first: np.ndarray,
    last: np.ndarray,
) -> Bool[Array, "windows"]:
    """Windows through most of which both sides move and are valid, at the candidate itself."""
    own = imu.start_seconds + np.arange(len(imu.vertical)) / RATE_HZ
    lively = np.interp(imu_seconds, own, imu.level, left=0.0, right=0.0) > QUIET
    shared = (imu_valid & film.valid).any(axis=1)
    moving = (shared & lively & (film.level > QUIET)).astype(float)
    film_moves = _sums(film.vertical * film.vertical, first, last) > 0
    return np.asarray((_sums(moving, first, last) >= LEAST_VALID * (last - first)) & film_moves)


def _edges(film: AlignmentFeatures, *, spec: SyncSpec) -> tuple[np.ndarray, np.ndarray]:
    count = len(film.vertical)
    width = min(int(spec.window_seconds * RATE_HZ), count)
    first = np.arange(0, count - width + 1, max(int(spec.window_hop_seconds * RATE_HZ), 1))
    return first, first + width


def _sums(values: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    total = np.concatenate([[0.0], np.cumsum(values if values.ndim == 1 else values.sum(axis=1))])
    return np.asarray(total[last] - total[first])


def _middle(imu: AlignmentFeatures, film: AlignmentFeatures, *, offset_seconds: float) -> float:
    """Film time in the middle of the sensors' recording: where the score curve measures its offsets."""
    start = max(film.start_seconds, imu.start_seconds + offset_seconds)
    stop = min(film.start_seconds + film.duration_seconds, imu.start_seconds + offset_seconds + imu.duration_seconds)
    return (start + stop) / 2
