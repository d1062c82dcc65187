"""Phases between sites: in which order sites swing within a stride, which is how gaits are defined.

A gait is its order of footfalls, whatever its speed (Hildebrand 1965, Science 150:701): hind and fore limbs of a walk
follow each other by a quarter of a stride, diagonals of a trot swing together, a canter leads with one side. Tempo and
amplitude, which differ from horse to horse and more in slow motion, cancel out in the phase from site to site. Axes
have to be the body's, or nearly so: where mounts are turned by tens of degrees, sums over axes mix what they compare.
"""

import torch
from jaxtyping import Complex64, Float, Float32, Int64
from torch import Tensor, nn

from .site_spectra import active_sites, count_sites, power_of, site_spectra

STRIDE_CYCLES_PER_STEP = (0.01, 0.08)
"""Search band of the stride: 0.5 to 4 Hz at 50 Hz, from a slow walk to a gallop's double."""
HARMONICS = (1, 2)
"""Multiples of the stride's frequency that are compared: the stride, and its half, at which a trot's trunk moves."""
PADDING = 2
"""Length of the transform over the window's: frequencies half as far apart as the window alone would give."""
FLOOR = 1e-2
"""Added to the power that a phase is divided by, in units of the standardised signal: noise alone has no phase."""


class SiteCoherences(nn.Module):
    """The coherences of all pairs of sites, of force and of rate, at once and twice the stride's rate.

    A coherence sums over three axes the one site's Fourier coefficient times the other's conjugate, over both
    magnitudes: its angle is the phase between them, and its modulus, at most 1, how much they swing alike.
    """

    taper: Tensor
    pairs: Tensor

    def __init__(self, *, channels: int, steps: int) -> None:
        super().__init__()
        sites, self.points = count_sites(channels), PADDING * steps
        low, high = (round(bound * self.points) for bound in STRIDE_CYCLES_PER_STEP)
        self.band = (max(low, PADDING), max(high, PADDING + 1))
        self.register_buffer("taper", torch.hann_window(steps, periodic=False), persistent=False)
        self.register_buffer("pairs", torch.tril_indices(sites, sites, offset=-1), persistent=False)
        self.values = self.pairs.shape[1] * 2 * len(HARMONICS) * 2  # force and rate; real and imaginary

    def forward(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch values"]:
        """Real and imaginary parts of each window's coherences."""
        return torch.view_as_real(self.coherences(standardised)).flatten(1)

    def coherences(
        self, standardised: Float32[Tensor, "batch channels steps"]
    ) -> Complex64[Tensor, "batch harmonics kinds pairs"]:
        """Of every pair of sites, the later with the earlier: for each harmonic first of force, then of rate.

        A positive angle means that the later site of the pair is ahead in time. A missing site's are zero.
        """
        spectrum = site_spectra(standardised, taper=self.taper, points=self.points)
        stride = self.stride_bins(spectrum)
        found = [self._at(spectrum, bins=stride * harmonic) for harmonic in HARMONICS]
        whole = torch.stack([here @ here.mH for here in found], dim=1)  # batch harmonics kinds sites sites
        later, earlier = self.pairs
        active = active_sites(standardised)
        both = active[:, later] & active[:, earlier]
        chosen = torch.view_as_real(whole)[..., later, earlier, :] * both[:, None, None, :, None]
        return torch.view_as_complex(chosen)

    def stride_bins(self, spectrum: Complex64[Tensor, "batch sites 2 3 bins"]) -> Int64[Tensor, "batch"]:
        """The strongest frequency of the stride's band: of all angular rates, or of forces where nothing turned."""
        low, high = self.band
        force, rate = power_of(spectrum[..., low:high]).sum((1, 3)).unbind(1)
        turned = rate.amax(1, keepdim=True) > FLOOR
        return low + torch.where(turned, rate, force).argmax(1)

    def _at(
        self, spectrum: Complex64[Tensor, "batch sites 2 3 bins"], *, bins: Int64[Tensor, "batch"]
    ) -> Complex64[Tensor, "batch 2 sites 3"]:
        """Fourier coefficients there, each site's of force and of rate brought to length one (or less, in noise)."""
        there = bins[:, None, None, None, None, None].expand(*spectrum.shape[:-1], 1, 2)
        found = torch.view_as_complex(torch.view_as_real(spectrum).gather(-2, there).squeeze(-2)).transpose(1, 2)
        power = power_of(found).sum(-1, keepdim=True)
        return found / torch.sqrt(power + FLOOR)


class SitePhases(SiteCoherences):
    """A linear map of the coherences: a part of a student's embedding."""

    def __init__(self, *, channels: int, steps: int, width: int) -> None:
        super().__init__(channels=channels, steps=steps)
        self.width = width
        self.project = nn.Linear(self.values, width)

    def forward(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch width"]:
        """The phase part of each window's embedding."""
        embedding: Tensor = self.project(super().forward(standardised))
        return embedding
