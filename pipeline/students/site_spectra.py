"""Windows site by site: the Fourier coefficients of force and rate, and which sites carry a signal."""

import torch
from jaxtyping import Bool, Complex64, Float32, Float64
from torch import Tensor

from ...data.sites import CHANNELS
from .student import active_channels


def count_sites(channels: int) -> int:
    """How many sites these channels are of; refuses with a ValueError those that are of no whole number."""
    if channels % len(CHANNELS):
        raise ValueError(f"windows of whole sites have {len(CHANNELS)} channels a site: {channels = }")
    return channels // len(CHANNELS)


def site_spectra(
    standardised: Float32[Tensor, "batch channels steps"], *, taper: Float32[Tensor, "steps"], points: int
) -> Complex64[Tensor, "batch sites 2 3 bins"]:
    """The transform over `points` steps (zeros after the window) of each axis less its mean, under the taper.

    Of each site first specific force, then angular rate.
    """
    batch, channels, steps = standardised.shape
    signal = standardised.float().reshape(batch, count_sites(channels), 2, 3, steps)
    return spectra_of((signal - signal.mean(-1, keepdim=True)) * taper, points=points)


def spectra_of(tapered: Float32[Tensor, "... steps"], *, points: int) -> Complex64[Tensor, "... bins"]:
    """The transform over `points` steps of signals that are tapered already."""
    if torch.compiler.is_exporting() or not tapered.numel():  # MKL transforms no empty batch
        return _by_matrix(tapered, points=points)
    spectra: Tensor = torch.fft.rfft(tapered, n=points, dim=-1)
    return spectra


def power_of(spectra: Complex64[Tensor, "... bins"]) -> Float32[Tensor, "... bins"]:
    """The squared magnitudes: no root is drawn to be squared again."""
    return spectra.real.square() + spectra.imag.square()


def _by_matrix(signal: Float32[Tensor, "... steps"], *, points: int) -> Complex64[Tensor, "... bins"]:
    """The same transform as a matrix product: a window through ONNX Runtime takes half the time of its own DFT."""
    angle = -fourier_angles(signal.shape[-1], points=points)
    parts = signal @ torch.stack([angle.cos(), angle.sin()], dim=-1).flatten(1).float()
    return torch.view_as_complex(parts.reshape(*signal.shape[:-1], points // 2 + 1, 2))


def fourier_angles(steps: int, *, points: int) -> Float64[Tensor, "steps bins"]:
    """Angle at each step, in radians, of waves of 0, 1, ... points // 2 cycles over `points` steps."""
    turns = torch.outer(torch.arange(steps), torch.arange(points // 2 + 1)).remainder(points)  # whole: no rounding yet
    return turns.double() * (2.0 * torch.pi / points)


def active_sites(standardised: Float32[Tensor, "batch channels steps"]) -> Bool[Tensor, "batch sites"]:
    """Which sites have an active channel; a missing sensor's has none."""
    batch, channels, _ = standardised.shape
    active: Tensor = active_channels(standardised).reshape(batch, count_sites(channels), -1).any(2)
    return active
