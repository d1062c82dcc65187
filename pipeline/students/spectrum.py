"""The spectrum of a window, site by site: how often a site swings, which no single patch can see.

A stride lasts 0.5 to 1.3 s and a patch 0.2 s, so that tempo, which film and sensors share best, has to be put together
by attention from many patches. A few dozen horses are too few to learn that; the power spectrum says it at once.

It has a part of the embedding to itself. Where patches could read it they leaned on it or, when half of the windows
went without, learned horses by heart for those, which led to the films of the wrong gait of horses never seen.
"""

from collections.abc import Iterable

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from .dropout import Dropout
from .site_spectra import count_sites, heard_sites, site_spectra

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
        """What the spectra say of each window; in training zeros for the share of them that goes without."""
        spectrum = (self.log_power(standardised) - self.mean) / self.std
        silent = ~heard_sites(standardised)
        sites = self.project(spectrum.masked_fill(silent[..., None], 0.0))
        told: Tensor = self.tell(sites.flatten(1))
        if self.training and self.drop:
            told = told * (torch.rand((len(told), 1), device=told.device) >= self.drop)
        return told

    def log_power(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch sites bins"]:
        """Natural logarithm of the tapered power at 1 ... `bins` cycles a window: of force, then of rate."""
        spectra = site_spectra(standardised, taper=self.taper, points=standardised.shape[-1])
        power = spectra[..., 1 : self.bins + 1].abs().square().sum(3)
        return torch.log(power + POWER_FLOOR).flatten(2)

    @torch.no_grad()
    def fit(self, standardised: Iterable[Float32[Tensor, "_ channels steps"]]) -> None:
        """Takes mean and deviation of each site's log power from batches of windows of training horses alone."""
        power = torch.cat([self.log_power(batch) for batch in standardised])
        std, mean = torch.std_mean(power, dim=0, correction=0)
        self.mean.copy_(mean)
        self.std.copy_(std.clamp_min(POWER_FLOOR))
