"""Signals of a site that stay the same however its sensor is turned, and on either side or rein of the horse.

The mean specific force of a window points up: over whole strides the horse neither rises nor falls, so that gravity is
left. Along it and across it, force and rate split into parts of which no rotation of the mount changes the sizes:

    u = mean(a) / |mean(a)|;  a_v = a . u;  a_h = |a - a_v u|;  w_v = |w . u|;  w_h = |w - (w . u) u|

Of a turned mount R, mean(R a) = R mean(a), and R leaves products and lengths alone. A mirror image keeps them too: it
changes the sign of w . u alone, which is left out. So do sensors whose lateral axes have the other sign. What is lost
is left and right: leads cannot be told apart by these signals.
"""

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from ...data.sites import CHANNELS
KINDS, AXES = 2, len(CHANNELS) // 2
"""Of a site: specific force and angular rate, each on the axes x, y and z."""


def mount_free(imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
    """In place of each site's six channels: a_v, a_h, |a| in m/s^2, then w_v, w_h, |w| in rad/s.

    What is missing (NaN) stays so; without specific force up is unknown, and of the rate |w| alone is left.
    """
    batch, channels, steps = imu.shape
    vectors = imu.reshape(batch, channels // len(CHANNELS), KINDS, AXES, steps)
    up = nn.functional.normalize(vectors[:, :, :1].mean(-1, keepdim=True), dim=3)
    along = (vectors * up).sum(3, keepdim=True)
    across = (vectors - along * up).norm(dim=3, keepdim=True)
    signed = torch.cat([along[:, :, :1], along[:, :, 1:].abs()], dim=2)
    return torch.cat([signed, across, vectors.norm(dim=3, keepdim=True)], dim=3).reshape(batch, channels, steps)


def without_dead(imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
    """The windows in which a sensor whose three axes never move is missing (NaN): no live sensor is free of noise."""
    batch, channels, steps = imu.shape
    sensors = imu.reshape(batch, channels // AXES, AXES, steps)
    dead = (sensors.amax(-1) == sensors.amin(-1)).all(2)
    return torch.where(dead[..., None, None], torch.nan, sensors).reshape(batch, channels, steps)
