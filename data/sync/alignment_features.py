"""What film and sensors are compared by: vertical velocity, activity and rhythm, each side on one uniform time grid."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array
from scipy import fft, ndimage

RATE_HZ = 50.0
"""Rate of the comparison: eight samples of the fastest motion that is compared."""
RHYTHM_RATE_HZ = 5.0
"""Rate of activity and rhythm, which change over seconds."""
BAND_HZ = (0.7, 6.0)
"""From below the walk's stride to twice the canter's third harmonic."""
LEVEL_SECONDS = 4.0
"""The stretch over which amplitude is levelled, so that a canter does not outvote a walk."""
RHYTHM_SECONDS = 4.0
RHYTHM_BINS_HZ = np.arange(0.75, 6.01, 0.25)
QUICK_HZ = 2.2
"""Between the two steps a stride of a walk or one of a canter (1.6 to 2) and the two of a trot (2.6)."""
LARGE = 0.55
"""Above this part of the lively level of vertical velocity lie trot and canter, below it walk."""
QUIET = 0.15
"""Motion below this part of the recording's lively level is standing, or noise."""


@dataclass(frozen=True)
class AlignmentFeatures:
    """One side of the comparison. `vertical` and `valid` at RATE_HZ, the rest at RHYTHM_RATE_HZ from the same start."""

    channels: tuple[str, ...]
    """Parts of the horse that were seen or measured, e.g. `head`, `fore`, `hind`."""
    start_seconds: float
    """Time of the first sample on the side's own clock."""
    vertical: Float64[Array, "samples channels"]
    """Upward velocity in BAND_HZ, levelled: about 1 RMS in any gait, near 0 at halt, 0 where not valid."""
    valid: Bool[Array, "samples channels"]
    """Whether the sample rests on measurements."""
    level: Float64[Array, "samples"]
    """RMS of the vertical velocity before levelling, relative to its lively level, over the channels."""
    envelope: Float64[Array, "slow 1"]
    """Logarithm of activity over about a second."""
    rhythm: Float64[Array, "slow bins"]
    """Logarithmic short-time spectra of the vertical velocities, channel by channel."""
    slow_valid: Bool[Array, "slow"]
    """Whether envelope and rhythm rest on measurements."""

    @property
    def duration_seconds(self) -> float:
        """Time from the first to the last sample."""
        return (len(self.vertical) - 1) / RATE_HZ

    @property
    def middle_seconds(self) -> float:
        """Time halfway between the first and the last sample."""
        return self.start_seconds + self.duration_seconds / 2

    def resampled(self, factor: float) -> "AlignmentFeatures":
        """The same vertical velocity with time stretched by 1 / factor about its middle; the slow parts as they are."""
        half = (len(self.vertical) - 1) / 2
        at = half + (np.arange(len(self.vertical)) - half) * factor
        vertical, valid = self.at(self.start_seconds + at / RATE_HZ)
        return replace(self, vertical=vertical, valid=valid)

    def at(
        self, time_seconds: Float64[Array, "times"]
    ) -> tuple[Float64[Array, "times channels"], Bool[Array, "times channels"]]:
        """Vertical velocity, and whether it is valid, at other times of the side's own clock."""
        own = self.start_seconds + np.arange(len(self.vertical)) / RATE_HZ
        share = [np.interp(time_seconds, own, v.astype(float), left=0.0, right=0.0) for v in self.valid.T]
        valid = np.stack(share, axis=1) > 0.99
        vertical = np.stack([np.interp(time_seconds, own, v) for v in self.vertical.T], axis=1)
        return np.where(valid, vertical, 0.0), valid

    def gait_shares(
        self, *, first_seconds: Float64[Array, "windows"], last_seconds: Float64[Array, "windows"]
    ) -> Float64[Array, "windows kinds"]:
        """How much of each stretch of the side's own clock is spent in each kind of motion, by tempo and size."""
        every = round(RATE_HZ / RHYTHM_RATE_HZ)
        spectra = self.rhythm.reshape(len(self.rhythm), len(self.channels), -1).mean(axis=1)
        level = self.level[::every][: len(spectra)]
        kind = 2 * (RHYTHM_BINS_HZ[np.argmax(spectra, axis=1)] > QUICK_HZ) + (level > LARGE)
        counts = np.stack([(kind == k) & (level > QUIET) for k in range(4)], axis=1).astype(float)
        total = np.concatenate([np.zeros((1, 4)), np.cumsum(counts, axis=0)])
        first, last = (
            np.clip(np.round((t - self.start_seconds) * RHYTHM_RATE_HZ), 0, len(counts)).astype(int)
            for t in (first_seconds, last_seconds)
        )
        return np.asarray((total[last] - total[first]) / np.maximum(last - first, 1)[:, None])


def make_features(
    channels: Sequence[str],
    *,
    start_seconds: float,
    velocity: Float64[Array, "samples channels"],
    valid: Bool[Array, "samples channels"],
    activity: Float64[Array, "samples"],
) -> AlignmentFeatures:
    """Alignment features from band-passed upward velocities and a non-negative activity at RATE_HZ, any units."""
    every = round(RATE_HZ / RHYTHM_RATE_HZ)
    levelled, levels, rhythms = [], [], []
    for column, good in zip(np.where(valid, velocity, 0.0).T, valid.T, strict=True):
        rms = local_rms(column, good, seconds=LEVEL_SECONDS)
        lively = max(float(np.percentile(rms[good], 75)) if good.any() else 0.0, 1e-12)
        levels.append(rms / lively)
        levelled.append(column / (lively * np.hypot(rms / lively, QUIET)))
        rhythms.append(_spectrogram(column / lively, every=every))
    seen = np.asarray(valid.any(axis=1))
    return AlignmentFeatures(
        channels=tuple(channels),
        start_seconds=start_seconds,
        vertical=np.stack(levelled, axis=1),
        valid=valid,
        level=np.max(levels, axis=0),
        envelope=_log_envelope(activity, seen)[::every, None],
        rhythm=np.concatenate(rhythms, axis=1),
        slow_valid=(ndimage.uniform_filter1d(seen.astype(float), every) > 0.5)[::every],
    )


def band_pass(
    values: Float64[Array, "samples"], *, rate_hz: float, integrate: bool = False
) -> Float64[Array, "samples"]:
    """Only BAND_HZ of a signal, without shift in time; on request its integral over time."""
    size = fft.next_fast_len(len(values) + int(4 * rate_hz), real=True)
    frequency = fft.rfftfreq(size, 1.0 / rate_hz)
    low, high = BAND_HZ
    gain = _smooth_step(frequency / low, 0.7, 1.0) * (1.0 - _smooth_step(frequency / high, 1.0, 1.3))
    transfer = gain / (2j * np.pi * np.maximum(frequency, 0.1)) if integrate else gain
    return np.asarray(fft.irfft(fft.rfft(values, size) * transfer, size)[: len(values)])


def local_rms(
    values: Float64[Array, "samples"], valid: Bool[Array, "samples"], *, seconds: float
) -> Float64[Array, "samples"]:
    """Root mean square over the valid samples within a Gaussian of about `seconds` width."""
    sigma = seconds * RATE_HZ / 4
    power = ndimage.gaussian_filter1d(np.where(valid, values, 0.0) ** 2, sigma)
    share = ndimage.gaussian_filter1d(valid.astype(float), sigma)
    return np.asarray(np.sqrt(power / np.maximum(share, 0.05)))


def _smooth_step(ratio: np.ndarray, start: float, stop: float) -> np.ndarray:
    """0 below start, 1 above stop, half a cosine between."""
    position = np.clip((ratio - start) / (stop - start), 0.0, 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * position))


def _log_envelope(activity: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """log of activity over a second, with a floor: a halt is a halt, not minus infinity."""
    smooth = local_rms(activity, valid, seconds=1.5)
    lively = float(np.percentile(smooth[valid], 90)) if valid.any() else 1.0
    return np.asarray(np.log(0.05 + smooth / max(lively, 1e-12)))


def _spectrogram(velocity: np.ndarray, *, every: int) -> np.ndarray:
    """log(0.1 + amplitude) of each of RHYTHM_BINS_HZ within a Hann window of RHYTHM_SECONDS, each bin centred later."""
    width = int(RHYTHM_SECONDS * RATE_HZ)
    window = np.hanning(width + 1)[:-1]
    carrier = np.exp(-2j * np.pi * RHYTHM_BINS_HZ[:, None] * np.arange(width) / RATE_HZ) * (2 * window / window.sum())
    padded = np.pad(velocity, (width // 2, width // 2))
    frames = np.lib.stride_tricks.sliding_window_view(padded, width)[: len(velocity) : every]
    return np.asarray(np.log(0.1 + np.abs(frames @ carrier.T)))
