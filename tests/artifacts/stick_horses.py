"""Films of simulated horses as sticks or limbs, as keypoint tracks would show them, and how a simulated horse moves."""

import math

import numpy as np
from equigait.data.simulate import Pose, Ride
from equigait.data.simulate.pose import straight_pose, stride_phase
from jaxtyping import Float32, Float64, UInt8
from numpy import ndarray as Array

from .capsules import SIZE, Strokes, draw, sticks

PER_FRAME = 4
"""Samples of motion for each frame of film."""
STICK_BACKGROUND = 40.0
JITTER_PIXELS = (0.1, 0.8)
"""Spread of each joint of a stick figure about its place, as pose estimation leaves it."""
RADII_M = (0.15, 0.09, 0.055, 0.045, 0.04)
"""Half the thickness of limbs, from pivot to hoof."""


def horse_motion(ride: Ride, times: Float64[Array, "samples"]) -> Float32[Array, "samples 18"]:
    """How the horse moves on a straight line, in sizes of the average horse.

    Hooves LH, LF, RH, RF forward of their pivots, then their heights; heights of withers, sacrum, and of the poll above
    the withers; poll before the withers; pitch of trunk and head; speed; cosine of what it has turned on the spot;
    strides done, and share of the hooves' travel that is a stride's (0 where the horse stands).
    """
    body, size = straight_pose(ride, time_seconds=times), ride.horse.scale
    hooves = body.limb_points[:, :, 4]
    turned = np.cos(ride.track.facing(times)) if ride.track is not None else np.ones(times.size)
    columns = [
        *((hooves - body.limb_points[:, :, 0])[:, :, 0].T / size),
        *(hooves[:, :, 2].T / size),
        *((body.withers[:, 2] / size, body.sacrum[:, 2] / size)),
        *((body.poll - body.withers)[:, axis] / size for axis in (2, 0)),
        *(body.withers_angles[:, 1], body.head_angles[:, 1]),
        *(ride.travel_m(times, 1) / size, turned),
        *(stride_phase(ride, time_seconds=times), np.asarray(ride.phase(times, 1))),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def film_of_sticks(
    ride: Ride, times: Float64[Array, "frames"], *, rng: np.random.Generator
) -> UInt8[Array, "frames 64 64"]:
    """The ride as a figure that stays in the middle of the frame: white sticks, or limbs of one tone or by depth."""
    body = straight_pose(ride, time_seconds=times)
    joints, bones = _joints(body, ride=ride, times=times)
    yaw = rng.normal(0.0, 0.3) + (math.pi if rng.random() < 0.5 else 0.0)
    if ride.track is not None:
        yaw = yaw + ride.track.facing(times)[:, None]
    x, y = joints[:, :, 0], joints[:, :, 1]
    seen = np.stack([x * np.cos(yaw) + y * np.sin(yaw), -joints[:, :, 2], y * np.cos(yaw) - x * np.sin(yaw)], axis=2)
    seen[:, :, 2] *= -1.0  # left of the horse is away from a camera on its right
    seen -= np.median(seen, axis=1, keepdims=True)
    pixels = rng.uniform(0.33, 0.48) * SIZE / np.percentile(np.abs(seen[:, :, :2]), 98)
    as_sticks = rng.random() < 0.65
    placed = seen * pixels + np.array([SIZE / 2, SIZE / 2, 0.0]) + np.append(rng.normal(0.0, 1.0, 2), 0.0)
    if as_sticks:
        placed[:, :, :2] += rng.uniform(*JITTER_PIXELS) * rng.standard_normal((*placed.shape[:2], 2))
    a, b = (placed[:, [bone[end] for bone in bones]] for end in range(2))
    return draw(_look(a, b, as_sticks=as_sticks, pixels=pixels, rng=rng), background=_behind(as_sticks, rng))


def _joints(
    body: Pose, *, ride: Ride, times: Float64[Array, "frames"]
) -> tuple[Float64[Array, "frames joints 3"], list[tuple[int, int]]]:
    """Joints about the middle of the trunk, in metres, and which of them bones connect: limbs, trunk, head, tail."""
    size = ride.horse.scale
    pitch = body.head_angles[:, 1] + 0.87  # the head below the horizontal
    muzzle = body.poll + 0.5 * size * np.stack([np.cos(pitch), 0 * pitch, -np.sin(pitch)], axis=1)
    dock = body.sacrum + size * np.array([-0.40, 0.0, -0.10])
    tail = dock + size * np.array([-0.2, 0.0, -0.6])
    trunk = np.stack([body.withers, body.sacrum, body.poll, muzzle, dock, tail], axis=1)
    joints = np.concatenate([body.limb_points.reshape(len(times), 20, 3), trunk], axis=1)
    withers, sacrum, poll, nose, root, tip = range(20, 26)
    bones = [(5 * limb + joint, 5 * limb + joint + 1) for limb in range(4) for joint in range(4)]
    bones += [(sacrum, 0), (withers, 5), (sacrum, 10), (withers, 15), (withers, sacrum)]
    bones += [(withers, poll), (poll, nose), (sacrum, root), (root, tip)]
    middle = 0.5 * (body.withers + body.sacrum)
    middle[:, 2] = 0.0
    return joints - middle[:, None], bones


def _look(
    a: Float64[Array, "frames bones 3"],
    b: Float64[Array, "frames bones 3"],
    *,
    as_sticks: bool,
    pixels: float,
    rng: np.random.Generator,
) -> Strokes:
    """Strokes of the bones: thin and white, or as thick as the horse."""
    bones = a.shape[1]
    if as_sticks:
        return sticks(a, b, radius=rng.uniform(0.4, 0.7))
    limb = np.array([(RADII_M[joint], RADII_M[joint + 1]) for joint in range(4)])
    trunk = np.array([[0.2, 0.15]] * 4 + [[0.30, 0.28], [0.2, 0.12], [0.1, 0.06], [0.12, 0.07], [0.06, 0.05]])
    radius = np.concatenate([limb] * 4 + [trunk]) * pixels
    by_depth = rng.random() < 0.6
    tone = np.full(bones, rng.uniform(90, 190)) if by_depth else rng.uniform(60, 220) + rng.normal(0, 12, bones)
    return Strokes(a, b, radius, tone, by_nearness=rng.uniform(1.0, 4.0) if by_depth else 0.0)


def _behind(as_sticks: bool, rng: np.random.Generator) -> Float64[Array, "64 64"]:
    level = STICK_BACKGROUND if as_sticks else float(rng.choice([0.0, rng.uniform(0, 255)]))
    return np.full((SIZE, SIZE), level)
