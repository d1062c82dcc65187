"""Stamps that leap although the samples go on: a clock that was set, and packets whose samples are stamped too close.

Nothing says which is right, the stamps or the row count, so that both are remarked on and neither is mended.
"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..recording import ImuStream
from .bursts import burst_starts
from .clock import BRIDGED_SAMPLES

LEAP = BRIDGED_SAMPLES + 0.5
"""Samples by which stamps leap where more is missing than may be bridged."""
LEAST_PACKETS, EVENLY, LONGER, MOST_ROWS = 8, 0.9, 1.4, 2**18
"""Packets that show a pattern; share of them that have as many rows; by how much the step between two exceeds the
usual one; rows of a long recording that are looked at."""
USUAL = 98.0
"""Percentile of the changes from sample to sample, below which the signal goes on."""
CHANCE = 0.05
"""Of so few pairs of samples as far apart as the stamps say the signal happens to be as near, over all leaps."""
MOVES, BESIDE, SOON = 4.0, 50, 25
"""By how much a body's change over a few samples, or over the leap if that is shorter, exceeds the usual one in so many
samples on either side: where it rests, nothing shows."""


def packet_remarks(stamp_seconds: Float64[Array, "rows"]) -> tuple[str, ...]:
    """That stamps leave out time after every so many rows: packets stamped at a rate not the sensor's, or losses."""
    stamps = stamp_seconds[np.isfinite(stamp_seconds)][:MOST_ROWS]
    steps = np.diff(stamps)
    if len(steps) < LEAST_PACKETS or not (steps > 0).all() or burst_starts(stamps) is not None:
        return ()
    usual = float(np.median(steps))
    ends = np.flatnonzero(steps > LONGER * usual)
    if len(ends) <= LEAST_PACKETS:
        return ()
    rows = np.diff(ends)
    size = int(np.median(rows))
    between = float(np.median(steps[ends]))
    alike = np.abs(steps[ends] / between - 1.0) < 1.0 - EVENLY
    if size < 2 or (rows == size).mean() < EVENLY or alike.mean() < EVENLY:
        return ()
    return (
        f"stamps are {usual:.4g} s apart, and {between:.4g} s after every {size} rows: packets whose rows were stamped "
        "closer than they were sampled (then give `time: {rate_hz: ...}`), or samples lost at each packet's end",
    )


def counter_remarks(
    seconds: Float64[Array, "rows"], counter: Float64[Array, "rows"], *, period: float | None
) -> tuple[str, ...]:
    """That repaired times leap where the counter of samples runs on. It may start again at 0 after a `period`, so that
    whole periods may have been lost."""
    there = np.isfinite(seconds) & np.isfinite(counter)
    steps, counted = np.diff(seconds[there]), np.diff(counter[there])
    single = steps[counted == 1]
    if not single.size or not (usual := float(np.median(single))) > 0:
        return ()
    missing = steps / usual - counted
    off = missing if period is None else np.abs((missing + period / 2) % period - period / 2)
    leaps = np.flatnonzero((counted > 0) & (off > LEAP))
    if not leaps.size:
        return ()
    first = int(leaps[0])
    leap, at = missing[first] * usual, seconds[there][first] - seconds[there][0]
    return (
        f"stamps leap by {leap:.3g} s at {at:.1f} s although its counter runs on ({leaps.size} times in all): the "
        "clock was set there, or the sensor paused",
    )


def whole_samples(stream: ImuStream) -> tuple[Float64[Array, "rows"], Float64[Array, "rows channels"]]:
    """Times and values of the samples of which no number is missing, without channels that have none."""
    values = np.concatenate([stream.specific_force, stream.angular_rate], axis=1)
    values = values[:, np.isfinite(values).any(axis=0)]
    good = np.isfinite(values).all(axis=1)
    return stream.time_seconds[good], values[good]


def leap_remarks(stream: ImuStream) -> tuple[str, ...]:
    """That times leap where the motion goes on as between samples: a clock that was set, nothing missing."""
    time, values = whole_samples(stream)
    if len(values) < 8 * BESIDE or not (spread := values.std(axis=0)).all():
        return ()
    leaps = tuple(_leaps(time, values / spread))
    if not leaps:
        return ()
    at, seconds = leaps[0]
    return (
        f"times leap by {seconds:.3g} s at {at - time[0]:.1f} s ({len(leaps)} times in all), where motion goes on "
        "as from one sample to the next: the clock was set there? Then nothing is missing, and what follows is late",
    )


def _leaps(time: Float64[Array, "rows"], scaled: Float64[Array, "rows channels"]) -> Iterator[tuple[float, float]]:
    """Times and seconds of leaps over which the signal goes on; none where that may be chance."""
    steps = np.diff(time)
    usual = float(np.median(steps))
    holes = np.flatnonzero(steps > (LEAP + 1.0) * usual)
    if not holes.size or len(holes) > 0.01 * len(steps):
        return
    changes = _changes(scaled, lag=1)
    near = float(np.percentile(changes, USUAL))
    found, chance = [], 0.0
    for hole in holes.tolist():
        lag = int(min(round(steps[hole] / usual), len(scaled) // 2))
        chance += float((_changes(scaled, lag=lag) <= near).mean())
        if chance > CHANCE:
            return
        beside = _changes(scaled[max(0, hole - BESIDE) : hole + BESIDE], lag=min(lag, SOON))
        if changes[hole] <= near and float(np.median(beside)) > MOVES * near:
            found.append((float(time[hole]), float(steps[hole] - usual)))
    yield from found


def _changes(scaled: Float64[Array, "rows channels"], *, lag: int) -> Float64[Array, "changes"]:
    """Squared change over so many rows."""
    return np.asarray(((scaled[lag:] - scaled[:-lag]) ** 2).sum(axis=1))
