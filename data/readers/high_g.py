"""Replaces clipped samples of a low-g accelerometer by those of a high-g one in the same unit."""

from pathlib import Path

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .sensor import STANDARD_GRAVITY

CLIPPED_SHARE = 0.98
"""Of the range, from which a sample is taken to have clipped."""
RANGES = tuple(STANDARD_GRAVITY * g for g in (2.0, 4.0, 8.0, 16.0, 32.0))
"""m/s^2 at which low-g accelerometers end."""
BIAS_WITHIN = 0.5
"""Of the range: samples below tell by how much the two differ at rest (high-g sensors are off by up to 1 g)."""
AGREE_WITHIN = 0.5 * STANDARD_GRAVITY
"""m/s^2: median difference, bias taken off, beyond which the two files are not of one unit and time."""


def unclipped(
    seconds: Float64[Array, "rows"],
    force: Float64[Array, "rows 3"],
    *,
    high_seconds: Float64[Array, "high"],
    high_force: Float64[Array, "high 3"],
    where: Path,
) -> Float64[Array, "rows 3"]:
    """The low-g signal in m/s^2, clipped samples replaced from the high-g one on the same clock, its bias taken off.

    All three axes of such a sample are replaced. Where the high-g file has no samples around, the sample becomes NaN.
    """
    clipped = _clipped(force)
    beside = np.stack([np.interp(seconds, high_seconds, axis) for axis in high_force.T], axis=1)
    spacing = float(np.median(np.diff(high_seconds)))
    beside[_distance(seconds, high_seconds) > 2 * spacing] = np.nan
    quiet = np.isfinite(force + beside).all(axis=1) & (np.abs(force).max(axis=1) < BIAS_WITHIN * _range(force))
    if not quiet.any():
        expected = "both files of one unit, at the same time"
        raise BadInput(where, found="no samples at common times", expected=expected, remedy="Correct `high_g:`.")
    bias = np.median(force[quiet] - beside[quiet], axis=0)
    apart = float(np.median(np.linalg.norm(force[quiet] - beside[quiet] - bias, axis=1)))
    if apart > AGREE_WITHIN:
        found = f"low-g and high-g {apart:.3g} m/s^2 apart"
        remedy = "Correct `high_g:`: it must be the same unit's other file."
        raise BadInput(where, found=found, expected=f"at most {AGREE_WITHIN:.3g}", remedy=remedy)
    return np.asarray(np.where(clipped[:, None], beside + bias, force))


def _range(force: Float64[Array, "rows 3"]) -> float:
    """The smallest usual range that holds the signal."""
    largest = float(np.nanmax(np.abs(force)))
    return next((full for full in RANGES if largest <= 1.02 * full), largest)


def _clipped(force: Float64[Array, "rows 3"]) -> np.ndarray:
    return np.asarray((np.abs(force) >= CLIPPED_SHARE * _range(force)).any(axis=1))


def _distance(seconds: Float64[Array, "rows"], others: Float64[Array, "high"]) -> Float64[Array, "rows"]:
    """Seconds from each time to the nearest of the others."""
    after = np.clip(np.searchsorted(others, seconds), 1, len(others) - 1)
    return np.asarray(np.minimum(np.abs(seconds - others[after - 1]), np.abs(others[after] - seconds)))
