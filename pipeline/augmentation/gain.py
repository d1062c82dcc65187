"""Gain of a site's signal: constant over the window, or changing slowly within it."""

import torch
from jaxtyping import Float32
from torch import Tensor

from .curves import random_curves


def vary_gain(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, deviation: float, generator: torch.Generator
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """One factor N(1, deviation) for each window and site, one for specific force and one for angular rate."""
    if deviation == 0:
        return imu
    shape = (len(imu), imu.shape[1], 2, 1, 1)
    return imu * (1 + deviation * torch.randn(shape, generator=generator, device=imu.device))


def warp_magnitude(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, deviation: float, knots: int, generator: torch.Generator
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """The same as a smooth curve over the window (Um et al. 2017, "Data augmentation of wearable sensor data for
    Parkinson's disease monitoring using convolutional neural networks"): N(1, deviation) at each knot.

    Their curves differ from axis to axis. Here the three axes of a site share one: directions, gravity's among them,
    stay as they are, and only strength changes.
    """
    if deviation == 0:
        return imu
    batch, sites, _, _, steps = imu.shape
    curves = random_curves((batch, sites, 2, 1), steps=steps, knots=knots, generator=generator, device=imu.device)
    return imu * (1 + deviation * curves)
