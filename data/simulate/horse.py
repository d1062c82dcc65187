"""A horse of its own: size, proportions, tempo, amplitudes, asymmetry and coat, drawn from its number alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

HORSE_STREAM = 0
RECORDING_STREAM = 1
MEAN_HEIGHT_M = 1.60
TEMPO_SD = 0.053
"""With the tempo that size gives (taller horses are slower) 6 % altogether."""
TRUNK_EXTRA_CV = 0.115
"""Spread of trunk amplitude beyond tempo's: amplitudes go with 1 / tempo^2 (CV 12 %), together 16 %."""
HEAD_CV = 0.28


@dataclass(frozen=True)
class Horse:
    """One simulated horse. Factors multiply the figures of the average horse."""

    name: str
    height_m: float
    """Height at the withers."""
    trunk_length: float
    leg_length: float
    neck_length: float
    head_size: float
    girth: float
    """Thickness of trunk and neck."""
    bone: float
    """Thickness of the limbs."""
    tempo: float
    """Stride frequency."""
    pace: float
    """Speed beyond what tempo and height give."""
    trunk_amplitude: float
    head_amplitude: float
    lift: float
    """Height of the hooves' path and flexion of the joints in swing."""
    duty: float
    """Shift of the duty factors, as share of the stride."""
    asymmetry: float
    """Signed first harmonic of the trunk's vertical movement, as share of its second."""
    footfall_shift: Float64[Array, "4"]
    """Shift of each limb's footfall in strides: LH, LF, RH, RF."""
    limb_amplitude: Float64[Array, "4"]
    """Each limb's own factor on its swing."""
    impact: float
    transmission: float
    """Share of a hoof's impact that reaches withers and sacrum."""
    tempo_cv: float
    """How much the stride frequency wanders."""
    coat: str
    markings: int
    """Seed of white feet, blaze and mane."""
    asymmetry_shift: float | None = None
    """Strides by which that first harmonic is later than the second; None where the yard asks for no asymmetry."""

    @property
    def scale(self) -> float:
        """Size relative to the average horse."""
        return self.height_m / MEAN_HEIGHT_M

    @property
    def stride_factor(self) -> float:
        """Stride frequency relative to the average horse: pendulums of this size, times its own tempo."""
        return self.tempo / math.sqrt(self.scale)

    @property
    def reach(self) -> float:
        """Stride length relative to its size."""
        return self.pace / math.sqrt(self.tempo)

    @property
    def speed_factor(self) -> float:
        """Speed relative to the average horse: stride length times stride frequency."""
        return self.reach * self.scale * self.stride_factor


def generator(seed: int, *, stream: int, key: Sequence[int]) -> np.random.Generator:
    """A random generator of its own for one horse or recording: the same however many others there are."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, *key)))


def _around_one(rng: np.random.Generator, cv: float, *, limit: float = 2.0) -> float:
    """A factor whose logarithm is normal, cut at `limit` standard deviations."""
    return float(np.exp(cv * np.clip(rng.standard_normal(), -limit, limit)))


def make_horse(seed: int, *, number: int, coats: Sequence[str]) -> Horse:
    """Horse `number` of the world that `seed` names."""
    rng = generator(seed, stream=HORSE_STREAM, key=(number,))
    height = MEAN_HEIGHT_M * _around_one(rng, 0.055)
    return Horse(
        name=f"h{number:03d}",
        height_m=height,
        trunk_length=_around_one(rng, 0.04),
        leg_length=_around_one(rng, 0.02),
        neck_length=_around_one(rng, 0.06),
        head_size=_around_one(rng, 0.05),
        girth=_around_one(rng, 0.07),
        bone=_around_one(rng, 0.10),
        tempo=_around_one(rng, TEMPO_SD),
        pace=_around_one(rng, 0.05),
        trunk_amplitude=_around_one(rng, TRUNK_EXTRA_CV, limit=1.5),
        head_amplitude=_around_one(rng, HEAD_CV),
        lift=_around_one(rng, 0.12),
        duty=float(rng.uniform(-0.015, 0.015)),
        asymmetry=0.05 * float(np.clip(rng.standard_normal(), -2, 2)),
        footfall_shift=rng.uniform(-0.015, 0.015, 4),
        limb_amplitude=1.0 + 0.03 * np.clip(rng.standard_normal(4), -2, 2),
        impact=_around_one(rng, 0.20),
        transmission=float(rng.uniform(0.05, 0.10)),
        tempo_cv=float(rng.uniform(0.015, 0.03)),
        coat=coats[int(rng.integers(len(coats)))],
        markings=int(rng.integers(2**31)),
    )
