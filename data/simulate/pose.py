"""Where every part of the horse is at any time: the one function that film and sensors share.

`straight_pose` is the horse on a straight line, as a camera that goes beside it sees it. `pose` lays that line along
the ride's track: the horse in the world, which sensors measure. Without a track (easy yard) both are one.

Axes of `straight_pose`: x along the ride, y left, z up, metres; world axes are alike where the track begins. Angles are
roll (about x), pitch (about y, nose down positive) and yaw (about z, to the left positive), in radians.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from . import extras
from .gaits import LIMBS
from .limbs import limb_shape
from .ride import WANDER, Ride
from .rotations import body_to_world, to_angles
from .schedule import bout_weights
from .strides import (
    ABDUCTION,
    COLUMNS,
    GLIDE,
    LIMB_ANGLES,
    NOD,
    POLL_Z,
    ROLL_PELVIS,
    ROLL_WITHERS,
    SACRUM_HEIGHT_M,
    SACRUM_Z,
    SURGE,
    SWAY,
    WITHERS_HEIGHT_M,
    WITHERS_Z,
    YAW,
    phase_basis,
    pivot_height_m,
)

TRUNK_LENGTH_M = 0.85
"""Withers to sacrum."""
NECK_BASE_M = (0.16, -0.14)
"""Root of the neck before and above the withers."""
POLL_M = (0.70, 0.26)
"""Poll before and above the withers at rest."""


@dataclass(frozen=True)
class Pose:
    """The horse at some times."""

    withers: Float64[Array, "time 3"]
    sacrum: Float64[Array, "time 3"]
    poll: Float64[Array, "time 3"]
    withers_angles: Float64[Array, "time 3"]
    """Roll, pitch, yaw of the front of the trunk."""
    pelvis_angles: Float64[Array, "time 3"]
    head_angles: Float64[Array, "time 3"]
    """Zero pitch as the head is carried at rest."""
    limb_points: Float64[Array, "time limb joint 3"]
    """Limbs LH, LF, RH, RF; pivot, elbow (stifle), carpus (hock), fetlock, hoof."""
    cannon_angles: Float64[Array, "time limb 3"]
    """Roll, pitch, yaw of the cannon bones; zero when they stand upright."""


def pose(ride: Ride, *, time_seconds: Float64[Array, "time"], limbs: bool = True) -> Pose:
    """The horse of a ride in the world at any film times (in any order); without `limbs` those are left out (NaN)."""
    body = straight_pose(ride, time_seconds=time_seconds, limbs=limbs)
    if ride.track is None:
        return body
    rotation, place = ride.track.rotation(time_seconds), ride.track.place_m(time_seconds)
    begin, nothing = ride.travel_m(time_seconds), np.zeros(time_seconds.size)
    origin, gone = np.column_stack([place, nothing]), np.stack([begin, nothing, nothing], axis=1)
    points, joints, cannons = {}, np.full_like(body.limb_points, np.nan), np.full_like(body.cannon_angles, np.nan)
    for name in ("withers", "sacrum", "poll"):
        points[name] = origin + np.einsum("tij,tj->ti", rotation, getattr(body, name) - gone)
    for name in ("withers_angles", "pelvis_angles", "head_angles"):
        points[name] = to_angles(rotation @ body_to_world(getattr(body, name)))
    for limb in range(len(LIMBS) if limbs else 0):
        from_here = body.limb_points[:, limb] - gone[:, None, :]
        joints[:, limb] = origin[:, None, :] + np.einsum("tij,tkj->tki", rotation, from_here)
        cannons[:, limb] = to_angles(rotation @ body_to_world(body.cannon_angles[:, limb]))
    return replace(body, limb_points=joints, cannon_angles=cannons, **points)


def straight_pose(ride: Ride, *, time_seconds: Float64[Array, "time"], limbs: bool = True) -> Pose:
    """The horse of a ride as if its track were a straight line along x, at any film times (in any order)."""
    horse, size = ride.horse, ride.horse.scale
    slow = dict(zip(WANDER, ride.wander(time_seconds).T, strict=True))
    wave, still = _waves(ride, time_seconds, slow["tempo"], slow["amplitude"])
    beside = _beside_the_strides(ride, time_seconds, wave)
    length = TRUNK_LENGTH_M * size * horse.trunk_length
    height = horse.height_m
    rise_front = wave[:, WITHERS_Z] + 0.0008 * still * slow["z"]
    rise_back = wave[:, SACRUM_Z] + 0.0012 * still * slow["lean"]
    pitch = np.arcsin((rise_back - rise_front) / length)
    yaw = wave[:, YAW] + 0.015 * slow["yaw"] * (1.0 - still)
    x = ride.travel_m(time_seconds) + wave[:, SURGE] + 0.0012 * still * slow["x"]
    y = wave[:, SWAY] + 0.0012 * still * slow["y"]
    half = 0.5 * length * np.cos(pitch)
    along = np.stack([half * np.cos(yaw), half * np.sin(yaw)], axis=1)
    middle = np.stack([x, y], axis=1)
    withers = np.column_stack([middle + along, height + rise_front])
    sacrum = np.column_stack([middle - along, height * SACRUM_HEIGHT_M / WITHERS_HEIGHT_M + rise_back])
    withers_angles = np.stack([wave[:, ROLL_WITHERS], pitch, yaw], axis=1)
    roll_pelvis = wave[:, ROLL_PELVIS] + 0.012 * still * slow["rest"]
    poll, head_pitch = _head(ride, withers, wave[:, POLL_Z] - rise_front, wave[:, NOD], still, slow)
    head_roll = 0.5 * wave[:, ROLL_WITHERS]
    head_yaw = yaw
    if beside is not None:
        head_roll, head_yaw = head_roll + beside[:, extras.HEAD_ROLL], yaw + beside[:, extras.HEAD_YAW]
    return Pose(
        withers=withers,
        sacrum=sacrum,
        poll=poll,
        withers_angles=withers_angles,
        pelvis_angles=np.stack([roll_pelvis, pitch, yaw], axis=1),
        head_angles=np.stack([head_roll, head_pitch, head_yaw], axis=1),
        limb_points=_limb_points(ride, withers, sacrum, pitch, wave)
        if limbs
        else np.full((time_seconds.size, len(LIMBS), 5, 3), np.nan),
        cannon_angles=_cannon_angles(wave, yaw),
    )


def stride_phase(ride: Ride, *, time_seconds: Float64[Array, "time"]) -> Float64[Array, "time"]:
    """Strides done since the ride began, as a growing number; its fraction is the phase of the gait."""
    return np.asarray(ride.phase(time_seconds))


def _waves(
    ride: Ride, times: Float64[Array, "time"], tempo: Float64[Array, "time"], amplitude: Float64[Array, "time"]
) -> tuple[Float64[Array, "time columns"], Float64[Array, "time"]]:
    """All columns of `strides` at some times, blended over the bouts, and how much of the horse is standing."""
    weights = bout_weights(ride.bouts, time_seconds=times)
    phase = stride_phase(ride, time_seconds=times)
    total = np.zeros((times.size, COLUMNS))
    still = np.zeros(times.size)
    for bout, weight in zip(ride.bouts, weights, strict=True):
        at = np.flatnonzero(weight > 0.0)
        if bout.gait == "stand":
            still += weight
            total[at] += weight[at, None] * ride.strides.standing
        elif at.size:
            total[at] += weight[at, None] * (phase_basis(phase[at]) @ ride.strides.series[bout.series])
    # Quicker strides are flatter ones (free fall), and strides differ by some per cent beyond that.
    vary = 1.0 + 0.03 * amplitude - 2.0 * ride.horse.tempo_cv * tempo
    total[:, : NOD + 1] *= vary[:, None]
    return total, still


def _beside_the_strides(
    ride: Ride, times: Float64[Array, "time"], wave: Float64[Array, "time columns"]
) -> Float64[Array, "time extras"] | None:
    """Lays over the waves what the horse does beside its strides, and the ground; gives the former."""
    if ride.extras is None or ride.track is None:
        return None
    beside = np.asarray(ride.extras(times))
    wave += beside[:, [extras.AIRBORNE]] * (ride.strides.standing - wave)
    half = 0.5 * TRUNK_LENGTH_M * ride.horse.scale * ride.horse.trunk_length
    metres = ride.travel_m(times)
    (front, tilt_front), (back, tilt_back) = ride.track.ground(metres + half), ride.track.ground(metres - half)
    on_ground = 1.0 - beside[:, extras.AIRBORNE]
    wave[:, WITHERS_Z] += beside[:, extras.FRONT_Z] + on_ground * front
    wave[:, SACRUM_Z] += beside[:, extras.BACK_Z] + on_ground * back
    wave[:, POLL_Z] += beside[:, extras.FRONT_Z] + ride.horse.scale * beside[:, extras.POLL_Z]
    wave[:, ROLL_WITHERS] += beside[:, extras.ROLL] + on_ground * tilt_front
    wave[:, ROLL_PELVIS] += beside[:, extras.ROLL] + on_ground * tilt_back
    for column, extra in ((SURGE, extras.SURGE), (SWAY, extras.SWAY), (NOD, extras.NOD)):
        wave[:, column] += beside[:, extra]
    for limb, (fold, radians) in enumerate(extras.FOLDS):
        first = LIMB_ANGLES.start + 4 * limb
        wave[:, first : first + 4] += beside[:, [fold]] * radians
    return beside


def _head(
    ride: Ride,
    withers: Float64[Array, "time 3"],
    rise: Float64[Array, "time"],
    nod: Float64[Array, "time"],
    still: Float64[Array, "time"],
    slow: dict[str, Float64[Array, "time"]],
) -> tuple[Float64[Array, "time 3"], Float64[Array, "time"]]:
    """Poll and pitch of the head: the poll's height is given, the neck swings about its root to reach it."""
    size = ride.horse.scale
    length_m = size * ride.horse.neck_length * float(np.hypot(POLL_M[0] - NECK_BASE_M[0], POLL_M[1] - NECK_BASE_M[1]))
    at_rest = float(np.arctan2(POLL_M[1] - NECK_BASE_M[1], POLL_M[0] - NECK_BASE_M[0]))
    up_at_rest = length_m * np.sin(at_rest)
    free = (0.02 + 0.07 * still) * slow["carriage"] + 0.05 * still * slow["head_free"]
    up = _held_between(up_at_rest + rise + size * free, -0.9 * length_m, 0.97 * length_m, softly=ride.track is not None)
    angle = np.arcsin(up / length_m)
    x = withers[:, 0] + size * NECK_BASE_M[0] + length_m * np.cos(angle)
    z = withers[:, 2] + size * NECK_BASE_M[1] + up
    pitch = -0.5 * (angle - at_rest) + nod + 0.03 * (1.0 + still) * slow["head_pitch"]
    return np.stack([x, withers[:, 1], z], axis=1), pitch


def _held_between(values: Float64[Array, "time"], low: float, high: float, *, softly: bool) -> Float64[Array, "time"]:
    """Values kept within bounds; `softly` without a kink, which a sensor would feel as a blow."""
    if not softly:
        return np.asarray(np.clip(values, low, high))
    soft = 0.03 * (high - low)
    values = -soft * np.logaddexp(-values / soft, -high / soft)
    return np.asarray(np.minimum(soft * np.logaddexp(values / soft, low / soft), high))


def _limb_points(
    ride: Ride,
    withers: Float64[Array, "time 3"],
    sacrum: Float64[Array, "time 3"],
    pitch: Float64[Array, "time"],
    wave: Float64[Array, "time columns"],
) -> Float64[Array, "time limb joint 3"]:
    leg = ride.horse.scale * ride.horse.leg_length
    angles = wave[:, LIMB_ANGLES].reshape(-1, len(LIMBS), 4)
    points = np.empty((len(wave), len(LIMBS), 5, 3))
    for limb in range(len(LIMBS)):
        shape = limb_shape(limb)
        end, end_height = (withers, WITHERS_HEIGHT_M) if limb % 2 else (sacrum, SACRUM_HEIGHT_M)
        side = shape.pivot_m[1] * ride.horse.scale * (1.0 if limb < 2 else -1.0)
        below = leg * pivot_height_m(limb) - ride.horse.scale * end_height
        ahead = ride.horse.scale * (shape.pivot_m[0] + wave[:, GLIDE][:, limb])
        points[:, limb, 0, 0] = end[:, 0] + ahead * np.cos(pitch) + below * np.sin(pitch)
        points[:, limb, 0, 1] = end[:, 1] + side
        points[:, limb, 0, 2] = end[:, 2] + below * np.cos(pitch) - ahead * np.sin(pitch)
        outward = np.sin(wave[:, ABDUCTION][:, limb])
        for joint, length in enumerate(shape.lengths_m):
            step = (
                leg
                * length
                * np.stack([np.sin(angles[:, limb, joint]), outward, -np.cos(angles[:, limb, joint])], axis=1)
            )
            points[:, limb, joint + 1] = points[:, limb, joint] + step
    return points


def _cannon_angles(wave: Float64[Array, "time columns"], yaw: Float64[Array, "time"]) -> Float64[Array, "time limb 3"]:
    """A bone whose lower end swings forward turns nose up: its pitch is minus its angle."""
    forward = wave[:, LIMB_ANGLES].reshape(-1, len(LIMBS), 4)[:, :, 2]
    turned = np.broadcast_to(yaw[:, None], forward.shape)
    return np.stack([wave[:, ABDUCTION], -forward, turned], axis=2)
