"""Per site: each sensor alone is compared with the film (after MoBind's alignment of single limbs, 2026).

A student that mixes channels has no tokens of one sensor, so it encodes one site at a time, the others missing:

    loss = mean over sites s of pair(z1 of the windows with s alone, z2)

an extreme form of sensor dropout. `pair` is SigLIP or InfoNCE with its own scale.
"""

import torch
from jaxtyping import Float32
from torch import Tensor

from ...data.sites import CHANNELS
from .forward_pass import ForwardPass
from .infonce import InfoNce
from .objective import Objective, PairObjective, Shape
from .settings import InfoNceSettings, PerSiteSettings
from .siglip import SigLip


class PerSite(Objective):
    """Mean of a pair loss over views of the windows that have one site each (after MoBind, 2026).

        loss = mean over sites s of pair(z1 of the windows with s alone, z2)

    with unit vectors z1 (sensors) and z2 (film) `[batch, shared]`.

        >>> shape = Shape(batch=2, channels=12, steps=250, shared=8, token_width=16)
        >>> PerSite(PerSiteSettings(sites=5), shape=shape).count  # no more than there are
        2
        >>> alone(torch.ones(1, 12, 1), site=1).isnan().sum()
        tensor(6)
    """

    def __init__(self, settings: PerSiteSettings, *, shape: Shape) -> None:
        super().__init__(settings)
        self.sites = shape.channels // len(CHANNELS)
        self.count = min(settings.sites or self.sites, self.sites)
        pair = settings.pair
        self.pair: PairObjective = (
            InfoNce(pair, shape=shape) if isinstance(pair, InfoNceSettings) else SigLip(pair, shape=shape)
        )

    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """The mean over every site, or over `sites` random ones."""
        drawn = (
            forward.sample_indices(self.count, below=self.sites).unbind()
            if self.count < self.sites
            else range(self.sites)
        )
        before = forward.batch.before_dropout
        losses = [self.pair.pair_loss(forward.encode(alone(before, site=site)), forward=forward) for site in drawn]
        return torch.stack(losses).mean()

    def after_step(self, forward: ForwardPass) -> None:
        """That of the pair loss."""
        self.pair.after_step(forward)

    def state(self) -> dict[str, Tensor]:
        """That of the pair loss."""
        return self.pair.state()


def alone(
    windows: Float32[Tensor, "batch channels steps"], *, site: int | Tensor
) -> Float32[Tensor, "batch channels steps"]:
    """The windows with this site's channels, all others missing (NaN)."""
    kept = torch.arange(windows.shape[1], device=windows.device) // len(CHANNELS) == site
    return torch.where(kept[:, None], windows, torch.nan)
