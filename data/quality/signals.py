"""Facts of one sensor's samples: rate, loss, gaps, clipping, rest, repeated values; and a drawing's envelope."""

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray as Array

from ..readers.physics import measure_gravity
from ..readers.sensor import STANDARD_GRAVITY
from ..recording import ImuStream
from ..resample import sampling_rate_hz
from .facts import Envelope, SensorFacts, Span

FORCE_RANGES = tuple(STANDARD_GRAVITY * g for g in (2, 4, 8, 16, 24, 30, 32, 100, 200, 400))
"""m/s^2 at which accelerometers end."""
TURNING_RANGES = tuple(np.deg2rad(d) for d in (125, 250, 300, 400, 450, 500, 1000, 2000, 4000))
"""rad/s at which gyroscopes end."""
RAIL = 0.98
"""Of an axis' extreme, from which a sample is at it."""
BELOW_RAIL = 0.94
"""Peaks thin out towards their extreme; what a range cuts off piles up there: more lies at the rail than below it."""
NEAR_RANGE = 0.03
COARSE_VALUES = 100
"""An axis of fewer distinct values is so coarse that its extreme is met often without clipping."""
LEAST_CLIPPED = 3
NEAR_SAMPLES = 8
"""Intervals up to this many samples show the rate; in longer ones the count is not sure."""
EVEN = 0.1
"""Of a sample: stamps this close to whole samples let each interval be counted."""
BRIDGED_SAMPLES = 3
"""Holes up to this are bridged when resampled."""


def sensor_facts(stream: ImuStream) -> SensorFacts:
    """What a stream's samples show by themselves."""
    time = stream.time_seconds
    rate = true_rate_hz(time)
    spans = gap_spans(stream, rate_hz=rate)
    usable = np.isfinite(stream.specific_force).all(axis=1)
    gravity = measure_gravity(stream.specific_force[usable], rate_hz=rate) if usable.sum() >= 2 else None
    expected = max(round((time[-1] - time[0]) * rate) + 1, len(time))
    up = gravity.direction if gravity is not None and gravity.magnitude > 0 else None
    return SensorFacts(
        samples=len(time),
        start_seconds=float(time[0]),
        duration_seconds=float(time[-1] - time[0]),
        rate_hz=rate,
        stated_rate_hz=stream.stated_rate_hz,
        lost_share=1.0 - float(_present(stream).sum()) / expected,
        gaps=len(spans),
        longest_gap_seconds=max((stop - start for start, stop in spans), default=0.0),
        force_clipped_share=clipped_share(stream.specific_force, ranges=FORCE_RANGES),
        turning_clipped_share=clipped_share(stream.angular_rate, ranges=TURNING_RANGES),
        repeated_share=repeated_share(np.concatenate([stream.specific_force, stream.angular_rate], axis=1)),
        gravity_m_s2=gravity.magnitude if gravity is not None else None,
        at_rest=gravity is not None and gravity.at_rest,
        up=(float(up[0]), float(up[1]), float(up[2])) if up is not None else None,
    )


def true_rate_hz(time_seconds: Float64[Array, "samples"]) -> float:
    """Samples a second where none is missing, however many are: each interval counted as the samples that it spans.

    Stamps too coarse or uneven for that give the rate of longer spans, from which regular loss cannot be seen.
    """
    usual = rate = sampling_rate_hz(time_seconds)
    steps = np.diff(time_seconds)
    for _ in range(4):
        spanned = np.round(steps * rate)
        near = spanned <= NEAR_SAMPLES
        rate = float(spanned[near].sum() / steps[near].sum()) if spanned[near].sum() else rate
    uneven = float(np.median(np.abs(steps * rate - np.round(steps * rate))))
    return rate if uneven <= EVEN else usual


def gap_spans(stream: ImuStream, *, rate_hz: float) -> tuple[Span, ...]:
    """The holes of more than three samples, bad samples counted as missing."""
    good = stream.time_seconds[_present(stream)]
    holes = np.flatnonzero(np.diff(good) > (BRIDGED_SAMPLES + 1.5) / rate_hz)
    return tuple((float(good[at]), float(good[at + 1])) for at in holes)


def clipped_share(values: Float64[Array, "samples 3"], *, ranges: tuple[float, ...]) -> float:
    """Share of samples of which some axis stands at the end of the sensor's range."""
    clipped: Bool[Array, samples] = np.zeros(len(values), bool)
    for axis in values.T:
        for sign in (1.0, -1.0):
            clipped |= _at_rail(sign * axis, ranges=ranges)
    finite = np.isfinite(values).all(axis=1)
    return float(clipped[finite].mean()) if finite.any() else 0.0


def repeated_share(values: Float64[Array, "samples channels"]) -> float:
    """Share of samples that are the one before over again: read faster than measured, or stuck."""
    known = values[:, np.isfinite(values).any(axis=0)]
    if len(known) < 2 or not known.shape[1]:
        return 0.0
    return float((np.diff(known, axis=0) == 0).all(axis=1).mean())


def unchanged_runs(
    values: Float64[Array, "samples channels"],
) -> tuple[Int64[Array, "runs"], Int64[Array, "runs"]]:
    """First and last sample of each run in which no channel changes."""
    same = np.concatenate([[False], (values[1:] == values[:-1]).all(axis=1), [False]])
    return np.flatnonzero(~same[:-1] & same[1:]), np.flatnonzero(same[:-1] & ~same[1:])


def envelope(
    time_seconds: Float64[Array, "samples"], values: Float64[Array, "samples"], *, columns: int = 600
) -> Envelope:
    """The lowest and the highest value in each of some columns of time."""
    start, stop = float(time_seconds[0]), float(time_seconds[-1])
    place = np.clip(((time_seconds - start) / max(stop - start, 1e-9) * columns).astype(int), 0, columns - 1)
    finite = np.isfinite(values)
    low, high = np.full(columns, np.inf), np.full(columns, -np.inf)
    np.minimum.at(low, place[finite], values[finite])
    np.maximum.at(high, place[finite], values[finite])
    empty = ~np.isfinite(low)
    return Envelope(start, stop, low=np.where(empty, np.nan, low), high=np.where(empty, np.nan, high))


def _present(stream: ImuStream) -> Bool[Array, "samples"]:
    """Samples that bear numbers; a sensor without a gyroscope is judged by its accelerometer."""
    present: Bool[Array, samples] = np.isfinite(stream.specific_force).all(axis=1)
    turning = np.isfinite(stream.angular_rate).all(axis=1)
    return present & turning if turning.any() else present


def _at_rail(axis: Float64[Array, "samples"], *, ranges: tuple[float, ...]) -> Bool[Array, "samples"]:
    nothing = np.zeros(len(axis), bool)
    extreme = float(np.nanmax(axis)) if np.isfinite(axis).any() else 0.0
    if extreme <= 0:
        return nothing
    rail, below = axis >= RAIL * extreme, (axis >= BELOW_RAIL * extreme) & (axis < RAIL * extreme)
    known = any(abs(extreme / full - 1) <= NEAR_RANGE for full in ranges)
    coarse = not below.any() and len(np.unique(axis[np.isfinite(axis)])) < COARSE_VALUES
    same = not coarse and int((axis == extreme).sum()) >= max(LEAST_CLIPPED, rail.sum() / 2)
    piled = rail.sum() >= LEAST_CLIPPED and rail.sum() > 2 * below.sum() and rail.mean() < 0.5
    return rail if piled and (known or same) else nothing
