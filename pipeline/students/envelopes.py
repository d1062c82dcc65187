"""Envelopes: how large each site's movement is from patch to patch, which a film shows as well as a sensor does.

Joints that pose estimation follows, and limbs in a film, quicken and rest at the same moments as the sensors on them.
A transformer learns to say when only from many windows; the envelope says it in a few.
"""

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from .site_spectra import active_sites, count_sites

POWER_FLOOR = 1e-2
"""Added before the logarithm, in units of the standardised signal: a tenth of a channel's spread is rest."""


class SiteEnvelopes(nn.Module):
    """A linear layer over the log power of force and of rate in each patch, site by site; each channel less its mean
    over the window, and summed over its three axes, so that a turned mount changes little."""

    def __init__(self, *, channels: int, patches: int, width: int) -> None:
        super().__init__()
        self.patches, self.width = patches, width
        self.tell = nn.Linear(count_sites(channels) * 2 * patches, width)

    def forward(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch width"]:
        """The part of each window's embedding that tells when sites moved how much; sites that are missing say 0."""
        missing = ~active_sites(standardised)
        envelope = self.log_power(standardised).masked_fill(missing[..., None, None], 0.0)
        embedding: Tensor = self.tell(envelope.flatten(1))
        return embedding

    def log_power(
        self, standardised: Float32[Tensor, "batch channels steps"]
    ) -> Float32[Tensor, "batch sites 2 patches"]:
        """Half the natural logarithm of the mean power in each patch: of force, then of rate."""
        moving = standardised.float() - standardised.float().mean(-1, keepdim=True)
        axes = moving.reshape(len(moving), count_sites(moving.shape[1]), 2, 3, self.patches, -1)
        return 0.5 * torch.log(axes.square().sum(3).mean(-1) + POWER_FLOOR)
