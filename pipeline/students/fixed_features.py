"""Features of sensor windows in which nothing is learned, for a probe to read beside a student's embedding.

Spectra, after classical activity recognition: of each signal its mean, logarithm of the variance, logarithm of the
power in bands, dominant frequency. Phases: in which order sites swing (`phases.py`). Both of signals that no mount
changes (`mount_free.py`); spectra also of the channels as they are, beside |a| and |g|.
"""

from abc import abstractmethod
from itertools import pairwise

import torch
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from .mount_free import AXES, KINDS, missing_sensors, mount_free, without_dead, without_nan
from .phases import HARMONICS, SiteCoherences
from .site_spectra import count_sites, power_of

BAND_EDGES_HZ = (0.4, 0.8, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0)
"""Narrow where strides (0.8 to 1.8 Hz) and their doubles lie, wide above; 20 Hz is where the grid's low-pass ends."""
NOISE_POWER = 1e-4
"""Floor of the power: (0.01 m/s^2)^2, about a sensor's noise in a band, so that a dead channel is merely quiet."""


class FixedFeatures(nn.Module):
    """Windows `[batch, channels, steps]` in SI units to rows of features; those of a missing sensor are NaN."""

    mount_free: bool = True

    def __init__(self, *, channels: int, width: int) -> None:
        super().__init__()
        self.sites, self.width = count_sites(channels), width

    def forward(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """One row of features a window."""
        seen = without_dead(imu)
        signals = mount_free(seen) if self.mount_free else seen
        return self.of_prepared(without_nan(signals), missing=missing_sensors(seen))

    def of_prepared(
        self, signals: Float32[Tensor, "batch channels steps"], *, missing: Bool[Tensor, "batch sites kinds"]
    ) -> Float32[Tensor, "batch features"]:
        """The same of signals, with 0 for NaN: mount-free ones or the channels as they are; and of missing sensors."""
        if self.mount_free:  # which takes force and rate to find the site's axes
            missing = missing.any(2, keepdim=True).expand(-1, -1, KINDS)
        return torch.where(self.affected(missing), torch.nan, self.describe(signals))

    @abstractmethod
    def describe(self, signals: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """The features of signals of which none is missing: what is, is 0."""

    @abstractmethod
    def affected(self, missing: Bool[Tensor, "batch sites kinds"]) -> Bool[Tensor, "batch features"]:
        """Which features need a sensor that is missing."""


class Spectra(FixedFeatures):
    """Spectra of the signals of each site, by site, force or rate, signal."""

    taper: Tensor
    frequency_hz: Tensor
    bands: Tensor

    def __init__(self, *, channels: int, steps: int, rate_hz: float, mount_free: bool = True) -> None:
        of_sensor = (AXES if mount_free else AXES + 1) * (len(BAND_EDGES_HZ) + 2)  # lengths join the axes
        super().__init__(channels=channels, width=count_sites(channels) * KINDS * of_sensor)
        self.mount_free, self.of_sensor = mount_free, of_sensor
        frequency_hz = torch.fft.rfftfreq(steps, d=1.0 / rate_hz)
        whole = torch.ones_like(frequency_hz, dtype=torch.bool)  # its power is the variance
        bands = [whole, *((frequency_hz >= low) & (frequency_hz < high) for low, high in pairwise(BAND_EDGES_HZ))]
        taper = torch.hann_window(steps, periodic=False)
        sides = torch.full_like(frequency_hz, 2.0)  # each bin stands for its negative frequency too
        sides[0], sides[(steps + 1) // 2 :] = 1.0, 1.0
        scale = sides / (steps * taper.square().sum())
        self.register_buffer("taper", taper, persistent=False)
        self.register_buffer("frequency_hz", frequency_hz, persistent=False)
        self.register_buffer("bands", torch.stack(bands, dim=1) * scale[:, None], persistent=False)

    def describe(self, signals: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """Mean, logarithms of variance and of the power in bands, dominant frequency of each signal."""
        by_site = self._by_site(signals)
        mean = by_site.mean(-1, keepdim=True)
        power = power_of((by_site - mean) * self.taper, points=by_site.shape[-1], bins=len(self.frequency_hz))
        strongest = (power * self.bands[:, 0]).max(-1, keepdim=True).indices  # `argmax` takes twice as long
        dominant_hz = self.frequency_hz[strongest]
        return torch.cat([mean, torch.log(power @ self.bands + NOISE_POWER), dominant_hz], dim=-1).flatten(1)

    def affected(self, missing: Bool[Tensor, "batch sites kinds"]) -> Bool[Tensor, "batch features"]:
        """Each sensor's own."""
        return missing.flatten(1).repeat_interleave(self.of_sensor, dim=1)

    def _by_site(
        self, signals: Float32[Tensor, "batch channels steps"]
    ) -> Float32[Tensor, "batch sites kinds signals steps"]:
        vectors = signals.reshape(-1, self.sites, KINDS, AXES, signals.shape[-1])
        if self.mount_free:
            return vectors
        lengths = vectors.square().sum(dim=3, keepdim=True).sqrt()  # `norm` takes sixty times as long
        return torch.cat([vectors, lengths], dim=3)


class Phases(FixedFeatures):
    """Coherences of all pairs of sites, of mount-free signals; for two sites or more."""

    def __init__(self, *, channels: int, steps: int) -> None:
        coherences = SiteCoherences(channels=channels, steps=steps)
        super().__init__(channels=channels, width=coherences.values)
        self.coherences = coherences

    def describe(self, signals: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """Real and imaginary parts, by harmonic of the stride, force or rate, pair."""
        coherences: Tensor = self.coherences(signals)
        return coherences

    def affected(self, missing: Bool[Tensor, "batch sites kinds"]) -> Bool[Tensor, "batch features"]:
        """Those of both sites of a pair."""
        later, earlier = self.coherences.pairs
        of_pairs = (missing[:, later] | missing[:, earlier]).transpose(1, 2)[:, None, ..., None]  # kinds pairs
        return of_pairs.expand(-1, len(HARMONICS), -1, -1, 2).flatten(1)
