"""How limbs move: hooves planted in stance, lifted in swing, and the joint angles that bring them there.

A limb is a chain of four segments from its pivot on the trunk: arm, forearm, cannon, pastern (femur, tibia, cannon,
pastern behind). Angles are from straight down, forward positive. Carpus and fetlock flex as the gait tells; elbow (or
stifle with hock, which move together) and the angle of the whole limb are solved so that the hoof meets its path.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .gaits import Gait
from .horse import Horse

PHASES = 96
"""Phases of a stride at which a limb is solved, before its angles become Fourier series."""


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


FORE = LimbShape(
    lengths_m=(0.40, 0.45, 0.30, 0.20),
    bend_degrees=(44.0, -5.0, 37.0),
    couplings=(1.0, 0.0, 0.0),
    pivot_m=(0.10, 0.13, -0.39),
    straightest_degrees=-38.0,
)
HIND = LimbShape(
    lengths_m=(0.42, 0.46, 0.38, 0.20),
    bend_degrees=(-73.0, 43.0, 30.0),
    couplings=(-1.0, 0.9, 0.0),
    pivot_m=(-0.10, 0.14, -0.30),
    straightest_degrees=-45.0,
)


def limb_shape(limb: int) -> LimbShape:
    """The shape of limb 0 to 3 (LH, LF, RH, RF)."""
    return FORE if limb % 2 else HIND


def standing_angles(shape: LimbShape, *, height_m: float) -> Float64[Array, "4"]:
    """Segment angles in radians of a limb that stands with its hoof straight below the pivot, `height_m` under it."""
    at = np.zeros(1)
    return _solve(shape, target=(at, at - height_m), carpus=at, fetlock=at)[0]


def limb_wave(
    gait: Gait,
    *,
    horse: Horse,
    limb: int,
    pivot_height_m: float,
    pivot_rise_m: Float64[Array, "phases"],
) -> Float64[Array, "phases 4"]:
    """Segment angles in radians over one stride, at `PHASES` even phases of the stride, of one limb of one horse.

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
    forward = _hoof_forward(phase, duty=duty, sweep=sweep) + (0.02 if fore else -0.02)
    lift = gait.lift_m * amplitude * _bell(swing, peak=0.42)
    carpus = np.radians(gait.carpus_degrees) * amplitude * _bell(swing, peak=0.40) if fore else np.zeros(PHASES)
    fetlock = np.radians(gait.fetlock_swing_degrees) * amplitude * _bell(swing, peak=0.36) - np.radians(
        gait.fetlock_stance_degrees
    ) * _bell(stance, peak=0.52)
    return _solve(shape, target=(forward, lift - pivot_height_m - pivot_rise_m), carpus=carpus, fetlock=fetlock)


def _bell(x: Float64[Array, "phases"], *, peak: float) -> Float64[Array, "phases"]:
    """A smooth bump over [0, 1] that is 1 at `peak`."""
    return np.sin(np.pi * x ** (np.log(0.5) / np.log(peak))) ** 2


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
    low = np.full(reach.size, np.radians(shape.straightest_degrees))
    high = np.full(reach.size, np.radians(75.0))
    for _ in range(26):
        middle = 0.5 * (low + high)
        too_long = _chord(shape, middle, carpus, fetlock)[1] > reach
        low, high = np.where(too_long, middle, low), np.where(too_long, high, middle)
    angles, _, direction = _chord(shape, 0.5 * (low + high), carpus, fetlock)
    return angles + (np.arctan2(target[0], -target[1]) - direction)[:, None]


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
