"""Spectral features of sensor windows, after classical activity recognition: nothing in them is learned.

Of each signal: mean, logarithm of the variance, logarithm of the power in bands, dominant frequency. The signals of a
site are its channels beside |a| and |g|, or those that no mount changes (`mount_free`), which add the phases between
sites at the stride's frequency.
"""

from itertools import pairwise

import torch
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from .mount_free import AXES, KINDS, mount_free, without_dead
from .phases import HARMONICS, SiteCoherences
from .site_spectra import count_sites, spectra_of

BAND_EDGES_HZ = (0.4, 0.8, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0)
"""Narrow where strides (0.8 to 1.8 Hz) and their doubles lie, wide above; 20 Hz is where the grid's low-pass ends."""
NOISE_POWER = 1e-4
"""Floor of the power: (0.01 m/s^2)^2, about a sensor's noise in a band, so that a dead channel is merely quiet."""


class SpectralFeatures(nn.Module):
    """Windows `[batch, channels, steps]` in SI units to rows of features; a missing sensor's are NaN."""

    def __init__(self, *, channels: int, steps: int, rate_hz: float, mount_free: bool) -> None:
        super().__init__()
        self.mount_free, self.sites = mount_free, count_sites(channels)
        frequency_hz = torch.fft.rfftfreq(steps, d=1.0 / rate_hz)
        bands = [(frequency_hz >= low) & (frequency_hz < high) for low, high in pairwise(BAND_EDGES_HZ)]
        taper = torch.hann_window(steps, periodic=False)
        sides = torch.full_like(frequency_hz, 2.0)  # each bin stands for its negative frequency too
        sides[0], sides[(steps + 1) // 2 :] = 1.0, 1.0
        self.register_buffer("taper", taper, persistent=False)
        self.register_buffer("frequency_hz", frequency_hz, persistent=False)
        self.register_buffer("bands", torch.stack(bands, dim=1).float(), persistent=False)
        self.register_buffer("scale", sides / (steps * taper.square().sum()), persistent=False)
        pairs = mount_free and self.sites > 1
        self.coherences = SiteCoherences(channels=channels, steps=steps) if pairs else None
        signals = AXES if mount_free else AXES + 1
        self.of_sensor = signals * (len(bands) + 3)  # mean, variance, dominant frequency beside bands
        self.width = self.sites * KINDS * self.of_sensor + (self.coherences.values if self.coherences else 0)

    def forward(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """One row of features a window: by site, force or rate, signal; then the coherences of pairs of sites."""
        imu = without_dead(imu)
        return torch.where(self.missing(imu), torch.nan, self.describe(torch.nan_to_num(imu)))

    def describe(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """The same where no sensor is missing: a dead one is merely quiet."""
        signals = self.signals(imu)
        features = self._of_signals(signals).flatten(1)
        if self.coherences is None:
            return features
        return torch.cat([features, self.coherences(signals.flatten(1, 3))], dim=1)

    def signals(
        self, imu: Float32[Tensor, "batch channels steps"]
    ) -> Float32[Tensor, "batch sites kinds signals steps"]:
        """What is described of each site: of force and of rate."""
        if self.mount_free:
            return mount_free(imu).unflatten(1, (self.sites, KINDS, AXES))
        vectors = imu.unflatten(1, (self.sites, KINDS, AXES))
        return torch.cat([vectors, vectors.norm(dim=3, keepdim=True)], dim=3)

    def missing(self, imu: Float32[Tensor, "batch channels steps"]) -> Bool[Tensor, "batch features"]:
        """Which features are of a sensor without a signal; without its force, no site has directions."""
        missing = imu.isnan().any(2).unflatten(1, (self.sites, KINDS, AXES)).any(3)
        missing = missing | missing[:, :, :1] if self.mount_free else missing
        of_sites = missing.flatten(1).repeat_interleave(self.of_sensor, dim=1)
        if self.coherences is None:
            return of_sites
        later, earlier = self.coherences.pairs
        of_pairs = (missing[:, later] | missing[:, earlier]).transpose(1, 2)[:, None, ..., None]  # kinds pairs
        return torch.cat([of_sites, of_pairs.expand(-1, len(HARMONICS), -1, -1, 2).flatten(1)], dim=1)

    def _of_signals(
        self, signals: Float32[Tensor, "batch sites kinds signals steps"]
    ) -> Float32[Tensor, "batch sites kinds signals features"]:
        mean = signals.mean(-1, keepdim=True)
        spectra = spectra_of((signals - mean) * self.taper, points=signals.shape[-1])
        power = spectra.abs().square() * self.scale
        powers = torch.cat([power.sum(-1, keepdim=True), power @ self.bands], dim=-1)
        dominant_hz = self.frequency_hz[power.argmax(-1, keepdim=True)]
        return torch.cat([mean, torch.log(powers + NOISE_POWER), dominant_hz], dim=-1)
