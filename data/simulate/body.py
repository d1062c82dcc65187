"""What a horse looks like from the side: capsules laid over the joints of its pose, far ones first."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .horse import Horse
from .pose import Pose

COAT_COLOURS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]]] = {
    "bay": ((118, 70, 40), (36, 28, 26), (30, 24, 22)),
    "chestnut": ((150, 84, 44), (140, 78, 42), (128, 70, 36)),
    "black": ((48, 44, 44), (36, 33, 33), (28, 26, 26)),
    "grey": ((178, 176, 174), (128, 126, 126), (206, 204, 200)),
    "dun": ((182, 152, 106), (66, 54, 44), (48, 40, 34)),
    "palomino": ((206, 164, 98), (200, 160, 100), (232, 216, 180)),
}
"""Body, lower legs, mane and tail in RGB."""
WHITE = (222, 218, 210)
HOOF = (58, 52, 46)
FAR_TONE = 0.62
"""Brightness of the legs on the far side."""
HEAD_LENGTH_M = 0.56
HEAD_SLOPE_RADIANS = 0.87
"""Head below the horizontal as it is carried at rest."""
SOLE_M = 0.045
"""The drawn hoof's radius: its centre stays this far above the ground."""


@dataclass(frozen=True)
class Capsules:
    """Round-ended tapered strokes, in the order in which they are painted; the sagittal plane, in metres."""

    start: Float64[Array, "time part 2"]
    """Forward and up."""
    stop: Float64[Array, "time part 2"]
    radius: Float64[Array, "part 2"]
    """At start and stop."""
    colour: Float64[Array, "part 3"]
    """RGB from 0 to 255."""
    away: Float64[Array, "part"]
    """-1 for the near side of the horse, 1 for the far side, 0 in the middle."""


class _Sketch:
    """Collects strokes."""

    def __init__(self) -> None:
        self.parts: list[tuple[np.ndarray, np.ndarray, tuple[float, float], np.ndarray, float]] = []

    def add(
        self,
        start: Float64[Array, "time 2"],
        stop: Float64[Array, "time 2"],
        radii: tuple[float, float],
        colour: Float64[Array, "3"],
        away: float = 0.0,
    ) -> None:
        """One stroke on top of those before."""
        self.parts.append((start, stop, radii, colour, away))

    def finish(self) -> Capsules:
        """All strokes as arrays."""
        start, stop, radii, colours, away = zip(*self.parts, strict=True)
        return Capsules(
            np.stack(start, axis=1), np.stack(stop, axis=1), np.array(radii), np.array(colours), np.array(away)
        )


def horse_capsules(body: Pose, *, horse: Horse, near_left: bool, slow_tail: Float64[Array, "time"]) -> Capsules:
    """The horse seen from its left (`near_left`) or right. `slow_tail` swings the tail, in radians."""
    sketch = _Sketch()
    looks = _Looks(horse)
    near = (0, 1) if near_left else (2, 3)
    for limb in (0, 1, 2, 3):
        if limb not in near:
            _limb(sketch, body, looks, limb=limb, tone=FAR_TONE, away=1.0)
    _tail(sketch, body, looks, slow_tail)
    _trunk(sketch, body, looks)
    _neck_and_head(sketch, body, looks)
    for limb in near:
        _limb(sketch, body, looks, limb=limb, tone=1.0, away=-1.0)
    return sketch.finish()


class _Looks:
    """Sizes and colours of one horse."""

    def __init__(self, horse: Horse) -> None:
        rng = np.random.default_rng(horse.markings)
        body, points, mane = (np.array(colour, float) for colour in COAT_COLOURS[horse.coat])
        shade = rng.uniform(0.85, 1.12)
        self.size = horse.scale
        self.girth = horse.scale * horse.girth
        self.bone = horse.scale * horse.bone
        self.head = horse.scale * horse.head_size
        self.body, self.points, self.mane = body * shade, points * shade, mane
        self.socks = rng.random(4) < 0.3
        self.blaze = bool(rng.random() < 0.4)


def _flat(points: Float64[Array, "time 3"]) -> Float64[Array, "time 2"]:
    return points[:, [0, 2]]


def _turned(pitch: Float64[Array, "time"], forward: float, up: float) -> Float64[Array, "time 2"]:
    """A vector of the sagittal plane, turned nose down by `pitch`."""
    c, s = np.cos(pitch), np.sin(pitch)
    return np.stack([forward * c + up * s, up * c - forward * s], axis=1)


def _limb(sketch: _Sketch, body: Pose, looks: _Looks, *, limb: int, tone: float, away: float) -> None:
    joints = [_flat(body.limb_points[:, limb, joint]) for joint in range(5)]
    fore = bool(limb % 2)
    bone, coat = looks.bone, looks.body * tone
    lower = (np.array(WHITE, float) if looks.socks[limb] else looks.points) * tone
    upper_radii = (0.17, 0.095) if fore else (0.21, 0.125)
    middle_radii = (0.088, 0.055) if fore else (0.108, 0.058)
    sketch.add(joints[0], joints[1], (looks.girth * upper_radii[0], looks.girth * upper_radii[1]), coat, away)
    sketch.add(joints[1], joints[2], (bone * middle_radii[0], bone * middle_radii[1]), coat, away)
    knee_to_cannon = joints[2] + 0.4 * (joints[3] - joints[2])
    sketch.add(joints[2], knee_to_cannon, (bone * 0.054, bone * 0.042), looks.points * tone, away)
    sketch.add(knee_to_cannon, joints[3], (bone * 0.040, bone * 0.046), lower, away)
    sole = joints[4] + np.array([0.0, SOLE_M * looks.size])
    sketch.add(joints[3], sole, (bone * 0.046, bone * 0.042), lower, away)
    toe = sole + 0.25 * (sole - joints[3])
    sketch.add(sole + 0.15 * (joints[3] - sole), toe, (bone * 0.050, bone * 0.054), np.array(HOOF, float) * tone, away)


def _trunk(sketch: _Sketch, body: Pose, looks: _Looks) -> None:
    pitch, size, girth = body.withers_angles[:, 1], looks.size, looks.girth
    withers, sacrum = _flat(body.withers), _flat(body.sacrum)
    chest = withers + _turned(pitch, 0.14 * size, -0.37 * size)
    croup = sacrum + _turned(pitch, -0.02 * size, -0.31 * size)
    belly = 0.5 * (chest + croup) + _turned(pitch, 0.02 * size, -0.03 * size)
    buttock = sacrum + _turned(pitch, -0.20 * size, -0.34 * size)
    point = withers + _turned(pitch, 0.30 * size, -0.36 * size)
    sketch.add(croup, buttock, (0.29 * girth, 0.25 * girth), looks.body)
    sketch.add(chest, point, (0.33 * girth, 0.235 * girth), looks.body)
    sketch.add(belly, croup, (0.335 * girth, 0.30 * girth), looks.body)
    sketch.add(chest, belly, (0.345 * girth, 0.335 * girth), looks.body)
    sketch.add(withers + _turned(pitch, 0.0, -0.10 * size), chest, (0.11 * size, 0.2 * size), looks.body)


def _neck_and_head(sketch: _Sketch, body: Pose, looks: _Looks) -> None:
    size, girth, head = looks.size, looks.girth, looks.head
    pitch = body.withers_angles[:, 1]
    poll = _flat(body.poll)
    root = _flat(body.withers) + _turned(pitch, 0.20 * size, -0.24 * size)
    throat = poll + np.array([0.02, -0.07]) * size
    crest = _flat(body.withers) + _turned(pitch, 0.08 * size, -0.02 * size)
    along = _turned(body.head_angles[:, 1] + HEAD_SLOPE_RADIANS, 1.0, 0.0)
    muzzle = poll + HEAD_LENGTH_M * head * along + np.array([0.02, -0.04]) * size
    cheek = poll + 0.17 * head * along + np.array([-0.01, -0.09]) * size
    sketch.add(crest, poll + np.array([-0.03, 0.02]) * size, (0.075 * size, 0.06 * size), looks.mane)
    sketch.add(root, throat, (0.25 * girth, 0.125 * girth), looks.body)
    sketch.add(poll, poll + np.array([0.01, 0.13]) * head, (0.035 * head, 0.014 * head), looks.body * 0.9)
    sketch.add(cheek, muzzle, (0.125 * head, 0.07 * head), looks.body)
    sketch.add(poll + 0.3 * head * along, muzzle, (0.075 * head, 0.062 * head), looks.body)
    nose = np.array(WHITE, float) if looks.blaze else looks.points
    sketch.add(muzzle - 0.03 * head * along, muzzle, (0.064 * head, 0.062 * head), 0.5 * (nose + looks.body))


def _tail(sketch: _Sketch, body: Pose, looks: _Looks, swing: Float64[Array, "time"]) -> None:
    size = looks.size
    dock = _flat(body.sacrum) + np.array([-0.40, -0.10]) * size
    middle = dock + _turned(swing, -0.13 * size, -0.26 * size)
    tip = middle + _turned(1.6 * swing, -0.05 * size, -0.40 * size)
    sketch.add(dock, middle, (0.05 * size, 0.075 * size), looks.mane)
    sketch.add(middle, tip, (0.075 * size, 0.03 * size), looks.mane)
