"""The stride of one horse as Fourier series: every wave of trunk, head and limbs of a gait in one matrix."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .gaits import GAITS, LIMBS, Gait, Harmonic, Wave
from .horse import Horse
from .limbs import PHASES, limb_shape, limb_wave, standing_angles

HARMONICS = 8
"""Harmonics kept of each wave: at 1.7 strides a second the last lies at 14 Hz."""
WITHERS_Z, SACRUM_Z, POLL_Z, SURGE, SWAY, ROLL_WITHERS, ROLL_PELVIS, YAW, NOD = range(9)
"""Columns of the trunk and head; metres and radians."""
LIMB_ANGLES = slice(9, 25)
"""Columns of the segment angles: four limbs (LH, LF, RH, RF) by four segments, radians."""
ABDUCTION = slice(25, 29)
"""Columns of the limbs' sideways angle, radians."""
GLIDE = slice(29, 33)
"""Columns of the pivots' way forward on the trunk, metres of the average horse."""
COLUMNS = 33
WITHERS_HEIGHT_M = 1.60
SACRUM_HEIGHT_M = 1.57
"""Heights of the average horse at rest."""
ABDUCTION_RADIANS = 0.05


@dataclass(frozen=True)
class Strides:
    """How one horse moves in the gaits of a ride."""

    standing: Float64[Array, "columns"]
    """The columns of a horse at rest."""
    series: dict[str, Float64[Array, "basis columns"]]
    """For each gait, factors of 1, cos and sin of the harmonics of the stride phase."""


def pivot_height_m(limb: int) -> float:
    """Standing height of the pivot of limb 0 to 3 of the average horse."""
    return (WITHERS_HEIGHT_M if limb % 2 else SACRUM_HEIGHT_M) + limb_shape(limb).pivot_m[2]


def make_strides(horse: Horse, *, gaits: Collection[str]) -> Strides:
    """The named gaits of one horse, and how it stands."""
    standing = np.zeros(COLUMNS)
    standing[LIMB_ANGLES] = np.concatenate(
        [standing_angles(limb_shape(limb), height_m=pivot_height_m(limb)) for limb in range(len(LIMBS))]
    )
    return Strides(standing, {name: stride_series(gait, horse) for name, gait in GAITS.items() if name in gaits})


def stride_series(gait: Gait, horse: Horse) -> Float64[Array, "basis columns"]:
    """One gait of one horse: factors of what `phase_basis` gives."""
    return _series(_stride(gait, horse))


def phase_basis(phase: Float64[Array, "time"]) -> Float64[Array, "time basis"]:
    """1, then cos and sin of 2 pi k phase for each harmonic k: what the series multiply."""
    basis = np.empty((phase.size, 1 + 2 * HARMONICS))
    basis[:, 0] = 1.0
    turn = np.exp(2j * np.pi * (phase % 1.0))
    power = np.ones_like(turn)
    for k in range(HARMONICS):
        power = power * turn
        basis[:, 1 + 2 * k] = power.real
        basis[:, 2 + 2 * k] = power.imag
    return basis


def _stride(gait: Gait, horse: Horse) -> Float64[Array, "phases columns"]:
    """All columns of one gait over one stride."""
    # Free fall ties the trunk's waves to the tempo: their acceleration stays, so amplitude goes with 1 / tempo^2.
    rise = horse.trunk_amplitude / horse.stride_factor**2
    nod = horse.head_amplitude
    stride = np.zeros((PHASES, COLUMNS))
    stride[:, WITHERS_Z] = rise * _sample(_uneven(gait.withers_z, horse, 1.0))
    stride[:, SACRUM_Z] = rise * _sample(_uneven(gait.sacrum_z, horse, -0.6))
    stride[:, POLL_Z] = nod / horse.stride_factor**2 * _sample(_uneven(gait.poll_z, horse, 1.5))
    for column, wave in ((SURGE, gait.surge), (SWAY, gait.sway)):
        stride[:, column] = horse.trunk_amplitude * _sample(wave)
    for column, wave in ((ROLL_WITHERS, gait.roll_withers), (ROLL_PELVIS, gait.roll_pelvis), (YAW, gait.yaw)):
        stride[:, column] = np.radians(horse.trunk_amplitude * _sample(wave))
    stride[:, NOD] = np.radians(nod * _sample(gait.nod))
    for limb in range(len(LIMBS)):
        moved = stride[:, WITHERS_Z if limb % 2 else SACRUM_Z] / horse.scale
        angles, glide = limb_wave(gait, horse=horse, limb=limb, pivot_height_m=pivot_height_m(limb), pivot_rise_m=moved)
        stride[:, LIMB_ANGLES.start + 4 * limb : LIMB_ANGLES.start + 4 * (limb + 1)] = angles
        stride[:, GLIDE.start + limb] = glide
        at = gait.footfall[limb] + 0.75
        outward = 1.0 if limb < 2 else -1.0
        stride[:, ABDUCTION.start + limb] = outward * ABDUCTION_RADIANS * _sample((Harmonic(1.0, 1, at),))
    return stride


def _uneven(wave: Wave, horse: Horse, factor: float) -> Wave:
    """The wave with a first harmonic of a share of its largest: one side carries the horse higher than the other."""
    largest = max(wave, key=lambda h: h.amplitude)
    share = factor * horse.asymmetry
    return (*wave, Harmonic(share * largest.amplitude, 1, largest.at + (horse.asymmetry_shift or 0.0)))


def _sample(wave: Wave) -> Float64[Array, "phases"]:
    phase = np.arange(PHASES) / PHASES
    total = np.zeros(PHASES)
    for h in wave:
        total += h.amplitude * np.cos(2 * np.pi * h.harmonic * (phase - h.at))
    return total


def _series(stride: Float64[Array, "phases columns"]) -> Float64[Array, "basis columns"]:
    """Fourier series up to `HARMONICS`; the limbs' fade towards the last (Lanczos) instead of ringing at its cut."""
    spectrum = np.fft.rfft(stride, axis=0) / PHASES
    fade = np.sqrt(np.maximum(np.sinc(np.arange(len(spectrum)) / (HARMONICS + 1)), 0.0))
    spectrum[:, LIMB_ANGLES.start :] *= fade[:, None]
    series = np.empty((1 + 2 * HARMONICS, stride.shape[1]))
    series[0] = spectrum[0].real
    series[1::2] = 2.0 * spectrum[1 : HARMONICS + 1].real
    series[2::2] = -2.0 * spectrum[1 : HARMONICS + 1].imag
    return series
