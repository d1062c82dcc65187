"""Augmentation: a batch of windows disturbed in ways in which horses, mounts, sensors and scenery differ.

Everything is drawn at once for the whole batch and computed without a loop over windows. Order: gain, mount rotation,
noise, shift in time, silent sites. Rotation keeps |a| and |g|; one mount turns specific force and angular rate alike.
"""

import math

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from ..data.sites import CHANNELS
from .settings import AugmentSettings


def augment(
    imu: Float32[Tensor, "batch channels steps"],
    *,
    settings: AugmentSettings,
    silence: Float32[Tensor, "channels"],
    generator: torch.Generator,
) -> Float32[Tensor, "batch channels steps"]:
    """Disturbed copies of the windows; `silence` is what a site shows when it drops out, its training mean."""
    batch, channels, steps = imu.shape
    sites = channels // len(CHANNELS)
    out = imu.reshape(batch, sites, 2, 3, steps)  # the third axis: force or rate
    out = _gain(out, deviation=settings.scale, generator=generator)
    out = _rotate(out, degrees=settings.rotation_degrees, generator=generator)
    out = _noise(out, settings=settings, generator=generator)
    out = _shift(out, most=settings.shift_steps, generator=generator)
    silent = _drop(out, share=settings.site_dropout, generator=generator)
    quiet = silence.reshape(1, sites, 2, 3, 1)
    return torch.where(silent, quiet, out).reshape(batch, channels, steps)


def swap_looks(
    film: Float32[Tensor, "batch dim"],
    *,
    recording: Int64[Tensor, "batch"],
    looks: Float32[Tensor, "recordings dim"],
    share: float,
    generator: torch.Generator,
) -> Float32[Tensor, "batch dim"]:
    """Film features of which this share has lost its recording's mean feature and taken another recording's.

    A teacher's features tell coat, light and scenery before they tell movement. Those are the same all through a
    recording, so that with few horses pairs can be told apart by them alone, and nothing of that holds for others.
    """
    if share == 0:
        return film
    other = torch.randint(len(looks), (len(film),), generator=generator, device=film.device)
    chosen = torch.rand((len(film), 1), generator=generator, device=film.device) < share
    return torch.where(chosen, film - looks[recording] + looks[other], film)


def rotation_matrices(
    axis: Float32[Tensor, "*many 3"], *, angle_radians: Float32[Tensor, "*many"]
) -> Float32[Tensor, "*many 3 3"]:
    """Rotations about unit axes by angles (Rodrigues): cos I + sin K + (1 - cos) k k'."""
    x, y, z = axis.unbind(-1)
    nought = torch.zeros_like(x)
    cross = torch.stack([nought, -z, y, z, nought, -x, -y, x, nought], dim=-1).reshape(*x.shape, 3, 3)
    cosine, sine = angle_radians.cos()[..., None, None], angle_radians.sin()[..., None, None]
    outer = axis[..., :, None] * axis[..., None, :]
    unit = torch.eye(3, device=axis.device)
    turn: Tensor = cosine * unit + sine * cross + (1 - cosine) * outer
    return turn


def _gain(imu: Tensor, *, deviation: float, generator: torch.Generator) -> Tensor:
    if deviation == 0:
        return imu
    shape = (len(imu), imu.shape[1], 2, 1, 1)
    return imu * (1 + deviation * torch.randn(shape, generator=generator, device=imu.device))


def _rotate(imu: Tensor, *, degrees: float, generator: torch.Generator) -> Tensor:
    if degrees == 0:
        return imu
    shape = (len(imu), imu.shape[1])
    axis = torch.randn((*shape, 3), generator=generator, device=imu.device)
    angle = math.radians(degrees) * torch.randn(shape, generator=generator, device=imu.device)
    turn = rotation_matrices(torch.nn.functional.normalize(axis, dim=-1), angle_radians=angle)
    return turn[:, :, None] @ imu


def _noise(imu: Tensor, *, settings: AugmentSettings, generator: torch.Generator) -> Tensor:
    deviations = (settings.noise_m_s2, settings.noise_rad_s)
    if not any(deviations):
        return imu
    spread = torch.tensor(deviations, device=imu.device).reshape(2, 1, 1)
    return imu + spread * torch.randn(imu.shape, generator=generator, device=imu.device)


def _shift(imu: Tensor, *, most: int, generator: torch.Generator) -> Tensor:
    if most == 0:
        return imu
    batch, steps = len(imu), imu.shape[-1]
    by = torch.randint(-most, most + 1, (batch, 1), generator=generator, device=imu.device)
    source = (torch.arange(steps, device=imu.device) + by).clamp(0, steps - 1)
    return imu.gather(-1, source[:, None, None, None, :].expand_as(imu))


def _drop(imu: Tensor, *, share: float, generator: torch.Generator) -> Tensor:
    shape = (len(imu), imu.shape[1], 1, 1, 1)
    if share == 0:
        return torch.zeros(shape, dtype=torch.bool, device=imu.device)
    return torch.rand(shape, generator=generator, device=imu.device) < share
