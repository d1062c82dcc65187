"""Sensor faults: noise, a shift in time, dropout."""

import torch
from jaxtyping import Bool, Float32
from torch import Tensor


def add_noise(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, m_s2: float, rad_s: float, generator: torch.Generator
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """White noise of these standard deviations on specific force and on angular rate."""
    if not (m_s2 or rad_s):
        return imu
    noise = torch.randn(imu.shape, generator=generator, device=imu.device)
    noise[:, :, 0] *= m_s2  # Python numbers: a tensor made here would be copied to a GPU synchronously
    noise[:, :, 1] *= rad_s
    return noise.add_(imu)


def shift(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, most: int, generator: torch.Generator
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """Shift each window by up to `most` steps, all sites together; the edge sample fills the gap."""
    if most == 0:
        return imu
    batch, steps = len(imu), imu.shape[-1]
    by = torch.randint(-most, most + 1, (batch, 1), generator=generator, device=imu.device)
    source = (torch.arange(steps, device=imu.device) + by).clamp(0, steps - 1)
    return imu.gather(-1, source[:, None, None, None, :].expand_as(imu))


def dropped_sites(
    windows: int, *, sites: int, share: float, generator: torch.Generator
) -> Bool[Tensor, "windows sites"]:
    """Which sites of which windows are dropped, each with probability `share`; on the generator's device."""
    return torch.rand((windows, sites), generator=generator, device=generator.device) < share
