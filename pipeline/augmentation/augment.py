"""Augmentation: random changes of a batch of windows, as horses, mounts, sensors and speed differ.

Order: the horse (mirror, time warp, magnitude warp), then its sensors (gain, mount rotation, noise, shift in time,
sensor dropout). The folder's README describes each transform with a picture. Temporal jitter comes before: a window is
cut at another start when its batch is drawn.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float32
from torch import Tensor

from ...data.sites import CHANNELS
from .gain import vary_gain, warp_magnitude
from .mirror import mirror
from .mounts import rotate_mounts
from .sensors import add_noise, dropped_sites, shift
from .settings import AugmentSettings
from .time_warp import warp_time


def augment(
    imu: Float32[Tensor, "batch channels steps"],
    *,
    settings: AugmentSettings,
    fill_value: Float32[Tensor, "channels"],
    generator: torch.Generator,
    sites: Sequence[str] = (),
) -> Float32[Tensor, "batch channels steps"]:
    """Augmented copies of the windows: all transforms, then sensor dropout.

    `fill_value` is what a dropped site's channels show, in SI units: their training mean. `sites` are the names of the
    sites in channel order, which the mirror alone needs.
    """
    augmented = augment_sensors(imu, settings=settings, generator=generator, sites=sites)
    return sensor_dropout(augmented, share=settings.site_dropout, fill_value=fill_value, generator=generator)


def augment_sensors(
    imu: Float32[Tensor, "batch channels steps"],
    *,
    settings: AugmentSettings,
    generator: torch.Generator,
    sites: Sequence[str] = (),
) -> Float32[Tensor, "batch channels steps"]:
    """The same without sensor dropout."""
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


def sensor_dropout(
    imu: Float32[Tensor, "batch channels steps"],
    *,
    share: float,
    fill_value: Float32[Tensor, "channels"],
    generator: torch.Generator,
) -> Float32[Tensor, "batch channels steps"]:
    """Each site of each window is replaced by its fill value with probability `share`; a single site never is."""
    sites = imu.shape[1] // len(CHANNELS)
    if share == 0 or sites == 1:
        return imu
    dropped = dropped_sites(len(imu), sites=sites, share=share, generator=generator)
    return torch.where(dropped.repeat_interleave(len(CHANNELS), dim=1)[..., None], fill_value[:, None], imu)
