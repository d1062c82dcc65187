"""Whether two sites hold one sensor's signal: a file given twice, perhaps in other units, axes or rates, or cut."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..large_arrays import releasing
from ..recording import ImuStream

MOSTLY = 0.99
"""Share of equal samples from which a signal is another's part."""
MOST_BEGINNINGS = 8
"""Of one signal in another that are tried; a coarse sensor repeats its numbers."""
COMPARED_ROWS, MOST_ROWS, LEAST_ROWS = 2**12, 2**18, 2**8
"""Rows of the middle of the shorter signal that are sought in the longer one; rows of the middle of that at most, 44
minutes at 100 Hz; and too few."""
ALIKE, BOTH_ALIKE, USUAL = 0.9998, 0.995, 98.0
"""Correlation of the changes of two sizes from which they are one signal, rounded; the same where acceleration and
turning both reach it; and percentile beyond which changes are clipped."""
OTHER_RATE = 1.02
"""Rates that differ by more than this are compared at the slower one's times."""


@dataclass(frozen=True)
class _Middle:
    """What is compared of a stream: lengths of its vectors, which no turn of axes changes, in the middle of it."""

    stream: ImuStream
    time_seconds: Float64[Array, "samples"]
    force: Float64[Array, "samples"]
    turning: Float64[Array, "samples"]

    @classmethod
    def of(cls, stream: ImuStream) -> "_Middle":
        """A copy: of a day's recording little is held."""
        spare = max(0, (len(stream.time_seconds) - MOST_ROWS) // 2)
        rows = slice(spare, len(stream.time_seconds) - spare)
        sizes = (np.linalg.norm(values[rows], axis=1) for values in (stream.specific_force, stream.angular_rate))
        return cls(stream, stream.time_seconds[rows].copy(), *sizes)

    def at(self, times: Float64[Array, "_"]) -> "_Middle":
        """The same at other times, as far as they lie within it."""
        inside = times[(times >= self.time_seconds[0]) & (times <= self.time_seconds[-1])]
        sizes = (np.interp(inside, self.time_seconds, size) for size in (self.force, self.turning))
        return _Middle(self.stream, inside, *sizes)


def doubled_sensors(streams: Sequence[ImuStream]) -> tuple[str, ...]:
    """Sites that hold one and the same signal, or of which one holds part of the other's: a file was given twice."""
    middles = [_Middle.of(stream) for stream in releasing(streams, every=1)]
    return tuple(
        f"{first.stream.site} and {second.stream.site} hold the same {what}: a file was given twice"
        for first, second in releasing(itertools.combinations(middles, 2), every=1)
        if (what := _shared(first, second))
    )


def _shared(first: _Middle, second: _Middle) -> str:
    """What two streams share, in a word; empty for nothing."""
    if _same_numbers(*sorted((first.stream.specific_force, second.stream.specific_force), key=len)):
        return "signal"
    slow, fast = sorted((first, second), key=lambda middle: middle.stream.rate_hz)
    if fast.stream.rate_hz > OTHER_RATE * slow.stream.rate_hz:
        fast = fast.at(slow.time_seconds)
    force, turning = likeness(slow.force, fast.force), likeness(slow.turning, fast.turning)
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
    middle = len(short) // 2
    begins = np.flatnonzero(long[:, 0] == short[middle, 0])
    begins = begins[(long[begins] == short[middle]).all(axis=1)] - middle
    begins = begins[(begins >= 0) & (begins <= len(long) - len(short))][:MOST_BEGINNINGS]
    if not begins.size or float(np.nanstd(short)) == 0:
        return False
    return any(float((long[at : at + len(short)] == short).all(axis=1).mean()) > MOSTLY for at in begins)


def _changes(size: Float64[Array, "_"]) -> Float64[Array, "_"]:
    """Changes from sample to sample, the largest clipped; what is missing does not change."""
    changes = np.nan_to_num(np.diff(size))
    if not changes.size:
        return changes
    most = float(np.percentile(np.abs(changes), USUAL))
    clipped = np.clip(changes, -most, most)
    return np.asarray(clipped - clipped.mean())
