"""Power spectrum of a window, site by site: the frequency of strides, which no single patch contains.

A stride lasts 0.5 to 1.3 s and a patch 0.2 s, so that tempo, which film and sensors have most in common, has to be
inferred by attention over many patches. A few dozen horses are too few to learn that; the spectrum shows it directly.

It has a part of the embedding to itself. When patches could attend to it, they relied on it or, with half of the
windows without it, overfitted to the training horses in those, and retrieved films of the wrong gait of unseen horses.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from .dropout import Dropout
from .site_spectra import active_sites, count_sites, power_of, site_spectra

HIGHEST_CYCLES_PER_STEP = 0.24
"""12 Hz at 50 Hz: the first harmonics of every stride (walk near 0.9, canter near 1.8 strides a second)."""
POWER_FLOOR = 1e-2
"""Added before the logarithm, in units of the standardised signal: white noise of a hundredth of a channel's spread."""


class SiteSpectrum(nn.Module):
    """A small perceptron over the log power of force and of rate, each summed over its three axes so that a turned
    mount changes little, standardised by the training windows. Every site is projected by the same matrix first."""

    taper: Tensor
    mean: Tensor
    std: Tensor

    def __init__(self, *, channels: int, steps: int, hidden: int, width: int, drop: float, dropout: float) -> None:
        super().__init__()
        sites, self.drop, self.width = count_sites(channels), drop, width
        self.bins = max(round(steps * HIGHEST_CYCLES_PER_STEP), 1)
        self.register_buffer("taper", torch.hann_window(steps, periodic=False), persistent=False)
        self.register_buffer("mean", torch.zeros(sites, 2 * self.bins))
        self.register_buffer("std", torch.ones(sites, 2 * self.bins))
        self.project = nn.Linear(2 * self.bins, hidden)
        self.tell = nn.Sequential(
            nn.LayerNorm(sites * hidden),
            nn.Linear(sites * hidden, hidden),
            nn.GELU(),
            Dropout(dropout),
            nn.Linear(hidden, width),
        )

    def forward(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch width"]:
        """The spectral part of each window's embedding; in training zero for the dropped share of windows."""
        spectrum = (self.log_power(standardised) - self.mean) / self.std
        missing = ~active_sites(standardised)
        sites = self.project(spectrum.masked_fill(missing[..., None], 0.0))
        embedding: Tensor = self.tell(sites.flatten(1))
        if self.training and self.drop:
            kept = torch.rand((len(embedding), 1), device=embedding.device) >= self.drop
            embedding = embedding * kept
        return embedding

    def log_power(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch sites bins"]:
        """Natural logarithm of the tapered power at 1 ... `bins` cycles a window: of force, then of rate."""
        spectra = site_spectra(standardised, taper=self.taper, points=standardised.shape[-1])
        power = power_of(spectra[..., 1 : self.bins + 1]).sum(3)
        return torch.log(power + POWER_FLOOR).flatten(2)

    @torch.no_grad()
    def fit(self, standardised: Iterable[Float32[Tensor, "_ channels steps"]]) -> None:
        """Takes mean and deviation of each site's log power from batches of windows of training horses alone."""
        power = torch.cat([self.log_power(batch) for batch in standardised])
        std, mean = torch.std_mean(power, dim=0, correction=0)
        self.mean.copy_(mean)
        self.std.copy_(std.clamp_min(POWER_FLOOR))
