"""Rotations from body to world, as matrices: from roll, pitch and yaw, from a rotation vector, and their rates."""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array


def body_to_world(angles: Float64[Array, "time 3"]) -> Float64[Array, "time 3 3"]:
    """Rz(yaw) Ry(pitch) Rx(roll): its columns are the body's axes in the world."""
    sr, sp, sy = np.sin(angles).T
    cr, cp, cy = np.cos(angles).T
    matrix = np.empty((len(angles), 3, 3))
    matrix[:, 0] = np.stack([cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr], axis=1)
    matrix[:, 1] = np.stack([sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr], axis=1)
    matrix[:, 2] = np.stack([-sp, cp * sr, cp * cr], axis=1)
    return matrix


def to_angles(rotation: Float64[Array, "time 3 3"]) -> Float64[Array, "time 3"]:
    """Roll, pitch and yaw of `body_to_world`, in radians; pitch within a quarter turn."""
    roll = np.arctan2(rotation[:, 2, 1], rotation[:, 2, 2])
    pitch = -np.arcsin(np.clip(rotation[:, 2, 0], -1.0, 1.0))
    return np.stack([roll, pitch, np.arctan2(rotation[:, 1, 0], rotation[:, 0, 0])], axis=1)


def from_vector(vector: Float64[Array, "3"]) -> Float64[Array, "3 3"]:
    """Rotation about a vector by its length in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle == 0.0:
        return np.eye(3)
    x, y, z = vector / angle
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1.0 - np.cos(angle)) * cross @ cross)


def angular_rate(
    before: Float64[Array, "time 3 3"],
    now: Float64[Array, "time 3 3"],
    after: Float64[Array, "time 3 3"],
    *,
    step_seconds: float,
) -> Float64[Array, "time 3"]:
    """Rate about the body's own axes in rad/s, from rotations a step before and after: the vector of R' dR/dt."""
    change = (after - before) / (2.0 * step_seconds)
    x, y, z = (now[:, :, i] for i in range(3))
    dx, dy, dz = (change[:, :, i] for i in range(3))
    return np.stack([np.sum(z * dy, axis=1), np.sum(x * dz, axis=1), np.sum(y * dx, axis=1)], axis=1)
