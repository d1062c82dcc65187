"""The score of every lag: normalised correlation of two masked signals over the whole search range, by FFT."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array
from scipy import fft

from .alignment_features import RATE_HZ, RHYTHM_RATE_HZ, AlignmentFeatures
from .settings import SyncSpec

FULL_TRUST_SECONDS = 60.0
"""A lag that rests on less overlap is worth less: chance correlation falls with the root of the time shared."""

SAME_LAG_SECONDS = 0.12
"""Lags closer than this are one lag."""
LEAST_SPREAD = {"envelope": 0.3, "rhythm": 0.5}
"""Natural logarithms: within one steady gait activity and spectrum waver by less, from gait to gait they vary more."""


@dataclass(frozen=True)
class ScoreCurve:
    """The score of each offset, and the parts that it is the sum of."""

    offset_seconds: Float64[Array, "lags"]
    """Film time minus IMU time at the middle of the IMU features."""
    score: Float64[Array, "lags"]
    """`vertical + envelope_weight * envelope + rhythm_weight * rhythm`, NaN where not searched."""
    vertical: Float64[Array, "lags"]
    """Signed normalised correlation of the vertical velocities: the highest over the drifts tried."""
    context: Float64[Array, "lags"]
    """The weighted scores without phase: envelope and rhythm."""
    inverted: Float64[Array, "lags"]
    """The score that the film upside down would have."""
    drift_ppm: Float64[Array, "lags"]
    """The drift, of those tried, at which each offset correlates best."""


def masked_correlation(
    x: Float64[Array, "n channels"],
    x_valid: Bool[Array, "n #channels"],
    y: Float64[Array, "m channels"],
    y_valid: Bool[Array, "m #channels"],
    *,
    least_spread: float = 0.0,
) -> tuple[Float64[Array, "lags"], Float64[Array, "lags"]]:
    """Pearson correlation of x[i] with y[i + lag] for lag -(n-1) .. m-1, and how many valid samples they share.

    The masked form of Padfield (2012, "Masked object registration in the Fourier domain"): means and energies are taken
    over the shared samples of each lag. Channels are centred one by one and pooled; shared is the most of any channel.
    Spread below `least_spread` counts as that much: where nothing changes, noise must not count as agreement.
    """
    size = fft.next_fast_len(len(x) + len(y) - 1, real=True)

    def spectrum(values: np.ndarray) -> np.ndarray:
        return np.asarray(fft.rfft(values, size, axis=0))

    def correlate(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        full = fft.irfft(np.conj(a) * b, size, axis=0)
        return np.asarray(np.concatenate([full[size - len(x) + 1 :], full[: len(y)]]))

    mx, my = x_valid.astype(float), y_valid.astype(float)
    x, y = np.where(mx > 0, x, 0.0), np.where(my > 0, y, 0.0)
    fmx, fmy, fx, fy = spectrum(mx), spectrum(my), spectrum(x), spectrum(y)
    shared = np.maximum(np.round(correlate(fmx, fmy)), 0.0)
    count = np.maximum(shared, 1.0)
    sum_x, sum_y = correlate(fx, fmy), correlate(fmx, fy)
    cross = correlate(fx, fy) - sum_x * sum_y / count
    energy_x = correlate(spectrum(x * x), fmy) - sum_x**2 / count + shared * least_spread**2
    energy_y = correlate(fmx, spectrum(y * y)) - sum_y**2 / count + shared * least_spread**2
    floor = 1e-9 * (float((x * x).sum()) + 1e-30), 1e-9 * (float((y * y).sum()) + 1e-30)
    energy = np.maximum(energy_x.sum(axis=1), floor[0]) * np.maximum(energy_y.sum(axis=1), floor[1])
    return cross.sum(axis=1) / np.sqrt(energy), shared.max(axis=1)


def stretched(features: AlignmentFeatures, *, drift_ppm: float) -> AlignmentFeatures:
    """The features as a clock faster by `drift_ppm` would have stamped it, about its own middle."""
    if drift_ppm == 0.0:
        return features
    return features.resampled(1.0 / (1.0 + drift_ppm * 1e-6))


def score_curve(imu: AlignmentFeatures, film: AlignmentFeatures, *, spec: SyncSpec) -> ScoreCurve:
    """Every offset's score. Long recordings are tried at several drifts, so that the ends stay within 40 ms of step."""
    shared = min(imu.duration_seconds, film.duration_seconds)
    steps = int(np.ceil(spec.max_drift_ppm * 1e-6 * shared / 2 / 0.040)) if shared * spec.max_drift_ppm > 80e3 else 0
    drifts = np.linspace(-spec.max_drift_ppm, spec.max_drift_ppm, 2 * steps + 1) if steps else np.zeros(1)
    tried = [_correlate(stretched(imu, drift_ppm=float(d)), film) for d in drifts]
    values = np.stack([value for value, _ in tried])
    vertical = values.max(axis=0)
    opposed = -values.min(axis=0)
    shared_count = tried[len(tried) // 2][1]
    lag = np.arange(len(vertical)) - (len(imu.vertical) - 1)
    offset = film.start_seconds - imu.start_seconds + lag / RATE_HZ
    trust = np.sqrt(np.minimum(1.0, shared_count / RATE_HZ / FULL_TRUST_SECONDS))
    context = context_at(imu, film, offset=offset, spec=spec)
    allowed = (shared_count / RATE_HZ >= spec.min_overlap_seconds) & within_search(offset, imu=imu, spec=spec)
    return ScoreCurve(
        offset_seconds=offset,
        score=np.where(allowed, trust * (vertical + context), np.nan),
        vertical=np.where(allowed, trust * vertical, np.nan),
        context=np.where(allowed, trust * context, np.nan),
        inverted=np.where(allowed, trust * (opposed + context), np.nan),
        drift_ppm=drifts[np.argmax(values, axis=0)],
    )


def within_search(offset: Float64[Array, "lags"], *, imu: AlignmentFeatures, spec: SyncSpec) -> Bool[Array, "lags"]:
    """Which offsets the spec lets in: its range, its expectation, its known pairs."""
    allowed = np.ones(len(offset), dtype=bool)
    if spec.offset_range is not None:
        allowed &= (offset >= spec.offset_range[0]) & (offset <= spec.offset_range[1])
    if spec.expect_offset is not None:
        allowed &= np.abs(offset - spec.expect_offset) <= spec.expect_within
    for pair in spec.events:
        # Between the pair and the middle of the sensors' recording the clocks may drift apart.
        slack = spec.event_within + spec.max_drift_ppm * 1e-6 * abs(pair.imu_seconds - imu.middle_seconds)
        allowed &= np.abs(offset - (pair.film_seconds - pair.imu_seconds)) <= slack
    return allowed


def _correlate(imu: AlignmentFeatures, film: AlignmentFeatures) -> tuple[np.ndarray, np.ndarray]:
    return masked_correlation(imu.vertical, imu.valid, film.vertical, film.valid)


def context_at(
    imu: AlignmentFeatures, film: AlignmentFeatures, *, offset: Float64[Array, "lags"], spec: SyncSpec
) -> Float64[Array, "lags"]:
    """Envelope and rhythm agreement at each offset, from their slower grids; nothing where they share no variation."""
    total = np.zeros(len(offset))
    for weight, name in ((spec.envelope_weight, "envelope"), (spec.rhythm_weight, "rhythm")):
        x, y = getattr(imu, name), getattr(film, name)
        value, _ = masked_correlation(
            x, imu.slow_valid[:, None], y, film.slow_valid[:, None], least_spread=LEAST_SPREAD[name]
        )
        lag_seconds = (np.arange(len(value)) - (len(x) - 1)) / RHYTHM_RATE_HZ
        total += weight * np.interp(offset, film.start_seconds - imu.start_seconds + lag_seconds, value)
    return total
