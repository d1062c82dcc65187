"""Whether two sites hold one sensor's signal: a file given twice, perhaps in other units, axes or rates, or cut."""

import itertools
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..recording import ImuStream

MOSTLY = 0.99
"""Share of equal samples from which a signal is another's part."""
MOST_BEGINNINGS = 8
"""Of one signal in another that are tried; a coarse sensor repeats its numbers."""
COMPARED_ROWS, MOST_ROWS, LEAST_ROWS = 2**12, 2**20, 2**8
"""Rows of the middle of the shorter signal that are sought in the longer one; rows of that at most; and too few."""
ALIKE, BOTH_ALIKE, USUAL = 0.9998, 0.995, 98.0
"""Correlation of the changes of two sizes from which they are one signal, rounded; the same where acceleration and
turning both reach it; and percentile beyond which changes are clipped."""
OTHER_RATE = 1.02
"""Rates that differ by more than this are compared at the slower one's times."""


def doubled_sensors(streams: Sequence[ImuStream]) -> tuple[str, ...]:
    """Sites that hold one and the same signal, or of which one holds part of the other's: a file was given twice."""
    return tuple(
        f"{first.site} and {second.site} hold the same {what}: a file was given twice"
        for first, second in itertools.combinations(streams, 2)
        if (what := _shared(first, second))
    )


def _shared(first: ImuStream, second: ImuStream) -> str:
    """What two streams share, in a word; empty for nothing."""
    if _same_numbers(*sorted((first.specific_force, second.specific_force), key=len)):
        return "signal"
    slow, fast = sorted((first, second), key=lambda stream: stream.rate_hz)
    times = slow.time_seconds if fast.rate_hz > OTHER_RATE * slow.rate_hz else None
    force = likeness(_size(slow.specific_force), _size_at(fast, fast.specific_force, times=times))
    turning = likeness(_size(slow.angular_rate), _size_at(fast, fast.angular_rate, times=times))
    if min(force, turning) > BOTH_ALIKE:
        return "signal"
    return "acceleration" if force > ALIKE else "turning" if turning > ALIKE else ""


def likeness(one: Float64[Array, "_"], other: Float64[Array, "_"]) -> float:
    """The largest correlation of the changes in the middle of the shorter signal with those anywhere in the other."""
    short, long = sorted((_changes(one), _changes(other)), key=len)
    rows = min(COMPARED_ROWS, len(short))
    if rows < LEAST_ROWS:
        return 0.0
    middle = (len(short) - rows) // 2
    part = short[middle : middle + rows]
    length = 2 ** int(np.ceil(np.log2(len(long) + rows)))
    products = np.fft.irfft(np.fft.rfft(long, length) * np.fft.rfft(part, length).conj(), length)
    squares = np.concatenate([[0.0], np.cumsum(long**2)])
    sizes = np.sqrt(np.maximum(squares[rows:] - squares[:-rows], 0.0) * (part**2).sum())
    there = sizes > 1e-3 * sizes.max(initial=0.0)
    return float((products[: len(sizes)][there] / sizes[there]).max(initial=0.0)) if there.any() else 0.0


def _same_numbers(short: Float64[Array, "_ 3"], long: Float64[Array, "_ 3"]) -> bool:
    """Whether the shorter signal moves, and is a part of the longer one wherever in it it begins."""
    if not np.isfinite(short).any() or float(np.nanstd(short)) == 0:
        return False
    middle = len(short) // 2
    begins = np.flatnonzero((long == short[middle]).all(axis=1)) - middle
    begins = begins[(begins >= 0) & (begins <= len(long) - len(short))][:MOST_BEGINNINGS]
    return any(float((long[at : at + len(short)] == short).all(axis=1).mean()) > MOSTLY for at in begins)


def _size(values: Float64[Array, "samples 3"]) -> Float64[Array, "samples"]:
    """Length of each sample, which no turn of axes changes."""
    return np.asarray(np.linalg.norm(values, axis=1))


def _size_at(
    stream: ImuStream, values: Float64[Array, "samples 3"], *, times: Float64[Array, "_"] | None
) -> Float64[Array, "_"]:
    """The same at other times within the stream's, where such are given."""
    if times is None:
        return _size(values)
    inside = times[(times >= stream.time_seconds[0]) & (times <= stream.time_seconds[-1])]
    return np.asarray(np.interp(inside, stream.time_seconds, _size(values)))


def _changes(size: Float64[Array, "_"]) -> Float64[Array, "_"]:
    """Changes from sample to sample of the middle of a signal, the largest clipped; what is missing does not change."""
    spare = max(0, (len(size) - MOST_ROWS) // 2)
    changes = np.nan_to_num(np.diff(size[spare : len(size) - spare]))
    if not changes.size:
        return changes
    most = float(np.percentile(np.abs(changes), USUAL))
    return np.asarray(np.clip(changes, -most, most) - np.clip(changes, -most, most).mean())
