"""Time warp: the horse moves at a slowly varying speed, all sites together.

After Um et al. 2017 (cited in `gain`), a window is read at times tau(t) that run from its first sample to its last with
a smooth random speed f = dtau/dt > 0. The mean of f over the window is 1: both ends stay, so that window and film
still show the same movement. Where their warp moves samples alone, a movement that is done f times as fast also
turns f times as fast, and is accelerated f^2 times as much (r(tau(t))'' = f^2 r'' + f' r'):

    g(t) = f g0(tau)          a(t) = G + f^2 (a0(tau) - G)

G, gravity as the sensor sees it, is taken to be the window's mean of a: over whole strides accelerations cancel. Two
things are neglected: that gravity tilts with the site within a stride (7 degrees of pitch are 1.2 m/s^2, which are
scaled along), and f' r', which would need velocities. Both grow with the SD; at 0.1 the scaling is off by about a fifth
of that tilt.
"""

import torch
from jaxtyping import Float32
from torch import Tensor

from .curves import random_curves


def warp_time(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, deviation: float, knots: int, generator: torch.Generator
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """Windows whose speed is exp of a smooth curve of this SD at its knots, divided by its mean over the window."""
    if deviation == 0:
        return imu
    batch, steps = len(imu), imu.shape[-1]
    curves = random_curves((batch,), steps=steps, knots=knots, generator=generator, device=imu.device)
    return at_speed(imu, speed=(deviation * curves).exp())


def at_speed(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, speed: Float32[Tensor, "batch steps"]
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """The windows read at these speeds, scaled so that both ends stay."""
    last = imu.shape[-1] - 1
    progress = torch.nn.functional.pad((speed[:, 1:] + speed[:, :-1]) / 2, (1, 0)).cumsum(1)
    scale = last / progress[:, -1:]
    moved = interpolated(imu, at=(progress * scale).clamp(0, last))
    factor = (speed * scale)[:, None, None, :]
    gravity = imu[:, :, 0].mean(-1, keepdim=True)
    force = gravity + factor.square() * (moved[:, :, 0] - gravity)
    return torch.stack([force, factor * moved[:, :, 1]], dim=2)


def interpolated(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, at: Float32[Tensor, "batch moments"]
) -> Float32[Tensor, "batch sites 2 3 moments"]:
    """Values between samples, by cubic convolution over four of them (Keys 1981, a = -1/2); edges are repeated.

    Halfway between two samples it keeps 95 % of an oscillation of a fifth of the rate (10 Hz of 50), where a straight
    line keeps 81 %.
    """
    last = imu.shape[-1] - 1
    left = at.floor().clamp(0, last - 1)
    u = at - left
    weights = (
        u * (-0.5 + u * (1.0 - 0.5 * u)),
        1.0 + u * u * (1.5 * u - 2.5),
        u * (0.5 + u * (2.0 - 1.5 * u)),
        u * u * (0.5 * u - 0.5),
    )
    out = torch.zeros((*imu.shape[:-1], at.shape[1]), device=imu.device)
    for offset, weight in enumerate(weights, start=-1):
        source = (left.long() + offset).clamp(0, last)[:, None, None, None, :]
        out += weight[:, None, None, None, :] * imu.gather(-1, source.expand(*imu.shape[:-1], -1))
    return out
