"""Sample times that can be trusted: rows to keep so that time increases strictly, or a refusal."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..large_arrays import kept_rows

DUPLICATES_AT_MOST = 0.1
"""Share of repeated stamps beyond which the clock is too coarse, and dropping rows would thin the signal."""

LEAST_LEFT_OUT = 10
"""Rows of one stamp and other numbers that are worth a word."""

LEFT_OUT = 40.0
"""Seconds that are missing after a minute where 101559 is followed by 101600."""

PARTS = 8
"""Of a file, in which the resolution of its stamps is compared."""
LEAST_IN_PART = 50
SHARED_AT_LEAST = 1.3
"""Rows that bear one stamp, on average, where stamps are coarser than the rows."""

SHARED_BY_BLOCKS = 0.4
"""Share of rows that bear the stamp of the row before, where stamps are those of blocks, which are spread."""

QUANTA = (0.5, 0.25, 0.125, 0.1, 0.0625, 0.05, 1 / 32, 0.02, 1 / 64, 0.01, 1 / 128)
"""Seconds to which stamps are rounded that lose too much: decimal digits, and single precision up to a day."""
WHOLE, WITHIN, ROWS_IN_LINE, UNEVEN = 0.02, 0.8, 200, 0.05
"""Of a quantum: by how much stamps are off whole ones, and by how much off a straight line over so many rows, which
only rounding does to even samples, not loss. Share of steps that are not the usual one."""

LONGEST_PAUSE = 30 * 86400.0
"""Seconds between two rows at most: beyond it the first were stamped before the clock was set, in 1970 say."""

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
    _refuse_leap(steps, keep=keep, where=where)
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


def left_out_remarks(force: Float64[Array, "rows 3"], *, left_out: Bool[Array, "rows"]) -> tuple[str, ...]:
    """That rows which bear the stamp of the row before, and are left out for it, bear other numbers."""
    rows = np.flatnonzero(left_out)
    other = int((force[rows] != force[rows - 1]).any(axis=1).sum())
    if other < LEAST_LEFT_OUT:
        return ()
    return (
        f"{other} rows bear the stamp of the row before and other numbers, and are left out: rows of several sensors?",
    )


def rounding_remarks(stamp_seconds: Float64[Array, "rows"], *, where: Path) -> tuple[str, ...]:
    """What to say of stamps that were rounded until several rows bear the same: how far times may be off.

    Stamps written with a fixed number of digits lose the last one in mid-file: that is refused.
    """
    stamps = kept_rows(stamp_seconds, np.isfinite(stamp_seconds))
    parts = [part for part in np.array_split(stamps, PARTS) if len(part) >= LEAST_IN_PART]
    rounded = [step for part in parts if (step := _rounded_to(part)) is not None]
    if not rounded:
        shared = float(np.mean([(np.diff(part) == 0).mean() for part in parts])) if parts else 0.0
        return () if shared > SHARED_BY_BLOCKS else tuple(_unevenly_rounded(parts))
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


def _unevenly_rounded(parts: Sequence[Float64[Array, "_"]]) -> Iterator[str]:
    """That each row has its own stamp, but rounded so far that even samples seem to come unevenly."""
    for quantum in QUANTA:
        wholes = [(part[:ROWS_IN_LINE] - part[0]) / quantum for part in parts]
        if all(np.abs(whole - np.rint(whole)).max() < WHOLE for whole in wholes):
            uneven = [_is_uneven_line(np.rint(whole)) for whole in wholes]
            if uneven and np.mean(uneven) > 0.5:
                yield (
                    f"stamps are rounded to {quantum:.4g} s (single precision, or too few digits), which makes even "
                    "samples uneven: times may be off by as much; export them finer"
                )
            return


def _is_uneven_line(wholes: Float64[Array, "rows"]) -> bool:
    steps, rows = np.diff(wholes), np.arange(len(wholes))
    usual = np.median(steps)
    off = wholes - np.polyval(np.polyfit(rows, wholes, 1), rows)
    return bool((steps != usual).mean() > UNEVEN and np.abs(off).max() < WITHIN)


def refuse_clock_digits(stamp_seconds: Float64[Array, "rows"], *, where: Path) -> None:
    """Refuses times of day whose digits were taken for one number: 101559.98 s is followed by 101600.00 s."""
    stamps = kept_rows(stamp_seconds, np.isfinite(stamp_seconds))
    steps = np.diff(stamps)
    leaps = np.flatnonzero(steps > LEFT_OUT - 1.0)
    if not leaps.size or not (stamps % 100.0 < 60.0).all():
        return
    near = 2.5 * float(np.median(steps[steps > 0]))
    turns = (60.0 - stamps[leaps] % 100.0 < near) & (stamps[leaps + 1] % 100.0 < near)
    if turns.any():
        raise BadInput(
            where,
            found=f"stamps that leave out {LEFT_OUT:g} s when a minute is full ({turns.sum()} times)",
            expected="seconds, not a time of day whose digits make one number",
            remedy="Write seconds instead: of 101530.25, which is 10:15:30.25, write 36930.25.",
        )


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


def _refuse_leap(steps: Float64[Array, "steps"], *, keep: Bool[Array, "rows"], where: Path) -> None:
    ahead = np.flatnonzero(steps > LONGEST_PAUSE)
    if ahead.size:
        first = int(ahead[0])
        raise BadInput(
            where,
            found=f"stamps that leap by {steps[first]:.6g} s at data row {np.flatnonzero(keep)[first + 1] + 1}",
            expected="rows of one recording",
            remedy="Cut the file there: either part is another recording, or was stamped before the clock was set.",
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
