"""Phases between sites: in which order sites swing within a stride, which is how gaits are defined.

A gait is its order of footfalls, whatever its speed (Hildebrand 1965, Science 150:701): hind and fore limbs of a walk
follow each other by a quarter of a stride, diagonals of a trot swing together, a canter leads with one side. Tempo and
amplitude, which differ from horse to horse and more in slow motion, cancel out in the phase from site to site. Axes
have to be the body's, or nearly so: where mounts are turned by tens of degrees, sums over axes mix what they compare.
"""

import torch
from jaxtyping import Complex64, Float, Float32, Int64
from torch import Tensor, nn

from .site_spectra import count_sites, site_spectra

STRIDE_CYCLES_PER_STEP = (0.01, 0.08)
"""Search band of the stride: 0.5 to 4 Hz at 50 Hz, from a slow walk to a gallop's double."""
HARMONICS = (1, 2)
"""Multiples of the stride's frequency that are compared: the stride, and its half, at which a trot's trunk moves."""
PADDING = 2
"""Length of the transform over the window's: frequencies half as far apart as the window alone would give."""
FLOOR = 1e-2
"""Added to the power that a phase is divided by, in units of the standardised signal: noise alone has no phase."""


class StrideCoefficients(nn.Module):
    """Fourier coefficients of each site's force and rate, at once and twice the stride's rate."""

    taper: Tensor

    def __init__(self, *, steps: int) -> None:
        super().__init__()
        self.points = PADDING * steps
        low, high = (round(bound * self.points) for bound in STRIDE_CYCLES_PER_STEP)
        self.band = (max(low, PADDING), max(high, PADDING + 1))
        self.bins = max(HARMONICS) * (self.band[1] - 1) + 1
        self.register_buffer("taper", torch.hann_window(steps, periodic=False), persistent=False)

    def coefficients(
        self, standardised: Float32[Tensor, "batch channels steps"]
    ) -> Float32[Tensor, "batch harmonics 2 sites 2 3"]:
        """Fourier coefficients at the stride's frequency and its multiples, real parts, then imaginary ones; each
        site's of force and of rate are brought to length one (or less, in noise)."""
        spectrum = site_spectra(standardised, taper=self.taper, points=self.points, bins=self.bins)
        return self._at(spectrum, bins=self.stride_bins(spectrum))

    def stride_bins(self, spectrum: Float32[Tensor, "batch sites 2 3 2 bins"]) -> Int64[Tensor, "batch"]:
        """The strongest frequency of the stride's band: of all angular rates, or of forces where nothing turned."""
        low, high = self.band
        force, rate = spectrum[..., low:high].square().sum((1, 3, 4)).unbind(1)
        turned = rate.amax(1, keepdim=True) > FLOOR
        return low + torch.where(turned, rate, force).argmax(1)

    def _at(
        self, spectrum: Float32[Tensor, "batch sites 2 3 2 bins"], *, bins: Int64[Tensor, "batch"]
    ) -> Float32[Tensor, "batch harmonics 2 sites 2 3"]:
        values = spectrum.flatten(1, -2)
        there = bins[:, None, None] * torch.tensor(HARMONICS, device=bins.device)
        found = values.gather(-1, there.expand(-1, values.shape[1], -1))
        found = found.reshape(*spectrum.shape[:-1], len(HARMONICS))
        scaled: Tensor = found / torch.sqrt(found.square().sum((3, 4), keepdim=True) + FLOOR)
        return scaled.permute(0, 5, 2, 1, 4, 3)


class SiteCoherences(StrideCoefficients):
    """The coherences of all pairs of sites, of force and of rate, at once and twice the stride's rate.

    A coherence sums over three axes the one site's Fourier coefficient times the other's conjugate, over both
    magnitudes: its angle is the phase between them, and its modulus, at most 1, how much they swing alike.
    """

    products: Tensor

    def __init__(self, *, channels: int, steps: int) -> None:
        super().__init__(steps=steps)
        sites = count_sites(channels)
        self.pairs = torch.tril_indices(sites, sites, offset=-1)
        later, earlier = self.pairs
        products = torch.stack([later, later + sites], dim=1) * sites + earlier[:, None]
        self.register_buffer("products", products.flatten(), persistent=False)
        self.values = self.pairs.shape[1] * 2 * len(HARMONICS) * 2  # force and rate; real and imaginary

    def forward(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch values"]:
        """Real and imaginary parts of each window's coherences."""
        return self._products(standardised).flatten(1)

    def coherences(
        self, standardised: Float32[Tensor, "batch channels steps"]
    ) -> Complex64[Tensor, "batch harmonics kinds pairs"]:
        """Of every pair of sites, the later with the earlier: for each harmonic first of force, then of rate.

        A positive angle means that the later site of the pair is ahead in time. A missing site's are zero.
        """
        products = self._products(standardised)
        return torch.view_as_complex(products.reshape(*products.shape[:-1], -1, 2).contiguous())

    def _products(
        self, standardised: Float32[Tensor, "batch channels steps"]
    ) -> Float32[Tensor, "batch harmonics kinds values"]:
        """Real part, then imaginary one, pair by pair."""
        earlier = self.coefficients(standardised)
        real, imaginary = earlier.unbind(-2)
        later = torch.cat([earlier.flatten(-2), torch.cat([imaginary, -real], dim=-1)], dim=-2)
        whole = later @ earlier.flatten(-2).mT  # the products with sites as they are, then turned by a right angle
        return whole.flatten(-2).index_select(-1, self.products)


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
