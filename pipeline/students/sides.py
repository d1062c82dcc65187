"""What tells left from right: how a site's lateral movements stand to its sagittal ones within a stride.

Left and right canter mirror each other, and so do the reins of a circle. A mirror image of the horse changes the sign
of each site's lateral signals (force to the side, rates of roll and yaw) and leaves the sagittal ones (force along and
up, rate of pitch), so that every product of the one kind with the other changes its sign, whatever tempo, amplitude and
speed are. Axes have to be the body's, or nearly so.
"""

import torch
from jaxtyping import Bool, Float32
from torch import Tensor

from .fixed_features import FixedFeatures
from .mount_free import AXES
from .phases import HARMONICS, StrideCoefficients
from .site_spectra import count_sites

LATERAL, SAGITTAL = slice(1, None, 2), slice(0, None, 2)
"""Of a site's channels: force along x to the front, y to the left, z up, then rate about x, y, z."""


class Sides(FixedFeatures):
    """Of each site, at once and twice the stride's rate, its lateral Fourier coefficients times the conjugates of its
    sagittal ones. Force and rate are brought to length one first: the products tell phases and shares, no size."""

    mount_free = False

    def __init__(self, *, channels: int, steps: int) -> None:
        self.products = AXES * AXES * 2  # real and imaginary
        super().__init__(channels=channels, width=len(HARMONICS) * count_sites(channels) * self.products)
        self.stride = StrideCoefficients(steps=steps)

    def describe(self, signals: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """By harmonic of the stride, site, lateral signal, sagittal signal: real and imaginary part."""
        by_site = self.stride.coefficients(signals).transpose(2, 3)  # batch harmonics sites kinds 2 3
        real, imaginary = (part.flatten(3) for part in by_site.unbind(-2))
        real_side, imaginary_side = (part[..., LATERAL, None] for part in (real, imaginary))
        real_along, imaginary_along = (part[..., None, SAGITTAL] for part in (real, imaginary))
        products = (
            real_side * real_along + imaginary_side * imaginary_along,
            imaginary_side * real_along - real_side * imaginary_along,
        )
        return torch.stack(products, dim=-1).flatten(1)

    def affected(self, missing: Bool[Tensor, "batch sites kinds"]) -> Bool[Tensor, "batch features"]:
        """All of a site that lacks its force or its rate."""
        of_sites = missing.any(2)[:, None, :, None]
        return of_sites.expand(-1, len(HARMONICS), -1, self.products).flatten(1)
