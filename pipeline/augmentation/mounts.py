"""Mount rotation: each sensor is attached at a slightly different angle."""

import math

import torch
from jaxtyping import Float32
from torch import Tensor


def rotate_mounts(
    imu: Float32[Tensor, "batch sites 2 3 steps"], *, degrees: float, generator: torch.Generator
) -> Float32[Tensor, "batch sites 2 3 steps"]:
    """Rotate each window's sites by N(0, degrees) about random axes; force and rate by the same rotation."""
    if degrees == 0:
        return imu
    shape = (len(imu), imu.shape[1])
    axis = torch.randn((*shape, 3), generator=generator, device=imu.device)
    angle = math.radians(degrees) * torch.randn(shape, generator=generator, device=imu.device)
    turn = rotation_matrices(torch.nn.functional.normalize(axis, dim=-1), angle_radians=angle)
    return turn[:, :, None] @ imu


def rotation_matrices(
    axis: Float32[Tensor, "*many 3"], *, angle_radians: Float32[Tensor, "*many"]
) -> Float32[Tensor, "*many 3 3"]:
    """Rotations about unit axes by angles (Rodrigues): cos I + sin K + (1 - cos) k k'."""
    x, y, z = axis.unbind(-1)
    zero = torch.zeros_like(x)
    cross = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1).reshape(*x.shape, 3, 3)
    cosine, sine = angle_radians.cos()[..., None, None], angle_radians.sin()[..., None, None]
    outer = axis[..., :, None] * axis[..., None, :]
    unit = torch.eye(3, device=axis.device)
    turn: Tensor = cosine * unit + sine * cross + (1 - cosine) * outer
    return turn
