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
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from ...data.sites import CHANNELS

KINDS, AXES = 2, len(CHANNELS) // 2
"""Of a site: specific force and angular rate, each on the axes x, y and z."""
SIGNED = ((True, False, True), (False, True, False))
"""Signals that keep their sign, of force and of rate: those that a mirror image leaves alone."""
ROUND = 1e-12
"""Squares of angular rates summed over a window, below which a site turns about no axis."""


def mount_free(imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
    """In place of each site's six channels: force and rate along the horse, to its side and up; in m/s^2 and rad/s.

    The lateral force and the rates about the other two axes are without their sign. What is missing (NaN) stays so, and
    with it what has no direction then: all without the force, the horizontal forces without the rate.
    """
    batch, channels, steps = imu.shape
    vectors = imu.reshape(batch, channels // len(CHANNELS), KINDS, AXES, steps)
    lost = vectors.sum(3, keepdim=True).isnan()  # a sum of NaN is NaN: in ONNX a third of the operators of any()
    known = torch.where(lost, 0.0, vectors)
    axes = body_axes(vectors[:, :, 0], rate=known[:, :, 1])
    level = torch.tensor([True, True, False], device=imu.device)[:, None]  # axes that the rate decides
    unknown = vectors[:, :, 1].sum((2, 3))[..., None, None].isnan() & level
    seen = torch.where(unknown, torch.nan, axes)[:, :, None] @ known
    signed = torch.tensor(SIGNED, device=imu.device)[..., None]
    return torch.where(lost, torch.nan, torch.where(signed, seen, seen.abs())).reshape(batch, channels, steps)


def body_axes(
    force: Float32[Tensor, "batch sites 3 steps"], *, rate: Float32[Tensor, "batch sites 3 steps"]
) -> Float32[Tensor, "batch sites 3 3"]:
    """Unit vectors along the horse, to its side and up, in the axes of each sensor, as the module describes them."""
    up = nn.functional.normalize(force.mean(-1), dim=-1)
    across, hand = _across(up)
    turning = across @ (rate - rate.mean(-1, keepdim=True))
    (first, mixed), (_, second) = ((row.unbind(-1)) for row in (turning @ turning.mT).unbind(-2))
    cos_sin = _long_axis(first - second, mixed)
    skew = (cos_sin[..., None, :] @ turning).pow(3).sum(-1)
    cos, sin = torch.where(skew < 0, -cos_sin, cos_sin).chunk(2, dim=-1)
    turn = torch.stack([torch.cat([hand * sin, -hand * cos], dim=-1), torch.cat([cos, sin], dim=-1)], dim=-2)
    return torch.cat([turn @ across, up[..., None, :]], dim=-2)


def _long_axis(difference: Float32[Tensor, "batch sites"], mixed: Float32[Tensor, "batch sites"]) -> Tensor:
    """Cosine and sine of the angle of the long axis of an ellipse [[a, m], [m, b]], by a - b and m; 1, 0 of a circle.

    (d + r, 2m) and (2m, r - d), with r^2 = d^2 + 4m^2, both lie along it; their sum is short for no angle.
    """
    double = 2.0 * mixed
    length = torch.sqrt(difference.square() + double.square())
    side = torch.where(mixed < 0, -1.0, 1.0)
    along = torch.stack([difference + length + double.abs() + ROUND, double + side * (length - difference)], dim=-1)
    axis: Tensor = along / torch.linalg.vector_norm(along, dim=-1, keepdim=True)
    return axis


def _across(up: Float32[Tensor, "batch sites 3"]) -> tuple[Tensor, Tensor]:
    """Two unit vectors at right angles to each of these and to each other, by the mirror (Householder) that carries
    each to the farther of z and -z; and 1 where the three are right-handed, -1 where they are left-handed."""
    hand = torch.where(up[..., 2:] < 0, -1.0, 1.0)
    unit = torch.eye(AXES, device=up.device)
    normal = up + hand * unit[2]
    shrunk = normal[..., :2] / (1.0 + up[..., 2:].abs())
    return unit[:2] - shrunk[..., None] * normal[..., None, :], hand


def missing_sensors(seen: Float32[Tensor, "batch channels steps"]) -> Bool[Tensor, "batch sites 2"]:
    """Which sensors, of force and of rate, lack a sample in a window: it is NaN."""
    batch, channels, steps = seen.shape
    missing: Tensor = seen.reshape(batch, channels // len(CHANNELS), KINDS, AXES * steps).sum(3).isnan()
    return missing


def without_dead(imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch channels steps"]:
    """The windows in which a sensor whose three axes never move is missing (NaN): no live sensor is free of noise."""
    batch, channels, steps = imu.shape
    sensors = imu.reshape(batch, channels // AXES, AXES, steps)
    dead = (sensors.amax(-1) == sensors.amin(-1)).all(2)
    return torch.where(dead[..., None, None], torch.nan, sensors).reshape(batch, channels, steps)


def without_nan(signals: Float32[Tensor, "*axes"]) -> Float32[Tensor, "*axes"]:
    """The signals with 0 for NaN, in a fifth of the time of `where`."""
    return torch.nan_to_num(signals, nan=0.0, posinf=torch.inf, neginf=-torch.inf)
