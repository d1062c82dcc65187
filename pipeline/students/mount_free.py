"""Signals of a site that stay the same however its sensor is turned, and on either side or rein of the horse.

The axes of a body are found again in each window. The mean specific force points up, u: over whole strides the horse
neither rises nor falls, so that gravity is left. Across it a site turns mostly about one axis, p, the principal axis of
the horizontal angular rate, which points to the side on which the rate is skewed to positive values; p x u points
along the horse. Force and rate along these three axes are signals of which none depends on the mount: a turned mount
turns the axes with it.

A mirror image M changes a to M a and the rate w, an axial vector, to -M w. Then u becomes M u, p becomes -M p, and
p x u becomes M (p x u): forces along u and p x u and the rate about p stay, the other three signals change their
signs. Of those the sizes are taken, so that a mirrored horse, the other rein, and a sensor on the other side or whose
lateral axis has the other sign all give the same signals. What is lost is left and right: leads are alike.

Where a site turns about no axis more than about another, which axis is found varies from window to window.
"""

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from ...data.sites import CHANNELS

KINDS, AXES = 2, len(CHANNELS) // 2
"""Of a site: specific force and angular rate, each on the axes x, y and z."""
SIGNED = ((True, False, True), (False, True, False))
"""Signals that keep their sign, of force and of rate: those that a mirror image leaves alone."""


def mount_free(imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
    """In place of each site's six channels: force and rate along the horse, to its side and up; in m/s^2 and rad/s.

    The lateral force and the rates about the other two axes are without their sign. What is missing (NaN) stays so, and
    with it what has no direction then: all without the force, the horizontal forces without the rate.
    """
    batch, channels, steps = imu.shape
    vectors = imu.reshape(batch, channels // len(CHANNELS), KINDS, AXES, steps)
    axes = body_axes(vectors[:, :, 0], rate=torch.nan_to_num(vectors[:, :, 1]))
    level = torch.tensor([True, True, False], device=imu.device)[:, None]  # axes that the rate decides
    unknown = vectors[:, :, 1].sum((-2, -1)).isnan()[..., None, None] & level
    seen = torch.where(unknown, torch.nan, axes)[:, :, None] @ vectors  # a sample with a NaN is NaN along all axes
    signals = (
        seen[:, :, kind, axis] if SIGNED[kind][axis] else seen[:, :, kind, axis].abs()
        for kind in range(KINDS)
        for axis in range(AXES)
    )
    return torch.stack(list(signals), dim=2).reshape(batch, channels, steps)


def body_axes(
    force: Float32[Tensor, "batch sites 3 steps"], *, rate: Float32[Tensor, "batch sites 3 steps"]
) -> Float32[Tensor, "batch sites 3 3"]:
    """Unit vectors along the horse, to its side and up, in the axes of each sensor, as the module describes them."""
    up = nn.functional.normalize(force.mean(-1), dim=-1)
    first, second = _across(up)
    turning = torch.stack([first, second], dim=2) @ (rate - rate.mean(-1, keepdim=True))
    (own_first, mixed), (_, own_second) = ((row.unbind(-1)) for row in (turning @ turning.mT).unbind(-2))
    angle = 0.5 * torch.atan2(2 * mixed, own_first - own_second)[..., None]  # of the ellipse's long axis
    skew = (angle.cos() * turning[:, :, 0] + angle.sin() * turning[:, :, 1]).pow(3).sum(-1, keepdim=True)
    side = (angle.cos() * first + angle.sin() * second) * torch.where(skew < 0, -1.0, 1.0)
    return torch.stack([torch.linalg.cross(side, up), side, up], dim=2)


def _across(up: Float32[Tensor, "batch sites 3"]) -> tuple[Tensor, Tensor]:
    """Two unit vectors at right angles to each of these and to each other: the columns of the turn that carries the
    nearer of z and -z to it."""
    x, y, z = up.unbind(-1)
    side = torch.where(z < 0, -1.0, 1.0)
    shrink = -1.0 / (side + z)
    first = torch.stack([1 + side * x * x * shrink, side * x * y * shrink, -side * x], dim=-1)
    return first, torch.stack([x * y * shrink, side + y * y * shrink, -y], dim=-1)


def without_dead(imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
    """The windows in which a sensor whose three axes never move is missing (NaN): no live sensor is free of noise."""
    batch, channels, steps = imu.shape
    sensors = imu.reshape(batch, channels // AXES, AXES, steps)
    dead = (sensors.amax(-1) == sensors.amin(-1)).all(2)
    return torch.where(dead[..., None, None], torch.nan, sensors).reshape(batch, channels, steps)
