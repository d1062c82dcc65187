"""The clock between a camera's own motion sensors and loggers that move with it, by inertial correlation.

Both measure the same turning of one body in axes of their own. At every lag the rotation between these axes is solved
for: of the 3 x 3 matrix of correlations C at that lag, the proper rotation R that fits best gives
trace(R^T C) = s1 + s2 + sign(det C) s3 of its singular values (Kabsch, A solution for the best rotation to relate two
sets of vectors, Acta Cryst. A32, 1976). Divided by the two signals' sizes it is 1 for equal signals. The gyroscope goes
first: turning is the same everywhere on a rigid body, specific force is not; it serves where turning does not suffice.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float64, Int
from numpy import ndarray as Array
from scipy.signal import butter, sosfiltfilt

from ..recording import ImuStream

OVERLAP_SHARE, ENOUGH_SECONDS = 0.5, 30.0
"""Of the shorter signal, or so long at most: chance agrees with less."""
GAP_SECONDS = 0.1
AGREES_HEIGHT = 0.6
"""A window agrees when its own best lag is near to the line, with this correlation at least."""
LEAST_ENERGY = 0.1
"""Share of the whole signal's power that a window, or an overlap, must have to say anything."""


@dataclass(frozen=True)
class Band:
    """Motion of one tempo, and how it is compared."""

    hz: tuple[float, float]
    """Its lowest and highest frequency."""
    rate_hz: float
    """Of the grid on which it is compared."""
    least_overlap_seconds: float
    same_lag_seconds: float
    """Peaks closer than this are one."""
    window_seconds: float
    hop_seconds: float
    """Of windows that are compared one by one along the lag found."""
    reach_seconds: float
    """How far each may be off it."""
    agrees_seconds: float
    """How near to the line a window's own best lag lies when it agrees."""

    def within(self, highest_hz: float) -> "Band":
        """The same up to this frequency."""
        return replace(self, hz=(self.hz[0], min(self.hz[1], highest_hz)))


BODIES = Band((0.3, 15.0), 100.0, 5.0, 0.15, 4.0, 1.0, 0.1, 0.015)
"""What bodies do, without a gyroscope's bias below and without propellers and motors above."""
VEHICLES = Band((0.1, 2.0), 20.0, 25.0, 1.5, 16.0, 4.0, 0.5, 0.06)
"""What vehicles do: of a car's turning six parts in seven lie below 0.3 Hz, and its engine shakes a camera above 2."""


@dataclass(frozen=True)
class Motion:
    """Three axes on a uniform grid, band-passed."""

    start_seconds: float
    values: Float64[Array, "samples 3"]
    """0 across gaps."""
    band: Band

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.values) / self.band.rate_hz


@dataclass(frozen=True)
class Alignment:
    """The best lag between a camera's motion and a logger's."""

    offset_seconds: float
    """Film time minus logger time in the middle of the overlap."""
    reference_seconds: float
    """Logger time there."""
    drift_ppm: float
    score: float
    """Correlation after the best rotation, 1 for equal signals."""
    rival_score: float
    rival_offset: float
    """Of the best other lag."""
    rotation: Float64[Array, "3 3"]
    """Takes the logger's axes to the camera's."""
    centre_seconds: Float64[Array, "windows"]
    """Film time of each window's middle."""
    residual_seconds: Float64[Array, "windows"]
    """Its own best lag less the line's; NaN where it moves too little."""
    height: Float64[Array, "windows"]
    """Its correlation there."""
    offsets: Float64[Array, "lags"]
    scores: Float64[Array, "lags"]
    """Of every lag; NaN where not considered."""
    band: Band

    @property
    def agreeing(self) -> Bool[Array, "windows"]:
        """Windows that lie on the line."""
        near = np.abs(np.nan_to_num(self.residual_seconds, nan=np.inf)) <= self.band.agrees_seconds
        return np.asarray(near & (np.nan_to_num(self.height) >= AGREES_HEIGHT))


def motion_of(stream: ImuStream, *, turning: bool, band: Band = BODIES) -> Motion | None:
    """A stream's angular rate, or its specific force, as it is compared; None where it has none to speak of."""
    values = stream.angular_rate if turning else stream.specific_force
    good = np.isfinite(values).all(axis=1)
    time, values = stream.time_seconds[good], values[good]
    if len(time) < 2 or time[-1] - time[0] < band.least_overlap_seconds:
        return None
    fine_hz = max(band.rate_hz, 1.0 / float(np.median(np.diff(time))))
    at = np.arange(time[0], time[-1], 1.0 / fine_hz)
    even = np.stack([np.interp(at, time, axis) for axis in values.T], axis=1)
    if band.hz[1] <= band.hz[0]:
        return None
    passed = sosfiltfilt(butter(2, band.hz, "bandpass", fs=fine_hz, output="sos"), even - even.mean(axis=0), axis=0)
    for gap in np.flatnonzero(np.diff(time) > GAP_SECONDS):
        passed[(at > time[gap]) & (at < time[gap + 1])] = 0.0
    grid = np.arange(time[0], at[-1], 1.0 / band.rate_hz)
    return Motion(float(time[0]), np.stack([np.interp(grid, at, axis) for axis in passed.T], axis=1), band)


def align(
    camera: Motion, logger: Motion, *, search: tuple[float, float], drift_ppm: tuple[float, float]
) -> Alignment | None:
    """The lag at which the two agree best, refined window by window; None where no lag has enough overlap.

    `search` bounds the offsets in seconds; `drift_ppm` is the largest drift and the spread of usual ones.
    """
    offsets, scores = lag_scores(camera, logger)
    scores[(offsets < search[0]) | (offsets > search[1])] = np.nan
    if not np.isfinite(scores).any():
        return None
    top = int(np.nanargmax(scores))
    others = np.where(np.abs(offsets - offsets[top]) > camera.band.same_lag_seconds, scores, np.nan)
    rival = int(np.nanargmax(others)) if np.isfinite(others).any() else top
    offset = float(offsets[top] + _parabola(scores, at=top) / camera.band.rate_hz)
    rotation = _rotation(camera, logger, offset=offset)
    centre, own, height = _windows(camera, logger, rotation=rotation, offset=offset)
    start = max(camera.start_seconds, logger.start_seconds + offset)
    stop = min(camera.start_seconds + camera.seconds, logger.start_seconds + offset + logger.seconds)
    middle = (start + stop) / 2.0
    shift, drift = _line(centre - middle, own, height=height, drift_ppm=drift_ppm, band=camera.band)
    return Alignment(
        offset_seconds=offset + shift,
        reference_seconds=middle - offset - shift,
        drift_ppm=drift,
        score=float(scores[top]),
        rival_score=float(others[rival]) if np.isfinite(others[rival]) else 0.0,
        rival_offset=float(offsets[rival]),
        rotation=rotation,
        centre_seconds=centre,
        residual_seconds=own - shift - drift * 1e-6 * (centre - middle),
        height=height,
        offsets=offsets,
        scores=scores,
        band=camera.band,
    )


def lag_scores(camera: Motion, logger: Motion) -> tuple[Float64[Array, "lags"], Float64[Array, "lags"]]:
    """Film time minus logger time of every lag, and the correlation there after the best rotation."""
    a, b = camera.values, logger.values
    lags = np.arange(-len(b) + 1, len(a))
    first, last = np.maximum(lags, 0), np.minimum(lags + len(b), len(a))
    energy_a, energy_b = _energy(a, first, last), _energy(b, first - lags, last - lags)
    band = camera.band
    shorter = min(OVERLAP_SHARE * min(camera.seconds, logger.seconds), ENOUGH_SECONDS)
    least = max(band.least_overlap_seconds, shorter) * band.rate_hz
    share = (last - first) / np.array([[len(a)], [len(b)]])
    whole = np.array([[(a**2).sum()], [(b**2).sum()]])
    moves = (np.stack([energy_a, energy_b]) >= LEAST_ENERGY * share * whole).all(axis=0)
    usable = (last - first >= least) & moves & (energy_a > 0) & (energy_b > 0)
    scores = np.full(len(lags), np.nan)
    products = _products(a, b, lags=lags[usable])
    singular = np.linalg.svd(products, compute_uv=False)
    fit = singular[:, 0] + singular[:, 1] + np.sign(np.linalg.det(products)) * singular[:, 2]
    scores[usable] = fit / np.sqrt(energy_a[usable] * energy_b[usable])
    return camera.start_seconds - logger.start_seconds + lags / band.rate_hz, scores


def _products(
    a: Float64[Array, "samples 3"], b: Float64[Array, "others 3"], *, lags: Int[Array, "lags"]
) -> Float64[Array, "lags 3 3"]:
    """Sums of products of each two axes at these lags, pair by pair: a day's would not fit in memory at once."""
    size = 1 << (len(a) + len(b) - 1).bit_length()
    of_a, of_b = (np.fft.rfft(values, size, axis=0) for values in (a, b))
    pairs = [np.fft.irfft(of_a[:, i] * of_b[:, j].conj(), size)[lags] for i in range(3) for j in range(3)]
    return np.stack(pairs, axis=-1).reshape(-1, 3, 3)


def _energy(values: Float64[Array, "samples 3"], first: Array, last: Array) -> Float64[Array, "lags"]:
    total = np.concatenate([[0.0], np.cumsum((values**2).sum(axis=1))])
    return np.asarray(total[last] - total[first])


def _parabola(scores: Float64[Array, "lags"], *, at: int) -> float:
    """Where a parabola through a peak and its neighbours has its top, in samples."""
    if not 0 < at < len(scores) - 1 or not np.isfinite(scores[at - 1 : at + 2]).all():
        return 0.0
    before, top, after = scores[at - 1 : at + 2]
    bend = before - 2.0 * top + after
    return float(0.5 * (before - after) / bend) if bend < 0 else 0.0


def _shared(camera: Motion, logger: Motion, *, offset: float) -> tuple[Array, Array, Array]:
    """Film times at which both are there, and both signals then."""
    start = max(camera.start_seconds, logger.start_seconds + offset)
    stop = min(camera.start_seconds + camera.seconds, logger.start_seconds + offset + logger.seconds)
    step = 1.0 / camera.band.rate_hz
    times = np.arange(start, stop - step, step)
    return times, _at(camera, times), _at(logger, times - offset)


def _at(motion: Motion, times: Float64[Array, "times"]) -> Float64[Array, "times 3"]:
    grid = motion.start_seconds + np.arange(len(motion.values)) / motion.band.rate_hz
    return np.stack([np.interp(times, grid, axis) for axis in motion.values.T], axis=1)


def _rotation(camera: Motion, logger: Motion, *, offset: float) -> Float64[Array, "3 3"]:
    _, a, b = _shared(camera, logger, offset=offset)
    left, _, right = np.linalg.svd(a.T @ b)
    proper = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    return np.asarray(left @ proper @ right)


def _windows(
    camera: Motion, logger: Motion, *, rotation: Float64[Array, "3 3"], offset: float
) -> tuple[Float64[Array, "windows"], Float64[Array, "windows"], Float64[Array, "windows"]]:
    """Middle, own best lag beside the offset, and correlation there, of windows along the overlap."""
    times, a, b = _shared(camera, logger, offset=offset)
    b = b @ rotation.T
    band = camera.band
    spans = (band.window_seconds, band.hop_seconds, band.reach_seconds)
    rows, hop, reach = (round(seconds * band.rate_hz) for seconds in spans)
    power = float((b**2).sum() / max(len(b), 1))
    centre, lag, height = [], [], []
    for start in range(reach, len(times) - rows - reach + 1, hop):
        own = b[start : start + rows]
        pieces = [a[start + shift : start + shift + rows] for shift in range(-reach, reach + 1)]
        size = np.sqrt((own**2).sum() * np.array([(piece**2).sum() for piece in pieces]))
        curve = np.array([(piece * own).sum() for piece in pieces]) / np.maximum(size, 1e-12)
        top = int(np.argmax(curve))
        still = (own**2).sum() < LEAST_ENERGY * rows * power
        centre.append(float(times[start]) + rows / band.rate_hz / 2.0)
        lag.append(np.nan if still else (top - reach + _parabola(curve, at=top)) / band.rate_hz)
        height.append(float(curve[top]))
    return np.array(centre), np.array(lag), np.array(height)


def _line(
    time: Float64[Array, "windows"],
    lag: Float64[Array, "windows"],
    *,
    height: Float64[Array, "windows"],
    drift_ppm: tuple[float, float],
    band: Band,
) -> tuple[float, float]:
    """Shift and drift of the windows that agree, by least squares; drift is held to the spread of quartz clocks."""
    limit_ppm, prior_ppm = drift_ppm
    independent = band.hop_seconds / band.window_seconds
    clear = lag[np.isfinite(lag) & (height >= AGREES_HEIGHT)]
    shift, drift = float(np.median(clear)) if len(clear) else 0.0, 0.0
    for _ in range(5):
        near = np.abs(np.nan_to_num(lag, nan=np.inf) - shift - drift * 1e-6 * time) <= band.agrees_seconds
        agree = near & (height >= AGREES_HEIGHT)
        if agree.sum() < 2:
            return shift, drift
        left = lag[agree] - shift - drift * 1e-6 * time[agree]
        noise = max(1.4826 * float(np.median(np.abs(left - np.median(left)))), 1e-3)
        design = np.column_stack([np.ones(agree.sum()), time[agree] * 1e-6]) / noise
        normal = design.T @ design * independent + np.diag([0.0, prior_ppm**-2])
        shift, drift = np.linalg.solve(normal, design.T @ (lag[agree] / noise) * independent)
        drift = float(np.clip(drift, -limit_ppm, limit_ppm))
    return float(shift), drift
