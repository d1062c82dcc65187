"""Whether readings can be those of one unit on one body: its signals agree, and nothing but a body moves them.

Bounds were measured on 308 sensors: people's legs, trunks and wrists, simulated horses and horses' keypoints.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from ..recording import ImuStream
from ..sites import CHANNELS
from .leaps import leap_remarks, whole_samples
from .made_columns import averaged, copied
from .sensor import STANDARD_GRAVITY
from .uneven_turns import rows_between, share_sticking

LEAST_ROWS = 200
"""Fewer samples say too little."""
TURNED_SECONDS = 4.0
"""Stretches over which the gyroscope turns the acceleration back."""
GRAVITY_LEFT = (0.7 * STANDARD_GRAVITY, 1.25 * STANDARD_GRAVITY)
"""Mean of the acceleration turned back, in m/s^2, limbs included: a body's own acceleration averages out, gravity
stays. 7.3 (of a gyroscope that saturates) to 10.8 were measured."""
LEAPS, STEADY, APART = 0.4, 0.94, 0.3
"""Cosine between where gravity is by two stretches before and where it shows, below which no body moved so; length of
the mean direction of stretches that agree; and cosine below which those before and after show other axes."""
STRAIGHT, STRAIGHT_SECONDS, STRAIGHT_ROWS = 1e-3, 0.15, 8
"""Part of its deviation by which an axis that runs straight leaves its line at most; for how long, and how many samples
at least."""
CONSTANT_FORCE, MOVES = 0.0005, 0.5
"""Relative deviation of |a| that noise alone exceeds (0.0018 was the least), and m/s^2 by which an axis moves."""
CONSTANT_RATE, TURNS = 0.1, 0.2
"""The same of the angular rate of a unit that turns (0.28 was the least), and rad/s from which it does."""
ONE_AXIS = 0.02
"""Deviation of an axis of the gyroscope over that of the axis that turns most: 0.043 was the least."""
SPIKE = 10.0
"""So many times as far from the median as its neighbours and as 99.5 % of its axis, one sample is no blow: 4.1 was the
most."""
LEAST_STICKING = 0.1
"""Share of samples that stick out from between their neighbours, above which rows may be of several units: 0.07 was the
most."""
SIGNALS = {2: 4.0, 3: 6.0, 5: 12.0}
"""By how much the mean squared change shrinks where each sample follows the nearest of so many signals: 2.1, 3.6 and
7.9 were the most of one unit."""
COMPARED_ROWS = 1500
JUMPS, LEAST_JUMPS, IN_STEP, LONGEST_PACKET = 30.0, 8, 0.9, 256
"""A change so many times the usual one is a jump; of so many jumps or more, this share comes at whole packets of up to
so many samples. 0.43 was the most of one unit."""


def body_remarks(stream: ImuStream) -> tuple[str, ...]:
    """What speaks against one unit on one body, in words; nothing for a sound stream."""
    force, rate = _usable(stream)
    if len(force) < LEAST_ROWS:
        return ()
    signals = force if np.isnan(rate).any() else np.concatenate([force, rate], axis=1)
    several = tuple(_several(force, rate))
    remarks = [
        *leap_remarks(stream),
        *_between(stream),
        *_spikes(force, rate),
        *several,
        *_ramps(force, rate, rate_hz=stream.rate_hz),
    ]
    remarks += copied(signals, rate_hz=stream.rate_hz)
    remarks += () if several else averaged(force, rate_hz=stream.rate_hz)  # their changes have such a spectrum, too
    if not stream.gravity_removed:
        remarks += _constant(force, rate)
    return (*remarks, *_one_axis(rate), *_turning(stream, force, rate))


def turning_remarks(stream: ImuStream) -> tuple[str, ...]:
    """That the gyroscope tells of turning which gravity does not show, or the other way round."""
    return _turning(stream, *_usable(stream))


def _turning(
    stream: ImuStream, force: Float64[Array, "samples 3"], rate: Float64[Array, "samples 3"]
) -> tuple[str, ...]:
    """The same of its usable samples."""
    rows = max(4, round(TURNED_SECONDS * stream.rate_hz))
    count = len(force) // rows
    if count < 3 or stream.gravity_removed or not np.isfinite(rate).all():
        return ()
    pulls, turns = (each[: count * rows].reshape(count, rows, 3) for each in (force, rate / stream.rate_hz))
    gravity, turned = _turned_back(pulls, turns)
    left = float(np.median(np.linalg.norm(gravity, axis=1)))
    if not GRAVITY_LEFT[0] <= left <= GRAVITY_LEFT[1]:
        averages = f"turned back by the gyroscope, the acceleration averages {left:.1f} m/s^2 over {TURNED_SECONDS:g} s"
        return (f"{averages}, where only gravity is left: are both declared with their own columns, units and axes?",)
    expected, found = np.einsum("sji,sj->si", turned[:-2] @ turned[1:-1], gravity[:-2]), gravity[2:]
    sizes = np.linalg.norm(expected, axis=1) * np.linalg.norm(found, axis=1)
    cosine = (expected * found).sum(axis=1) / np.maximum(sizes, 1e-9)
    leaps = [at for at in np.flatnonzero(cosine < LEAPS) if _stays_elsewhere(pulls.mean(axis=1), after=int(at))]
    if not leaps:
        return ()
    seconds = stream.time_seconds[(int(leaps[0]) + 1) * rows] - stream.time_seconds[0]
    return (f"gravity leaps to another axis at about {seconds:.0f} s without any turning: do columns change there?",)


def _stays_elsewhere(means: Float64[Array, "stretches 3"], *, after: int) -> bool:
    """Whether gravity points one way up to this stretch, and another way from the one after the next on."""
    sides = (means[max(0, after - 2) : after + 1], means[after + 2 : after + 5])
    ways = [(side / np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-9)).mean(axis=0) for side in sides]
    steady = min(float(np.linalg.norm(way)) for way in ways) > STEADY
    return steady and float(ways[0] @ ways[1]) < APART


def _usable(stream: ImuStream) -> tuple[Float64[Array, "samples 3"], Float64[Array, "samples 3"]]:
    """Acceleration and angular rate of the samples that bear both; without a gyroscope the latter is NaN."""
    turns = np.isfinite(stream.angular_rate).all(axis=1)
    usable = np.isfinite(stream.specific_force).all(axis=1) & (turns if turns.any() else True)
    return stream.specific_force[usable], stream.angular_rate[usable]


def _turned_back(
    pulls: Float64[Array, "stretches rows 3"], turns: Float64[Array, "stretches rows 3"]
) -> tuple[Float64[Array, "stretches 3"], Float64[Array, "stretches 3 3"]]:
    """Each stretch's mean acceleration in the axes of its first sample, and what takes the axes of its last one there
    (Rodrigues' formula, row by row)."""
    frame, total = np.tile(np.eye(3), (len(pulls), 1, 1)), np.zeros((len(pulls), 3))
    for pull, turn in zip(pulls.swapaxes(0, 1), turns.swapaxes(0, 1), strict=True):
        total += np.einsum("sij,sj->si", frame, pull)
        angle = np.linalg.norm(turn, axis=1)[:, None, None]
        axis = turn / np.maximum(angle[:, :, 0], 1e-12)
        cross = np.cross(np.eye(3)[None], axis[:, None])  # axis x v as a matrix
        frame = frame @ (np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross))
    return total / pulls.shape[1], frame


def _ramps(force: Float64[Array, "samples 3"], rate: Float64[Array, "samples 3"], *, rate_hz: float) -> Iterator[str]:
    """That all axes run straight for a while: a gap that a program filled."""
    values = np.concatenate([force, rate], axis=1)
    spread = values.std(axis=0)
    values = values[:, spread > 0] / spread[spread > 0]
    if not values.size:
        return
    steps = np.diff(values, axis=0)
    straight = (np.abs(np.diff(steps, axis=0)) < STRAIGHT).all(axis=1) & (np.abs(steps[1:]) > STRAIGHT / 10).any(axis=1)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], straight, [False]])))
    lengths = edges[1::2] - edges[::2]
    if lengths.size and lengths.max() >= max(STRAIGHT_SECONDS * rate_hz, STRAIGHT_ROWS):
        seconds, at = lengths.max() / rate_hz, edges[::2][lengths.argmax()] / rate_hz
        yield f"all axes run straight for {seconds:.1f} s at about {at:.0f} s: a gap that was filled? Leave it empty"


def _constant(force: Float64[Array, "samples 3"], rate: Float64[Array, "samples 3"]) -> Iterator[str]:
    """That a size stays although its axes move: what a device computed, or a field that it turns in."""
    size, speed = np.linalg.norm(force, axis=1), np.linalg.norm(rate, axis=1)
    if size.std() < CONSTANT_FORCE * size.mean() and force.std(axis=0).max() > MOVES:
        yield (
            f"|a| stays at {size.mean():.2f} m/s^2 while its axes move: gravity's direction as the device computed it? "
            "Choose the columns of the accelerometer itself"
        )
    if speed.std() < CONSTANT_RATE * speed.mean() and speed.mean() > TURNS:
        yield (
            f"it turns at {speed.mean():.2f} rad/s without a change: a magnetometer's columns? "
            "Choose those of the gyroscope"
        )


def _one_axis(rate: Float64[Array, "samples 3"]) -> Iterator[str]:
    """That one axis turns next to nothing beside another."""
    spread = rate.std(axis=0)
    least, most = int(spread.argmin()), int(spread.argmax())
    if 0.0 < spread[least] < ONE_AXIS * spread[most]:
        part = spread[most] / spread[least]
        yield f"{CHANNELS[3 + least]} turns 1/{part:.0f} as much as {CHANNELS[3 + most]}: another unit, or a dead axis"


def _spikes(force: Float64[Array, "samples 3"], rate: Float64[Array, "samples 3"]) -> Iterator[str]:
    """Single samples far beyond all that a blow brings."""
    for at, axis in enumerate(np.concatenate([force, rate], axis=1).T):
        off = np.abs(axis - np.median(axis))
        usual = np.percentile(off, 99.5)
        beside = np.maximum(np.append(off[1:], 0.0), np.insert(off[:-1], 0, 0.0))
        single = np.flatnonzero(off > SPIKE * np.maximum(beside, usual)) if usual > 0 else ()
        if len(single):
            worst = single[np.argmax(off[single])]
            shown = f"{axis[worst]:.4g} {'m/s^2' if at < 3 else 'rad/s'}"
            yield (
                f"{CHANNELS[at]} reads {shown} in a single sample, {off[worst] / usual:.0f} times as far as 99.5 % of "
                f"the others ({len(single)} such): bytes lost on the way? Empty those fields in the file"
            )


def _between(stream: ImuStream) -> Iterator[str]:
    """That rows of another sensor stand between some of the samples."""
    time, values = whole_samples(stream)
    spread = values.std(axis=0)
    if len(values) < LEAST_ROWS or not (spread > 0).any():
        return
    rows = rows_between(time, values[:, spread > 0] / spread[spread > 0])
    if rows:
        yield f"{rows} samples stand between two that follow one another, and stick out there: rows of another sensor?"


def _several(force: Float64[Array, "samples 3"], rate: Float64[Array, "samples 3"]) -> Iterator[str]:
    """That samples seem to be of several units in no regular order, or of packets that take turns."""
    values = np.concatenate([force, rate], axis=1)
    spread = values.std(axis=0)
    values = values[:, spread > 0] / spread[spread > 0]
    if not values.size:
        return
    middle = max(0, len(values) // 2 - COMPARED_ROWS // 2)
    part = values[middle : middle + COMPARED_ROWS]
    changes = float(((part[1:] - part[:-1]) ** 2).sum(axis=1).mean())
    if share_sticking(part) > LEAST_STICKING:
        for signals, larger in SIGNALS.items():
            if changes > larger * _change_of_nearest(part, signals=signals):
                yield f"its samples change like those of {signals} units in turn: write one file for each"
                return
    every = _jumps_every(((values[1:] - values[:-1]) ** 2).sum(axis=1))
    if every:
        yield f"its signal jumps every {every} samples: packets of several units in turn, or lost between packets"


def _change_of_nearest(rows: Float64[Array, "rows channels"], *, signals: int) -> float:
    """Mean squared change from each row to the nearest of the last rows of so many signals."""
    last = [rows[0]]
    for _ in range(signals - 1):  # the other signals begin with the rows that lie farthest from those before
        early = rows[1 : 12 * signals]
        last.append(early[np.argmax(np.min([((early - one) ** 2).sum(axis=1) for one in last], axis=0))])
    lasts, total = np.stack(last), 0.0
    for row in rows:
        change = ((lasts - row) ** 2).sum(axis=1)
        nearest = int(change.argmin())
        total += float(change[nearest])
        lasts[nearest] = row
    return total / len(rows)


def _jumps_every(change: Float64[Array, "changes"]) -> int:
    """After how many samples the signal jumps again and again; 0 where jumps are rare or come at any time."""
    jumps: Bool[Array, changes] = change > JUMPS * np.median(change)
    at = np.flatnonzero(jumps)
    if len(at) < LEAST_JUMPS:
        return 0
    shares = ((every, float(np.bincount(at % every).max()) / len(at)) for every in range(LONGEST_PACKET, 2, -1))
    return next((every for every, share in shares if share > IN_STEP), 0)
