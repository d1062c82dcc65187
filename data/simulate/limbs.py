"""How limbs move: hooves planted in stance, lifted in swing, and the joint angles that bring them there.

A limb is a chain of four segments from its pivot on the trunk: arm, forearm, cannon, pastern (femur, tibia, cannon,
pastern behind). Angles are from straight down, forward positive. Carpus and fetlock flex as the gait has it; elbow (or
stifle with hock, which move together) and the angle of the whole limb are solved so that the hoof meets its path.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from .gaits import Gait
from .horse import Horse

PHASES = 96
"""Phases of a stride at which a limb is solved, before its angles become Fourier series."""
HOCK_SHARE = 0.26
"""Flexion of the hock beyond what it shares with the stifle, relative to that of the carpus."""
YIELD_RADIANS = 0.12
"""How softly a carpus gives way."""


@dataclass(frozen=True)
class LimbShape:
    """One limb of the average horse."""

    lengths_m: tuple[float, float, float, float]
    bend_degrees: tuple[float, float, float]
    """Standing angles between neighbouring segments: each is the lower segment's angle minus the upper's."""
    couplings: tuple[float, float, float]
    """Change of these angles for a degree of the limb's one free flexion."""
    pivot_m: tuple[float, float, float]
    """Pivot from withers (fore) or sacrum (hind), left limb: forward, left, up."""
    straightest_degrees: float
    """The free flexion that leaves the limb as straight as it gets, below the standing one."""
    glide: float
    """Share of the hoof's way that the pivot goes with it: the shoulder blade slides on the ribs."""


FORE = LimbShape(
    lengths_m=(0.45, 0.48, 0.30, 0.20),
    bend_degrees=(44.0, -5.0, 37.0),
    couplings=(1.0, 0.0, 0.0),
    pivot_m=(0.10, 0.13, -0.39),
    straightest_degrees=-42.0,
    glide=0.18,
)
HIND = LimbShape(
    lengths_m=(0.43, 0.47, 0.39, 0.20),
    bend_degrees=(-73.0, 43.0, 30.0),
    couplings=(-1.0, 0.8, 0.0),
    pivot_m=(-0.10, 0.14, -0.30),
    straightest_degrees=-55.0,
    glide=0.05,
)


def limb_shape(limb: int) -> LimbShape:
    """The shape of limb 0 to 3 (LH, LF, RH, RF)."""
    return FORE if limb % 2 else HIND


def standing_angles(shape: LimbShape, *, height_m: float) -> Float64[Array, "4"]:
    """Segment angles in radians of a limb that stands with its hoof straight below the pivot, `height_m` under it."""
    at = np.zeros(1)
    return np.asarray(_solve(shape, target=(at, at - height_m), carpus=at, fetlock=at)[0])


def limb_wave(
    gait: Gait,
    *,
    horse: Horse,
    limb: int,
    pivot_height_m: float,
    pivot_rise_m: Float64[Array, "phases"],
) -> tuple[Float64[Array, "phases 4"], Float64[Array, "phases"]]:
    """Segment angles in radians and the pivot's glide in metres at `PHASES` even phases of the stride, of one limb.

    `pivot_height_m` is the standing height of the pivot and `pivot_rise_m` its movement over the stride, both for the
    average size: they let the hoof stay on the ground while the trunk moves.
    """
    shape = limb_shape(limb)
    fore = bool(limb % 2)
    duty = (gait.duty_fore if fore else gait.duty_hind) + horse.duty
    contact = gait.footfall[limb] + horse.footfall_shift[limb]
    phase = (np.arange(PHASES) / PHASES - contact) % 1.0
    swing = np.clip((phase - duty) / (1.0 - duty), 0.0, 1.0)
    stance = np.clip(phase / duty, 0.0, 1.0)
    amplitude = horse.lift * float(horse.limb_amplitude[limb])
    sweep = gait.speed_m_s / gait.stride_hz * duty * horse.reach * float(horse.limb_amplitude[limb])
    forward = _hoof_forward(phase, duty=duty, sweep=sweep) + (-0.05 if fore else 0.12)
    lift = (1.0 if fore else 1.15) * gait.lift_m * amplitude * _plateau(_bell(swing, peak=0.46))
    folded = np.radians(gait.carpus_degrees) * amplitude**0.5
    # The carpus folds the forelimb back early in swing; the hock folds the hind limb forward, later and less.
    carpus = folded * _bell(swing, peak=0.44) ** 1.5 if fore else -HOCK_SHARE * folded * _bell(swing, peak=0.62) ** 1.5
    fetlock = np.radians(gait.fetlock_swing_degrees) * amplitude**0.5 * _bell(swing, peak=0.36) - np.radians(
        gait.fetlock_stance_degrees
    ) * _bell(stance, peak=0.52)
    glide = shape.glide * forward
    target = (forward - glide, lift - pivot_height_m - pivot_rise_m)
    return _solve(shape, target=target, carpus=carpus, fetlock=fetlock), glide


def _bell(x: Float64[Array, "phases"], *, peak: float) -> Float64[Array, "phases"]:
    """A smooth bump over [0, 1] that is 1 at `peak`."""
    return np.asarray(np.sin(np.pi * x ** (np.log(0.5) / np.log(peak))) ** 2)


def _plateau(x: Float64[Array, "phases"]) -> Float64[Array, "phases"]:
    """The bump made broader at its top: the hoof stays up until late in swing."""
    return x * (1.4 - 0.4 * x)


def _hoof_forward(phase: Float64[Array, "phases"], *, duty: float, sweep: float) -> Float64[Array, "phases"]:
    """Where the hoof is before its pivot: back evenly in stance, forward in swing, with equal speed where they meet."""
    swing = np.clip((phase - duty) / (1.0 - duty), 0.0, 1.0)
    slope = -sweep / duty * (1.0 - duty)
    hermite = sweep * (3 * swing**2 - 2 * swing**3) + slope * (swing - 3 * swing**2 + 2 * swing**3)
    return np.where(phase < duty, sweep * (0.5 - phase / duty), hermite - 0.5 * sweep)


def _solve(
    shape: LimbShape,
    *,
    target: tuple[Float64[Array, "phases"], Float64[Array, "phases"]],
    carpus: Float64[Array, "phases"],
    fetlock: Float64[Array, "phases"],
) -> Float64[Array, "phases 4"]:
    """Bisect the free flexion for the length of the limb, then turn the limb towards its target."""
    reach = np.hypot(*target)
    straightest, tightest = np.radians(shape.straightest_degrees), np.radians(75.0)
    # Where the carpus would shorten the limb more than a straight elbow makes up for, the carpus gives way, smoothly.
    stretched = np.full(reach.size, straightest + YIELD_RADIANS)
    most = _bisect(
        lambda angle: _chord(shape, stretched, angle, fetlock)[1] > reach, low=0.0, high=2.5, size=reach.size
    )
    carpus = carpus - YIELD_RADIANS * np.logaddexp(0.0, (carpus - most) / YIELD_RADIANS)
    flexion = _bisect(
        lambda angle: _chord(shape, angle, carpus, fetlock)[1] > reach, low=straightest, high=tightest, size=reach.size
    )
    angles, _, direction = _chord(shape, flexion, carpus, fetlock)
    return np.asarray(angles + (np.arctan2(target[0], -target[1]) - direction)[:, None])


def _bisect(
    too_low: Callable[[Float64[Array, "phases"]], Bool[Array, "phases"]], *, low: float, high: float, size: int
) -> Float64[Array, "phases"]:
    """The angles between `low` and `high` at which `too_low` turns false."""
    lows, highs = np.full(size, low), np.full(size, high)
    for _ in range(20):
        middle = 0.5 * (lows + highs)
        below = too_low(middle)
        lows, highs = np.where(below, middle, lows), np.where(below, highs, middle)
    return np.asarray(0.5 * (lows + highs))


def _chord(
    shape: LimbShape,
    flexion: Float64[Array, "phases"],
    carpus: Float64[Array, "phases"],
    fetlock: Float64[Array, "phases"],
) -> tuple[Float64[Array, "phases 4"], Float64[Array, "phases"], Float64[Array, "phases"]]:
    """Segment angles with the uppermost pointing straight down, and the length and direction from pivot to hoof."""
    upper, middle, lower = (
        np.radians(bend) + coupling * flexion
        for bend, coupling in zip(shape.bend_degrees, shape.couplings, strict=True)
    )
    first = np.zeros_like(flexion)
    cannon = upper + middle - carpus
    angles = np.stack([first, upper, cannon, cannon + lower - fetlock], axis=1)
    forward = np.sin(angles) @ np.array(shape.lengths_m)
    down = np.cos(angles) @ np.array(shape.lengths_m)
    return angles, np.hypot(forward, down), np.arctan2(forward, down)
