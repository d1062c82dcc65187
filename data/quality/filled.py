"""Missing samples that a program filled with one number, or with the last one: it shows in values that stand still."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray as Array

from .signals import repeated_share, unchanged_runs

HELD_ROWS, HELD_TIMES = 3, 3
"""Samples that are the same in a row, and how often that happens, from which it is no accident in motion."""
HELD_SECONDS = 0.25
"""Once is enough where it lasts as long."""
JUMPS, FINE_JUMPS, AXIS_JUMPS = 3.0, 0.5, 5.0
"""By how many usual changes three axes leave or enter such samples; three that hardly ever repeat a number; and one."""
FINE = 0.05
"""Share of samples in which an axis repeats its number, below which its resolution is not why."""
REPEATED = 0.1
"""Share of repeated samples from which a sensor is read faster than it measures."""
COARSE_VALUES = 100
"""An axis of fewer distinct values stands still by itself."""
NAMES = ("ax", "ay", "az", "gx", "gy", "gz")


def filled_remarks(values: Float64[Array, "samples 6"], *, time_seconds: Float64[Array, "samples"]) -> tuple[str, ...]:
    """What stands still in motion: a triad that holds its values, an axis that takes one again and again."""
    if repeated_share(values) > REPEATED:
        return ()
    triads = [("accelerometer", values[:, :3]), ("gyroscope", values[:, 3:])]
    return tuple(
        remark for name, triad in triads for remark in _held(triad, name=name, time_seconds=time_seconds)
    ) or tuple(_returned(values))


def _held(triad: Float64[Array, "samples 3"], *, name: str, time_seconds: Float64[Array, "samples"]) -> Iterator[str]:
    first, last = unchanged_runs(triad)
    spread = np.nanstd(triad, axis=0) if np.isfinite(triad).any() else np.zeros(3)
    if not first.size or not (spread > 0).any():
        return
    changes = (np.diff(triad[:, spread > 0] / spread[spread > 0], axis=0) ** 2).sum(axis=1)
    fine = ((np.diff(triad, axis=0) == 0).mean(axis=0) < FINE).all()
    usual = (FINE_JUMPS if fine else JUMPS) ** 2 * float(np.median(changes[changes > 0]))
    jumps = _around(changes, first=first, last=last)
    kept = (last - first + 1 >= HELD_ROWS) & (jumps.max(axis=1) > usual)
    lasted = time_seconds[last[kept]] - time_seconds[first[kept]]
    if kept.sum() >= HELD_TIMES or (lasted.size and lasted.max() >= HELD_SECONDS):
        at = time_seconds[first[kept][lasted.argmax()]] - time_seconds[0]
        yield (
            f"{name} holds its values while it moves, {kept.sum()} times, for {lasted.max():.2g} s at {at:.1f} s: "
            "missing samples filled with a number or the last one? Leave them empty"
        )


def _returned(values: Float64[Array, "samples 6"]) -> Iterator[str]:
    """Axes that leap to one number within their range and stay there for some samples, several times."""
    for name, axis in zip(NAMES, values.T, strict=True):
        known = axis[np.isfinite(axis)]
        if len(known) < COARSE_VALUES or len(np.unique(known[: 100 * COARSE_VALUES])) < COARSE_VALUES:
            continue
        first, last = unchanged_runs(axis[:, None])
        long = last - first + 1 >= HELD_ROWS
        first, last = first[long], last[long]
        inside: Bool[Array, runs] = (axis[first] > known.min()) & (axis[first] < known.max())
        changes = np.abs(np.diff(axis))
        moved = changes[changes > 0]
        jumps = _around(changes, first=first, last=last).min(axis=1) if first.size else np.zeros(0)
        leapt = axis[first][inside & (jumps > AXIS_JUMPS * np.median(moved))] if moved.size else np.zeros(0)
        numbers, counts = np.unique(leapt, return_counts=True)
        if counts.size and counts.max() >= HELD_TIMES:
            number = numbers[counts.argmax()]
            yield f"{name} leaps to {number:.4g} and stays there for a while, {counts.max()} times: missing samples?"


def _around(
    changes: Float64[Array, "changes"], *, first: Int64[Array, "runs"], last: Int64[Array, "runs"]
) -> Float64[Array, "runs 2"]:
    """The change into each run of samples and the one out of it; 0 where the signal begins or ends, or is missing."""
    padded = np.nan_to_num(np.concatenate([[0.0], changes, [0.0]]))
    return np.stack([padded[first], padded[last + 1]], axis=1)
