"""Motion of each sensor site about gravity: upward acceleration and turning rates, at the raw rate, gaps marked.

The direction of gravity in the sensor's axes is that of the slow specific force, completed above 0.25 Hz by the
gyroscope: `up = slow + (1 - lowpass)(integral of -rate x up)`, solved by iteration on whole arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray as Array
from scipy.signal import butter, lfilter, lfilter_zi, sosfiltfilt

from ...data.large_arrays import all_finite
from ...data.quality.signals import unchanged_runs
from ...data.recording import ClockMap, ImuStream
from ...data.resample import sampling_rate_hz
from ...data.sites import GRAVITY_M_S2

LOWEST_RATE_HZ = 25.0
"""Below this the steps of a trot (up to 3.8 Hz and their harmonics) are not held by the samples."""
HIGHEST_RATE_HZ = 200.0
"""Faster sensors are low-passed and brought to this rate: nothing of a stride lies above 40 Hz."""
MAX_GAP_SAMPLES = 3
"""Up to this many missing samples are bridged; what rests on longer gaps is not valid."""
FROZEN_SECONDS = 0.5
"""A sensor whose six numbers do not change for so long repeats its last sample: these are not valid."""
ON_SAMPLE = 0.02
"""Times this close to samples, in sample intervals, are taken to lie on them."""
MARGIN_SECONDS = 3.0
"""Samples before and after a bout that are used too where there are any, so that filters have settled."""
TILT_CUTOFF_HZ = 0.25
TILT_ITERATIONS = 2
SLOW_RATE_HZ = 10.0
"""Block means at this rate carry the slow part of a signal: twenty times cheaper than filtering every sample."""


@dataclass(frozen=True)
class RatedStream:
    """A sensor stream with its sampling rate, measured once."""

    stream: ImuStream
    """The samples as read."""
    rate_hz: float
    """From the stamps, gaps left out."""


@dataclass(frozen=True)
class SiteMotion:
    """One site over one span of film time, on uniform samples."""

    site: str
    """Where the sensor is, e.g. `withers`."""
    start_seconds: float
    """Film time of the first sample."""
    rate_hz: float
    """Samples a second."""
    source_rate_hz: float
    """At which the sensor itself sampled."""
    force: Float64[Array, "3 samples"] = field(repr=False)
    """Specific force in the sensor's axes, m/s^2."""
    turning: Float64[Array, "3 samples"] = field(repr=False)
    """Angular rate in the sensor's axes, rad/s."""
    valid: Bool[Array, "samples"] = field(repr=False)
    """Whether a sample rests on real ones."""

    @cached_property
    def vertical(self) -> Float64[Array, "3 samples"]:
        """The unit vector against gravity in the sensor's axes. A bout asks few of its sites for it."""
        return _up_direction(self.force, self.turning, rate_hz=self.rate_hz)

    @cached_property
    def up(self) -> Float64[Array, "samples"]:
        """Acceleration against gravity, m/s^2, gravity removed."""
        return _along(self.force, self.vertical) - GRAVITY_M_S2

    @cached_property
    def roll_rate(self) -> Float64[Array, "samples"]:
        """About the horizontal forward axis, rad/s: positive raises the left side."""
        return _along(self.turning, self._forward)

    @cached_property
    def pitch_rate(self) -> Float64[Array, "samples"]:
        """About the horizontal axis to the left, rad/s: positive lowers the front, swings a limb's lower end back."""
        return _along(self.turning, _cross(self.vertical, self._forward))

    @cached_property
    def yaw_rate(self) -> Float64[Array, "samples"]:
        """About the vertical, rad/s: positive turns left."""
        return _along(self.turning, self.vertical)

    @cached_property
    def _forward(self) -> Float64[Array, "3 samples"]:
        """The horizontal unit vector to the front in the sensor's axes."""
        forward = -self.vertical[0] * self.vertical
        forward[0] += 1.0
        return _to_unit(forward)

    @cached_property
    def seconds(self) -> Float64[Array, "samples"]:
        """Film time of the samples."""
        return self.start_seconds + np.arange(self.valid.size) / self.rate_hz


def rated(streams: Sequence[ImuStream]) -> tuple[tuple[RatedStream, ...], dict[str, str]]:
    """The streams that are fast enough, with their rates; and a reason for each site that is not."""
    kept, reasons = [], {}
    for stream in streams:
        rate_hz = sampling_rate_hz(stream.time_seconds) if len(stream.time_seconds) > 1 else 0.0
        if rate_hz < 0.98 * LOWEST_RATE_HZ:
            reasons[stream.site] = f"{stream.site} is sampled at {rate_hz:.3g} Hz; {LOWEST_RATE_HZ:g} Hz are needed"
        else:
            kept.append(RatedStream(stream, rate_hz))
    return tuple(kept), reasons


def site_motions(
    streams: Sequence[RatedStream], *, clock: ClockMap, start_seconds: float, stop_seconds: float
) -> dict[str, SiteMotion]:
    """The motion of every site from `MARGIN_SECONDS` before a span of film time until as much after it.

    All sites share their sample times, at the highest rate among them up to `HIGHEST_RATE_HZ`; where the first stream
    has that rate, they lie on its own samples. Sites without a valid sample in the span are left out.
    """
    if not streams:
        return {}
    rate_hz = min(HIGHEST_RATE_HZ, max(stream.rate_hz for stream in streams))
    span = np.array([start_seconds - MARGIN_SECONDS, stop_seconds + MARGIN_SECONDS])
    imu_start, imu_stop = clock.to_imu(span)
    times = streams[0].stream.time_seconds
    imu_start = float(times[min(int(np.searchsorted(times, imu_start)), len(times) - 1)])  # on samples where possible
    imu_start -= np.ceil((imu_start - clock.to_imu(span)[0]) * rate_hz) / rate_hz
    imu_seconds = imu_start + np.arange(int((imu_stop - imu_start) * rate_hz) + 1) / rate_hz
    first, last = clock.to_film(imu_seconds[[0, -1]])
    film_rate_hz = (imu_seconds.size - 1) / float(last - first)
    motions = {}
    for each in streams:
        values, valid = _uniform(each, at=imu_seconds, rate_hz=rate_hz)
        if not valid.any():
            continue
        begin, after = int(valid.argmax()), valid.size - int(valid[::-1].argmax())
        motions[each.stream.site] = SiteMotion(
            each.stream.site,
            start_seconds=float(first) + begin / film_rate_hz,
            rate_hz=film_rate_hz,
            source_rate_hz=each.rate_hz,
            force=values[:3, begin:after],
            turning=values[3:, begin:after],
            valid=valid[begin:after],
        )
    return motions


def _uniform(
    each: RatedStream, *, at: Float64[Array, "samples"], rate_hz: float
) -> tuple[Float64[Array, "6 samples"], Bool[Array, "samples"]]:
    """Specific force and angular rate at the given IMU times, by cubic interpolation between the samples."""
    stream = each.stream
    low = max(0, int(np.searchsorted(stream.time_seconds, at[0])) - 3)
    part = slice(low, int(np.searchsorted(stream.time_seconds, at[-1])) + 3)
    times = stream.time_seconds[part]
    values = np.concatenate([stream.specific_force[part].T, stream.angular_rate[part].T])
    frozen = _frozen(values, samples=int(FROZEN_SECONDS * each.rate_hz))
    if frozen.any() or not all_finite(values):
        good = np.isfinite(values).all(axis=0) & ~frozen
        times, values = times[good], values[:, good]
    if len(times) < 16:
        return np.zeros((6, at.size)), np.zeros(at.size, bool)
    if each.rate_hz > 1.2 * rate_hz:
        values = sosfiltfilt(_low_pass(4, 0.4 * rate_hz, each.rate_hz), values)
    near = ON_SAMPLE / each.rate_hz
    begin = int(np.searchsorted(times, at[0] - near))
    own = times[begin : begin + at.size]
    if own.size == at.size and np.abs(own - at).max() < near:  # each sample once
        return values[:, begin : begin + at.size], np.ones(at.size, bool)
    position = np.interp(at, times, np.arange(float(len(times))))
    base = np.clip(position.astype(np.int64), 1, len(times) - 3)
    whole = times[base + 1] - times[base] <= (MAX_GAP_SAMPLES + 1.5) / each.rate_hz
    edge = 0.5 / each.rate_hz
    inside = (at >= times[0] - edge) & (at <= times[-1] + edge)
    return _cubic(values, base=base, share=np.clip(position - base, -1.0, 2.0)), whole & inside


@cache
def _low_pass(order: int, cutoff_hz: float, rate_hz: float) -> Array:
    """A Butterworth filter as second-order sections; to design one costs as much as to filter a minute with it."""
    return np.asarray(butter(order, cutoff_hz, fs=rate_hz, output="sos"))


def _frozen(values: Float64[Array, "6 rows"], *, samples: int) -> Bool[Array, "rows"]:
    """Which rows repeat the one before, in runs of so many and more."""
    if not (values[:, 1::samples] == values[:, :-1:samples]).all(axis=0).any():  # every such run holds one of these
        return np.zeros(values.shape[1], bool)
    first, last = unchanged_runs(values.T)
    long = last - first >= samples
    step = np.zeros(values.shape[1] + 1, np.int64)
    step[first[long] + 1] += 1
    step[last[long] + 1] -= 1
    return step.cumsum()[:-1] > 0


def _cubic(
    values: Float64[Array, "6 rows"], *, base: Int64[Array, "samples"], share: Float64[Array, "samples"]
) -> Float64[Array, "6 samples"]:
    """Catmull-Rom interpolation: `share` of the way from row `base` to the next."""
    if np.abs(share - (nearest := np.rint(share))).max() < ON_SAMPLE:
        return np.asarray(values[:, base + nearest.astype(np.int64)])
    before, here, after, beyond = (values[:, base + step] for step in (-1, 0, 1, 2))
    slope, next_slope = 0.5 * (after - before), 0.5 * (beyond - here)
    rise = after - here
    cubic = slope + next_slope - 2.0 * rise
    return np.asarray(here + share * (slope + share * (rise - slope - cubic + share * cubic)))


def _along(values: Float64[Array, "3 samples"], axis: Float64[Array, "3 samples"]) -> Float64[Array, "samples"]:
    return np.asarray(np.einsum("is,is->s", values, axis))


def _up_direction(
    force: Float64[Array, "3 samples"], rate: Float64[Array, "3 samples"], *, rate_hz: float
) -> Float64[Array, "3 samples"]:
    """The unit vector against gravity in the sensor's axes."""
    turn = rate / rate_hz
    up = slow = _to_unit(_slow_part(force, rate_hz=rate_hz))
    for _ in range(TILT_ITERATIONS):
        turned = _cross(up, turn)
        np.cumsum(turned, axis=1, out=turned)
        turned -= _slow_part(turned, rate_hz=rate_hz)
        turned += slow
        up = _to_unit(turned)
    return up


def _to_unit(vectors: Float64[Array, "3 samples"]) -> Float64[Array, "3 samples"]:
    """The vectors, in place, at length one."""
    vectors /= np.maximum(np.sqrt(_along(vectors, vectors)), 1e-6)
    return vectors


def _cross(a: Float64[Array, "3 samples"], b: Float64[Array, "3 samples"]) -> Float64[Array, "3 samples"]:
    """As `numpy.cross`, in a third of its time."""
    product, other = np.empty_like(a), np.empty_like(a[0])
    for axis in range(3):
        after, beyond = (axis + 1) % 3, (axis + 2) % 3
        np.multiply(a[after], b[beyond], out=product[axis])
        product[axis] -= np.multiply(a[beyond], b[after], out=other)
    return product


def _slow_part(values: Float64[Array, "3 samples"], *, rate_hz: float) -> Float64[Array, "3 samples"]:
    """What lies below `TILT_CUTOFF_HZ`, from block means; a slope goes through unchanged."""
    block, samples = max(1, round(rate_hz / SLOW_RATE_HZ)), values.shape[1]
    blocks = samples // block
    if blocks < 10:
        return np.broadcast_to(values.mean(axis=1, keepdims=True), values.shape).copy()
    means = values[:, : blocks * block].reshape(3, blocks, block) @ np.full(block, 1.0 / block)
    smooth = _slow_means(means, rate_hz=rate_hz / block)
    found = np.empty_like(values)
    first, after = block // 2, block // 2 + (blocks - 1) * block
    found[:, :first], found[:, after:] = smooth[:, :1], smooth[:, -1:]
    lines = np.stack([smooth[:, :-1], np.diff(smooth)], axis=-1)
    np.matmul(lines, _line(block), out=found[:, first:after].reshape(3, blocks - 1, block))  # a view of it
    return found


def _slow_means(means: Float64[Array, "3 blocks"], *, rate_hz: float) -> Float64[Array, "3 blocks"]:
    """Filtered forth and back, as `scipy.signal.sosfiltfilt` does, which takes four times as long for so few."""
    numerator, denominator, steady = _slow_filter(rate_hz)
    beyond = min(means.shape[1] - 1, int(4 * SLOW_RATE_HZ))
    before, after = 2.0 * means[:, :1] - means[:, beyond:0:-1], 2.0 * means[:, -1:] - means[:, -2 : -beyond - 2 : -1]
    found = np.concatenate([before, means, after], axis=1)
    for _ in range(2):
        found = lfilter(numerator, denominator, found, zi=steady * found[:, :1])[0][:, ::-1]
    return np.asarray(found[:, beyond:-beyond])


@cache
def _slow_filter(rate_hz: float) -> tuple[Array, Array, Array]:
    """A Butterworth filter's numerator and denominator, and its state after a long while at one."""
    numerator, denominator = butter(2, TILT_CUTOFF_HZ, fs=rate_hz)
    return numerator, denominator, lfilter_zi(numerator, denominator)


@cache
def _line(block: int) -> Float64[Array, "2 block"]:
    """What a line from one block's middle to the next takes of its start, and of its rise, at each sample between."""
    return np.stack([np.ones(block), (np.arange(block) + 0.5 + block // 2) / block - 0.5])
