"""Per site: each sensor alone is put to the film, beside the whole (after MoBind's alignment of single limbs, 2026).

A student that mixes channels has no tokens of one sensor, so it is shown one at a time, the others missing:

    loss = mean over sites s of pair(z1 of the windows with s alone, z2)

which is sensor dropout at its hardest: what is left must do. `pair` is SigLIP or InfoNCE with a scale of its own.
"""

import torch
from jaxtyping import Float32
from torch import Tensor

from ...data.sites import CHANNELS
from .infonce import InfoNce
from .objective import Objective, PairObjective, Shape
from .settings import InfoNceSettings, PerSiteSettings
from .siglip import SigLip
from .training_batch import Lesson


class PerSite(Objective):
    """The loss with its comparison of a lone sensor and film."""

    def __init__(self, settings: PerSiteSettings, *, shape: Shape) -> None:
        super().__init__(settings)
        self.sites = shape.channels // len(CHANNELS)
        self.many = min(settings.sites or self.sites, self.sites)
        pair = settings.pair
        self.pair: PairObjective = (
            InfoNce(pair, shape=shape) if isinstance(pair, InfoNceSettings) else SigLip(pair, shape=shape)
        )

    def judge(self, lesson: Lesson) -> Float32[Tensor, ""]:
        """Every site alone, or as many as are drawn."""
        drawn = lesson.some(self.many, out_of=self.sites).unbind() if self.many < self.sites else range(self.sites)
        losses = [self.pair.compare(lesson.see(alone(lesson.worn, site=site)), lesson=lesson) for site in drawn]
        return torch.stack(losses).mean()

    def after_step(self, lesson: Lesson) -> None:
        """What the comparison does."""
        self.pair.after_step(lesson)

    def state(self) -> dict[str, Tensor]:
        """What the comparison learned."""
        return self.pair.state()


def alone(
    windows: Float32[Tensor, "batch channels steps"], *, site: int | Tensor
) -> Float32[Tensor, "batch channels steps"]:
    """The windows with this site's channels, all others missing."""
    kept = torch.arange(windows.shape[1], device=windows.device) // len(CHANNELS) == site
    return torch.where(kept[:, None], windows, torch.nan)
