"""Sample times that can be trusted: rows to keep so that time increases strictly, or a refusal."""

from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import kept_rows

DUPLICATES_AT_MOST = 0.1
"""Share of repeated stamps beyond which the clock is too coarse, and dropping rows would thin the signal."""

PARTS = 8
"""Of a file, in which the resolution of its stamps is compared."""
LEAST_IN_PART = 50
SHARED_AT_LEAST = 1.3
"""Rows that bear one stamp, on average, where stamps are coarser than the rows."""

PLAUSIBLE_RATES_HZ = (4.0, 20_000.0)
"""Below the first not even steps at 2 Hz can be seen (Nyquist); no inertial sensor samples above the second."""


def rows_in_order(stamp_seconds: Float64[Array, "rows"], *, where: Path) -> Bool[Array, "rows"]:
    """Which rows to keep: those with a stamp, and of rows that bear the same stamp the first.

    A stamp smaller than one before it is refused: whether rows were swapped or the clock was set back is not known
    from the file. So are a file with more than a tenth of repeated stamps, and one whose rate no sensor has.
    """
    keep: Bool[Array, rows] = np.isfinite(stamp_seconds)
    stamps = kept_rows(stamp_seconds, keep)
    if stamps.size < 2:
        found = f"{stamps.size} rows with a sample time"
        raise BadInput(where, found=found, expected="two or more", remedy="Check the file and its time column.")
    steps = np.diff(stamps)
    _refuse_backward(steps, keep=keep, where=where)
    repeated = steps == 0
    if repeated.mean() > DUPLICATES_AT_MOST:
        raise BadInput(
            where,
            found=f"{repeated.mean():.0%} of the rows with the stamp of the row before",
            expected=f"at most {DUPLICATES_AT_MOST:.0%}",
            remedy="Use a finer time column, or give `time: {rate_hz: ...}` if the rate is steady.",
        )
    if repeated.any():
        keep[np.flatnonzero(keep)[1:][repeated]] = False
        steps = steps[~repeated]
    _refuse_rate(float(1.0 / np.median(steps, overwrite_input=True)), where=where)
    return keep


def rounding_remarks(stamp_seconds: Float64[Array, "rows"], *, where: Path) -> tuple[str, ...]:
    """What to say of stamps that were rounded until several rows bear the same: how far times may be off.

    Stamps written with a fixed number of digits lose the last one in mid-file: that is refused.
    """
    stamps = kept_rows(stamp_seconds, np.isfinite(stamp_seconds))
    parts = [part for part in np.array_split(stamps, PARTS) if len(part) >= LEAST_IN_PART]
    rounded = [step for part in parts if (step := _rounded_to(part)) is not None]
    if not rounded:
        return ()
    finest = min(float(np.median(steps)) for part in parts if (steps := np.diff(np.unique(part))).size)
    if finest < max(rounded) / 5:
        raise BadInput(
            where,
            found=f"stamps that are rounded to {max(rounded):g} s in one part of the file and finer in another",
            expected="stamps of one resolution",
            remedy="Export the time column with more digits, or give `time: {rate_hz: ...}` if the rate is steady.",
        )
    return (f"stamps are rounded to {max(rounded):g} s, several rows to each: times may be off by as much",)


def _rounded_to(stamps: Float64[Array, "rows"]) -> float | None:
    """The power of ten in whose steps these stamps go on while rows repeat them; None where they do not."""
    steps = np.diff(stamps)
    if (steps > 0).all():  # each its own
        return None
    steps = np.diff(np.unique(stamps))
    if not steps.size or len(stamps) < SHARED_AT_LEAST * (steps.size + 1):
        return None
    step = float(np.median(steps))
    ten = 10.0 ** round(np.log10(step))
    steady = np.isclose(steps, ten, rtol=1e-3, atol=1e-9 * float(np.abs(stamps).max())).mean() > 0.9
    return ten if steady else None


def _refuse_backward(steps: Float64[Array, "steps"], *, keep: Bool[Array, "rows"], where: Path) -> None:
    backward = np.flatnonzero(steps < 0)
    if backward.size:
        first = int(backward[0])
        rows, times = np.flatnonzero(keep), f"{backward.size} times in all"
        raise BadInput(
            where,
            found=f"time going back by {-steps[first]:.6g} s at data row {rows[first + 1] + 1} ({times})",
            expected="sample times that increase",
            remedy="Cut the file there into two recordings, or give `time: {rate_hz: ...}` if the rate is steady.",
        )


def _refuse_rate(rate_hz: float, *, where: Path) -> None:
    slowest, fastest = PLAUSIBLE_RATES_HZ
    if not slowest <= rate_hz <= fastest:
        raise BadInput(
            where,
            found=f"{rate_hz:.4g} samples a second",
            expected=f"{slowest:g} to {fastest:g}",
            remedy="Check the unit of the time column (s, ms, us or ns; of MATLAB's days write seconds), or `rate_hz`.",
        )
