"""The low-pass that resampling sums at each grid row: a Kaiser-windowed sinc, tabulated by phase.

Design, for a grid of R = 50 Hz (Kaiser's formulas: Oppenheim & Schafer, Discrete-Time Signal Processing, section 7.5):
ripple 70 dB (0.03 %), -6 dB at 0.42 R = 21 Hz, transition 0.18 R = 9 Hz: flat to 16.5 Hz, -3 dB at 20 Hz, at least
70 dB down from 25.5 Hz. A stream at about the grid's own rate has nothing above the grid's Nyquist frequency: there the
cutoff is the stream's own Nyquist frequency, the transition 0.1 R = 5 Hz, and all up to 22.5 Hz passes unchanged.
"""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array
from numpy.lib.stride_tricks import sliding_window_view

RIPPLE_DB = 70.0
LOWPASS_CUTOFF = 0.42
"""-6 dB point of the low-pass, as a share of the grid's rate."""
LOWPASS_TRANSITION = 0.18
"""Width of its transition band, as a share of the grid's rate."""
NATIVE_TRANSITION = 0.10
"""The same for a stream at about the grid's own rate."""
NATIVE_RATE = 1.05
"""A stream slower than this many times the grid's rate needs no low-pass."""
ON_PHASE = 1e-6
"""Positions this close to whole node intervals from each other, in node intervals, are taken to be so."""
KERNEL_PHASES = 512
"""Phases of the tabulated kernel; linear interpolation between them errs by less than -100 dB."""


def lowpass_kernel(rate_hz: float, *, grid_rate_hz: float) -> Float64[Array, "phases taps"]:
    """The windowed sinc for a stream of this rate, an even number of taps for each phase 0 .. 1 between two samples.

    Rows sum to one, so that gravity stays what it is. Kaiser: A = 2.285 (N - 1) dw + 7.95, dw in radians per sample.
    """
    native = rate_hz < NATIVE_RATE * grid_rate_hz
    cutoff = 0.5 if native else LOWPASS_CUTOFF * grid_rate_hz / rate_hz
    transition = (NATIVE_TRANSITION if native else LOWPASS_TRANSITION) * grid_rate_hz / rate_hz
    half_width = (RIPPLE_DB - 7.95) / (2.285 * 2.0 * np.pi * transition) / 2.0
    half_taps = int(np.ceil(half_width)) + 1
    phase = np.linspace(0.0, 1.0, KERNEL_PHASES + 1)[:, None]
    distance = np.arange(1 - half_taps, half_taps + 1) - phase
    inside = np.sqrt(np.maximum(0.0, 1.0 - (distance / half_width) ** 2))
    window = np.where(np.abs(distance) <= half_width, np.i0(0.1102 * (RIPPLE_DB - 8.7) * inside), 0.0)
    taps = np.sinc(2.0 * cutoff * distance) * window
    return np.asarray(taps / taps.sum(axis=1, keepdims=True))


def apply_kernel(
    kernel: Float64[Array, "phases taps"], position: Float64[Array, "rows"], *, nodes: Float64[Array, "nodes 6"]
) -> Float64[Array, "rows 6"]:
    """The kernel summed over the nodes around each position, given in node intervals: a banded matrix times the nodes.

    Beyond its ends a stretch is continued by its own point reflection, which keeps level and slope.
    """
    half = kernel.shape[1] // 2
    by_channel = np.ascontiguousarray(nodes.T)
    padded = np.pad(by_channel, ((0, 0), (half, half)), mode="reflect", reflect_type="odd")
    apart = round((position[-1] - position[0]) / max(len(position) - 1, 1))
    if apart > 0 and np.abs(position - position[0] - apart * np.arange(len(position))).max() < ON_PHASE:
        return _at_one_phase(kernel, float(position[0]), rows=len(position), apart=apart, padded=padded)
    return _at_any_phase(kernel, position, padded=padded)


def _at_one_phase(
    kernel: Float64[Array, "phases taps"], first: float, *, rows: int, apart: int, padded: Float64[Array, "6 padded"]
) -> Float64[Array, "rows 6"]:
    """The same for positions a whole number of nodes apart, as of stamps without drift: one row of weights for all."""
    taps, base = kernel.shape[1], max(int(np.floor(first)), 0)
    phase = np.array([min(max(first - base, 0.0), 1.0) * KERNEL_PHASES])
    around = sliding_window_view(padded, taps, axis=1)[:, base + 1 :: apart][:, :rows]
    return np.asarray(np.einsum("crt,t->rc", around, _weights(kernel, phase)[0]))


def _at_any_phase(
    kernel: Float64[Array, "phases taps"], position: Float64[Array, "rows"], *, padded: Float64[Array, "6 padded"]
) -> Float64[Array, "rows 6"]:
    taps = kernel.shape[1]
    base = np.clip(np.floor(position), 0, padded.shape[1] - 2 * (taps // 2) - 1)
    weights = _weights(kernel, np.clip(position - base, 0.0, 1.0) * KERNEL_PHASES)
    columns = base.astype(np.int32)[:, None] + np.arange(1, taps + 1, dtype=np.int32)
    row_ends = np.arange(0, weights.size + 1, taps, dtype=np.int32)
    from scipy.sparse import csr_array  # late: a run in which nothing is new resamples nothing

    band = csr_array((weights.ravel(), columns.ravel(), row_ends), shape=(len(position), padded.shape[1]))
    return np.asarray(band @ padded.T)


def _weights(kernel: Float64[Array, "phases taps"], phase: Float64[Array, "rows"]) -> Float64[Array, "rows taps"]:
    """Rows of the kernel at phases in its own steps, linear between two."""
    low = np.minimum(phase.astype(np.int64), KERNEL_PHASES - 1)
    weights = np.diff(kernel, axis=0)[low]
    weights *= (phase - low)[:, None]
    weights += kernel[low]
    return weights
