"""Windows site by site: the Fourier coefficients of force and rate, and which sites carry a signal.

Coefficients are pairs of real numbers, not complex ones: ONNX knows no complex numbers, and to take them apart and put
them together again cost a window more time than the transform.
"""

import torch
from jaxtyping import Bool, Float32, Float64
from torch import Tensor

from ...data.sites import CHANNELS
from .student import active_channels


def count_sites(channels: int) -> int:
    """How many sites these channels are of; refuses with a ValueError those that are of no whole number."""
    if channels % len(CHANNELS):
        raise ValueError(f"windows of whole sites have {len(CHANNELS)} channels a site: {channels = }")
    return channels // len(CHANNELS)


def site_spectra(
    standardised: Float32[Tensor, "batch channels steps"],
    *,
    taper: Float32[Tensor, "steps"],
    points: int,
    bins: int,
) -> Float32[Tensor, "batch sites 2 3 2 bins"]:
    """The transform over `points` steps (zeros after the window) of each axis less its mean, under the taper.

    Of each site first specific force, then angular rate; of each axis the real parts, then the imaginary ones.
    """
    batch, channels, steps = standardised.shape
    signal = standardised.float().reshape(batch, count_sites(channels), 2, 3, steps)
    return spectra_of((signal - signal.mean(-1, keepdim=True)) * taper, points=points, bins=bins)


def spectra_of(tapered: Float32[Tensor, "*axes steps"], *, points: int, bins: int) -> Float32[Tensor, "*axes 2 bins"]:
    """Real and imaginary parts of the first bins of the transform over `points` steps of signals tapered already."""
    if _has_no_transform(tapered):
        return _by_matrix(tapered, points=points, bins=bins)
    spectra = torch.fft.rfft(tapered, n=points, dim=-1)[..., :bins]
    return torch.stack([spectra.real, spectra.imag], dim=-2)  # in blocks, which are summed several times as fast


def power_of(tapered: Float32[Tensor, "*axes steps"], *, points: int, bins: int) -> Float32[Tensor, "*axes bins"]:
    """The squared size of the same; in half the time where the parts need not be put side by side."""
    if _has_no_transform(tapered):
        return _by_matrix(tapered, points=points, bins=bins).square().sum(-2)
    spectra = torch.fft.rfft(tapered, n=points, dim=-1)[..., :bins]
    power: Tensor = spectra.real.square() + spectra.imag.square()
    return power


def _has_no_transform(signals: Tensor) -> bool:
    """Whether a matrix must do: in an exported graph, and for an empty batch, which MKL does not transform."""
    return torch.compiler.is_exporting() or not signals.numel()


def _by_matrix(signal: Float32[Tensor, "*axes steps"], *, points: int, bins: int) -> Float32[Tensor, "*axes 2 bins"]:
    """The same transform as a matrix product: a window through ONNX Runtime takes half the time of its own DFT."""
    angle = -fourier_angles(signal.shape[-1], points=points)[:, :bins]
    parts: Tensor = signal @ torch.cat([angle.cos(), angle.sin()], dim=-1).float()
    return parts.reshape(*signal.shape[:-1], 2, bins)


def fourier_angles(steps: int, *, points: int) -> Float64[Tensor, "steps bins"]:
    """Angle at each step, in radians, of waves of 0, 1, ... points // 2 cycles over `points` steps."""
    turns = torch.outer(torch.arange(steps), torch.arange(points // 2 + 1)).remainder(points)  # whole: no rounding yet
    return turns.double() * (2.0 * torch.pi / points)


def active_sites(standardised: Float32[Tensor, "batch channels steps"]) -> Bool[Tensor, "batch sites"]:
    """Which sites carry a signal: all but those at their training mean throughout, as missing ones are."""
    batch, channels, _ = standardised.shape
    return active_channels(standardised.reshape(batch, count_sites(channels), -1))
