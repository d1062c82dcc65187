"""Augmentation: a batch of windows disturbed in ways in which horses, mounts, sensors and going differ.

Order: the horse (mirror, time warp, magnitude warp), then what it wears (gain, mount rotation, noise, shift in time,
silent sites). Each kind is described in `augmentation`, where its pictures are; windows are re-cut before, as they are
drawn.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float32
from torch import Tensor

from ...data.sites import CHANNELS
from .gain import vary_gain, warp_magnitude
from .mirror import mirror
from .mounts import rotate_mounts
from .sensors import add_noise, shift, silent_sites
from .settings import AugmentSettings
from .time_warp import warp_time


def augment(
    imu: Float32[Tensor, "batch channels steps"],
    *,
    settings: AugmentSettings,
    silence: Float32[Tensor, "channels"],
    generator: torch.Generator,
    sites: Sequence[str] = (),
) -> Float32[Tensor, "batch channels steps"]:
    """Disturbed copies of the windows; `silence` is what a site shows when it drops out, its training mean.

    `sites` are their names in channel order, which the mirror alone needs.
    """
    disturbed = disturb(imu, settings=settings, generator=generator, sites=sites)
    return fall_silent(disturbed, share=settings.site_dropout, silence=silence, generator=generator)


def disturb(
    imu: Float32[Tensor, "batch channels steps"],
    *,
    settings: AugmentSettings,
    generator: torch.Generator,
    sites: Sequence[str] = (),
) -> Float32[Tensor, "batch channels steps"]:
    """The same with every site still there."""
    batch, channels, steps = imu.shape
    knots = settings.warp_knots
    out = imu.reshape(batch, channels // len(CHANNELS), 2, 3, steps)  # the third axis: force or rate
    out = mirror(out, share=settings.mirror, sites=sites, generator=generator)
    out = warp_time(out, deviation=settings.time_warp, knots=knots, generator=generator)
    out = warp_magnitude(out, deviation=settings.magnitude_warp, knots=knots, generator=generator)
    out = vary_gain(out, deviation=settings.scale, generator=generator)
    out = rotate_mounts(out, degrees=settings.rotation_degrees, generator=generator)
    out = add_noise(out, m_s2=settings.noise_m_s2, rad_s=settings.noise_rad_s, generator=generator)
    out = shift(out, most=settings.shift_steps, generator=generator)
    return out.reshape(batch, channels, steps)


def fall_silent(
    imu: Float32[Tensor, "batch channels steps"],
    *,
    share: float,
    silence: Float32[Tensor, "channels"],
    generator: torch.Generator,
) -> Float32[Tensor, "batch channels steps"]:
    """Sites of windows fall silent, each with this probability; an only site never does."""
    sites = imu.shape[1] // len(CHANNELS)
    if share == 0 or sites == 1:
        return imu
    silent = silent_sites(len(imu), sites=sites, share=share, generator=generator)
    return torch.where(silent.repeat_interleave(len(CHANNELS), dim=1)[..., None], silence[:, None], imu)
