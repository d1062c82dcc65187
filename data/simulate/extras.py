"""What a horse does beside its strides: grazing, pawing, shaking and tossing its head, jumping.

Each is a movement that is laid over the strides of its bout. All are drawn once a ride on an even grid of times; a
cubic spline through it gives them at any time. Amplitudes are engineering estimates; a jump's flight is free fall.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array
from scipy.interpolate import CubicSpline

from ..sites import GRAVITY_M_S2
from .schedule import GaitBout, bout_weights, smooth_step

FRONT_Z, BACK_Z, ROLL, SWAY, SURGE, POLL_Z, NOD, HEAD_ROLL, HEAD_YAW = range(9)
"""Columns: heights in metres, angles in radians."""
FOLD_FORE_LEFT, FOLD_FORE_RIGHT, FOLD_HIND, AIRBORNE = range(9, 13)
"""Columns from 0 to 1: how far limbs are folded, and how much of the stride rests while the horse is in the air."""
EXTRAS = 13
RATE_HZ = 100.0
FIDGET_SECONDS = 4.0
"""Mean time between two small movements of a standing horse."""
FOLD_FORE_RADIANS = np.array([0.50, 1.15, -0.75, -1.00])
"""Change of the segment angles of a folded forelimb, from arm to pastern."""
FOLD_HIND_RADIANS = np.array([0.10, -0.45, 0.35, -0.70])
FOLDS = (
    (FOLD_HIND, FOLD_HIND_RADIANS),
    (FOLD_FORE_LEFT, FOLD_FORE_RADIANS),
    (FOLD_HIND, FOLD_HIND_RADIANS),
    (FOLD_FORE_RIGHT, FOLD_FORE_RADIANS),
)
"""Column and fully folded angles of each limb: LH, LF, RH, RF."""
PUSH_SECONDS = 0.24
"""Push-off before a jump, and landing after it."""
FLIGHT_SECONDS = (0.40, 0.62)
LAG_SECONDS = 0.045
"""The forehand jumps this much before the middle of the trunk, the hindquarters as much after it."""

Times = Float64[Array, "time"]
Columns = Float64[Array, "time extras"]


def make_extras(
    rng: np.random.Generator, *, bouts: tuple[GaitBout, ...], toss_every_seconds: float, span: tuple[float, float]
) -> CubicSpline:
    """The columns above at any time of `span` (first and last second)."""
    times = np.arange(span[0], span[1] + 1.0 / RATE_HZ, 1.0 / RATE_HZ)
    columns = np.zeros((times.size, EXTRAS))
    for bout, weight in zip(bouts, bout_weights(bouts, time_seconds=times), strict=True):
        draw = _MOVEMENTS.get(bout.style.behaviour) if bout.style else None
        if draw is not None:
            here = np.flatnonzero(weight > 0.0)
            columns[here] += weight[here, None] * draw(rng, times[here], bout)
        if bout.style and bout.style.behaviour != "graze":
            columns[:, POLL_Z] += bout.style.carriage_m * weight
    if toss_every_seconds > 0.0:
        _toss(columns, rng, times, every_seconds=toss_every_seconds)
    return CubicSpline(times, columns)


def _stand(rng: np.random.Generator, times: Times, bout: GaitBout) -> Columns:
    """Not always still: a stroke of a hoof, a short shake or a low head now and then."""
    columns = np.zeros((times.size, EXTRAS))
    for begin in _moments(rng, bout, every_seconds=FIDGET_SECONDS):
        kind, pulse = int(rng.integers(3)), _pulse(times, begin=begin, length=rng.uniform(0.6, 1.2))
        if kind == 0:
            columns += _stroke(pulse, limb=int(rng.integers(2)), size=rng.uniform(0.5, 1.0))
        elif kind == 1:
            columns[:, HEAD_ROLL] += 0.25 * pulse * np.sin(2 * np.pi * rng.uniform(2.2, 4.5) * (times - begin))
        else:
            columns[:, POLL_Z] -= 0.4 * _pulse(times, begin=begin, length=rng.uniform(2.0, 5.0))
    return columns


def _graze(rng: np.random.Generator, times: Times, bout: GaitBout) -> Columns:
    """Head at the grass, pulling at it, lifted now and then."""
    columns = np.zeros((times.size, EXTRAS))
    lifted = np.zeros(times.size)
    for begin in _moments(rng, bout, every_seconds=7.0):
        lifted += _pulse(times, begin=begin, length=rng.uniform(1.5, 3.5))
    low = 1.0 - 0.8 * np.clip(lifted, 0.0, 1.0)
    bite = np.sin(2 * np.pi * rng.uniform(0.9, 1.5) * times + rng.uniform(0, 6)) * _slow(rng, times, seconds=1.2)
    columns[:, POLL_Z] = -0.88 * low + 0.012 * bite * low
    columns[:, NOD] = 0.80 * low + 0.06 * bite
    columns[:, HEAD_YAW] = 0.12 * _slow(rng, times, seconds=2.0)
    columns[:, SURGE] = 0.025 * _slow(rng, times, seconds=1.5)
    columns[:, SWAY] = 0.012 * _slow(rng, times, seconds=1.5)
    columns[:, ROLL] = 0.015 * _slow(rng, times, seconds=1.5)
    return columns


def _paw(rng: np.random.Generator, times: Times, bout: GaitBout) -> Columns:
    """Groups of strokes with one forelimb, with pauses between them."""
    limb, begin = int(rng.integers(2)), bout.start_seconds
    strokes = np.zeros(times.size)
    while begin < bout.stop_seconds:
        count, period = int(rng.integers(2, 7)), 1.0 / rng.uniform(0.9, 1.9)
        for stroke in range(count):
            strokes += rng.uniform(0.6, 1.0) * _pulse(times, begin=begin + stroke * period, length=0.8 * period)
        begin += count * period + rng.uniform(0.6, 3.0)
    return _stroke(strokes, limb=limb, size=rng.uniform(0.6, 1.1))


def _stroke(strokes: Times, *, limb: int, size: float) -> Columns:
    """Strokes of a forelimb (0 left, 1 right) from 0 to 1, and how the rest of the horse goes with them."""
    columns, side = np.zeros((strokes.size, EXTRAS)), (1.0, -1.0)[limb]
    columns[:, (FOLD_FORE_LEFT, FOLD_FORE_RIGHT)[limb]] = size * strokes
    columns[:, FRONT_Z] = -0.012 * size * strokes
    columns[:, SURGE] = -0.015 * size * strokes
    columns[:, SWAY] = -0.02 * side * size * strokes
    columns[:, ROLL] = 0.025 * side * size * strokes
    columns[:, NOD] = 0.10 * size * strokes
    columns[:, POLL_Z] = -0.05 * size * strokes
    return columns


def _head_shake(rng: np.random.Generator, times: Times, bout: GaitBout) -> Columns:
    """Bursts of quick turns of the head about its long axis, with pauses of about their length."""
    columns = np.zeros((times.size, EXTRAS))
    for begin in _moments(rng, bout, every_seconds=3.0):
        envelope = rng.uniform(0.4, 1.0) * _pulse(times, begin=begin, length=rng.uniform(0.9, 2.4))
        wave = envelope * np.sin(2 * np.pi * rng.uniform(2.2, 4.5) * (times - begin))
        columns[:, HEAD_ROLL] += 0.35 * wave
        columns[:, HEAD_YAW] += 0.18 * wave
        columns[:, NOD] += 0.10 * envelope
        columns[:, POLL_Z] -= 0.04 * envelope
        columns[:, ROLL] += 0.012 * wave
    return columns


def _jump(rng: np.random.Generator, times: Times, bout: GaitBout) -> Columns:
    """Fences of one line, a few canter strides apart."""
    columns = np.zeros((times.size, EXTRAS))
    begin = bout.start_seconds + rng.uniform(0.4, 1.2)
    while True:
        flight = rng.uniform(*FLIGHT_SECONDS)
        if begin + flight + 2 * PUSH_SECONDS > bout.stop_seconds:
            return columns
        middle = begin + PUSH_SECONDS + 0.5 * flight
        columns[:, FRONT_Z] += _flight(times - middle + LAG_SECONDS, flight=flight)
        columns[:, BACK_Z] += _flight(times - middle - LAG_SECONDS, flight=flight)
        air = _plateau(times, start=begin + 0.5 * PUSH_SECONDS, stop=begin + 1.5 * PUSH_SECONDS + flight)
        columns[:, AIRBORNE] += air
        columns[:, [FOLD_FORE_LEFT, FOLD_FORE_RIGHT, FOLD_HIND]] += air[:, None]
        columns[:, POLL_Z] += 0.10 * _plateau(times, start=begin - 0.2, stop=middle)
        begin += flight + 2 * PUSH_SECONDS + rng.uniform(1.5, 4.0)


def _flight(since: Times, *, flight: float) -> Times:
    """Height of a body that pushes off, flies for `flight` seconds and lands; `since` is the time from the top.

    Specific force over push and landing is a half sine whose impulse gives the flight its speed: g flight / 2.
    """
    edge = 0.5 * flight
    after = np.clip(np.abs(since) - edge, 0.0, PUSH_SECONDS)
    fly = np.minimum(np.abs(since), edge)
    speed = GRAVITY_M_S2 * edge
    # Beyond the edge the speed falls from `speed` to 0 as (1 + cos) / 2, whose acceleration is the half sine.
    sunk = 0.5 * speed * (after + PUSH_SECONDS / np.pi * np.sin(np.pi * after / PUSH_SECONDS))
    top = 0.5 * GRAVITY_M_S2 * edge**2 + 0.5 * speed * PUSH_SECONDS
    return np.asarray(top - 0.5 * GRAVITY_M_S2 * fly**2 - sunk)


def _toss(columns: Columns, rng: np.random.Generator, times: Times, *, every_seconds: float) -> None:
    """Tosses of the head at any time and in any gait."""
    for begin in np.cumsum(rng.exponential(every_seconds, int(3 * (times[-1] - times[0]) / every_seconds) + 8)):
        begin += times[0]
        here = slice(*np.searchsorted(times, (begin, begin + 1.6)))
        envelope = rng.uniform(0.3, 1.0) * _pulse(times[here], begin=begin, length=1.5)
        wave = envelope * np.sin(2 * np.pi * rng.uniform(1.2, 2.8) * (times[here] - begin))
        columns[here, POLL_Z] += 0.10 * wave
        columns[here, NOD] -= 0.25 * wave
        columns[here, HEAD_ROLL] += 0.10 * rng.standard_normal() * wave


def _moments(rng: np.random.Generator, bout: GaitBout, *, every_seconds: float) -> Iterator[float]:
    begin = bout.start_seconds + rng.uniform(0.0, 0.5 * every_seconds)
    while begin < bout.stop_seconds:
        yield float(begin)
        begin += every_seconds * rng.uniform(0.6, 1.5)


def _pulse(times: Times, *, begin: float, length: float) -> Times:
    """A smooth bump of height 1 between two times."""
    inside = np.clip((times - begin) / length, 0.0, 1.0)
    return np.asarray(np.sin(np.pi * inside) ** 2)


def _plateau(times: Times, *, start: float, stop: float) -> Times:
    rise = PUSH_SECONDS
    return np.asarray(smooth_step((times - start) / rise + 0.5) * smooth_step((stop - times) / rise + 0.5))


def _slow(rng: np.random.Generator, times: Times, *, seconds: float) -> Times:
    """Random wandering of unit spread through knots of this spacing."""
    knots = np.arange(times[0] - seconds, times[-1] + 2 * seconds, seconds)
    return np.asarray(CubicSpline(knots, np.clip(rng.standard_normal(knots.size), -2.0, 2.0))(times))


_MOVEMENTS = {"stand": _stand, "graze": _graze, "paw": _paw, "head-shake": _head_shake, "jump": _jump}
