"""A horse seen from the side: capsules laid over the joints of its pose, far ones first."""

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
WHITE = np.array([222.0, 218.0, 210.0])
HOOF = np.array([58.0, 52.0, 46.0])
FAR_TONE = 0.62
"""Brightness of the legs on the far side."""
HEAD_LENGTH_M = 0.56
HEAD_SLOPE_RADIANS = 0.87
"""Head below the horizontal as it is carried at rest."""
SOLE_M = 0.045
"""The drawn hoof's radius: its centre stays this far above the ground."""
SHADE = 0.30
MUSCLE = {"feather_m": 0.07, "shade": 0.16}
"""Shoulder and thigh run into the trunk without an edge."""


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
    feather_m: Float64[Array, "part"]
    """Width over which an edge runs into what is behind it; 0 is a sharp edge."""
    shade: Float64[Array, "part"]
    """How much darker the lower edge is than the middle."""
    away: Float64[Array, "part"]
    """-1 for the near side of the horse, 1 for the far side, 0 in the middle."""


@dataclass(frozen=True)
class _Part:
    """One capsule over time."""

    start: Float64[Array, "time 2"]
    stop: Float64[Array, "time 2"]
    radii: tuple[float, float]
    colour: Float64[Array, "3"]
    away: float = 0.0
    feather_m: float = 0.0
    shade: float = SHADE


class _Appearance:
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


def horse_capsules(
    body: Pose, *, horse: Horse, near_left: bool, tail_swing: Float64[Array, "time"], ridden: bool = False
) -> Capsules:
    """The horse seen from its left (`near_left`) or right; `tail_swing` in radians, forward positive."""
    appearance = _Appearance(horse)
    near, far = ((0, 1), (2, 3)) if near_left else ((2, 3), (0, 1))
    parts = [part for limb in far for part in _limb(body, appearance, limb=limb, tone=FAR_TONE, away=1.0)]
    parts += _tail(body, appearance, tail_swing)
    parts += _trunk(body, appearance)
    parts += _neck_and_head(body, appearance)
    parts += [part for limb in near for part in _limb(body, appearance, limb=limb, tone=1.0, away=-1.0)]
    parts += _rider(body, horse) if ridden else []
    return Capsules(
        start=np.stack([part.start for part in parts], axis=1),
        stop=np.stack([part.stop for part in parts], axis=1),
        radius=np.array([part.radii for part in parts]),
        colour=np.array([part.colour for part in parts]),
        feather_m=np.array([part.feather_m for part in parts]),
        shade=np.array([part.shade for part in parts]),
        away=np.array([part.away for part in parts]),
    )


def _flat(points: Float64[Array, "time 3"]) -> Float64[Array, "time 2"]:
    return points[:, [0, 2]]


def _turned(pitch: Float64[Array, "time"], forward: float, up: float) -> Float64[Array, "time 2"]:
    """A vector of the sagittal plane, turned nose down by `pitch`."""
    c, s = np.cos(pitch), np.sin(pitch)
    return np.stack([forward * c + up * s, up * c - forward * s], axis=1)


def _limb(body: Pose, appearance: _Appearance, *, limb: int, tone: float, away: float) -> list[_Part]:
    pivot, elbow, knee, fetlock, hoof = (_flat(body.limb_points[:, limb, joint]) for joint in range(5))
    fore, bone, girth = bool(limb % 2), appearance.bone, appearance.girth
    coat, points, horn = appearance.body * tone, appearance.points * tone, HOOF * tone
    lower = WHITE * tone if appearance.socks[limb] else points
    upper_radii = (0.17 * girth, 0.095 * girth) if fore else (0.21 * girth, 0.125 * girth)
    middle_radii = (0.088 * bone, 0.055 * bone) if fore else (0.108 * bone, 0.058 * bone)
    shin = knee + 0.4 * (fetlock - knee)
    sole = hoof + np.array([0.0, SOLE_M * appearance.size])
    heel, toe = sole + 0.15 * (fetlock - sole), sole + 0.25 * (sole - fetlock)
    return [
        _Part(pivot, elbow, upper_radii, coat, away, **(MUSCLE if away < 0 else {})),
        _Part(elbow, knee, middle_radii, coat, away),
        _Part(knee, shin, (0.054 * bone, 0.042 * bone), points, away),
        _Part(shin, fetlock, (0.040 * bone, 0.046 * bone), lower, away),
        _Part(fetlock, sole, (0.046 * bone, 0.042 * bone), lower, away),
        _Part(heel, toe, (0.050 * bone, 0.054 * bone), horn, away),
    ]


def _trunk(body: Pose, appearance: _Appearance) -> list[_Part]:
    pitch, size, girth, coat = body.withers_angles[:, 1], appearance.size, appearance.girth, appearance.body
    withers, sacrum = _flat(body.withers), _flat(body.sacrum)
    chest = withers + _turned(pitch, 0.14 * size, -0.37 * size)
    croup = sacrum + _turned(pitch, -0.02 * size, -0.31 * size)
    belly = 0.5 * (chest + croup) + _turned(pitch, 0.02 * size, -0.03 * size)
    buttock = sacrum + _turned(pitch, -0.20 * size, -0.34 * size)
    breast = withers + _turned(pitch, 0.30 * size, -0.36 * size)
    spine = withers + _turned(pitch, 0.0, -0.10 * size)
    return [
        _Part(croup, buttock, (0.29 * girth, 0.25 * girth), coat),
        _Part(chest, breast, (0.33 * girth, 0.235 * girth), coat),
        _Part(belly, croup, (0.335 * girth, 0.30 * girth), coat),
        _Part(chest, belly, (0.345 * girth, 0.335 * girth), coat),
        _Part(spine, chest, (0.11 * size, 0.2 * size), coat, **MUSCLE),
    ]


def _neck_and_head(body: Pose, appearance: _Appearance) -> list[_Part]:
    size, girth, head, coat = appearance.size, appearance.girth, appearance.head, appearance.body
    pitch, poll, withers = body.withers_angles[:, 1], _flat(body.poll), _flat(body.withers)
    root = withers + _turned(pitch, 0.20 * size, -0.24 * size)
    crest = withers + _turned(pitch, 0.08 * size, -0.02 * size)
    throat, forelock = poll + np.array([0.02, -0.07]) * size, poll + np.array([-0.03, 0.02]) * size
    along = _turned(body.head_angles[:, 1] + HEAD_SLOPE_RADIANS, 1.0, 0.0)
    muzzle = poll + HEAD_LENGTH_M * head * along + np.array([0.02, -0.04]) * size
    cheek = poll + 0.17 * head * along + np.array([-0.01, -0.09]) * size
    ear, eye = poll + np.array([0.01, 0.13]) * head, poll + 0.15 * head * along
    nose = 0.5 * ((WHITE if appearance.blaze else appearance.points) + coat)
    return [
        _Part(crest, forelock, (0.075 * size, 0.06 * size), appearance.mane),
        _Part(root, throat, (0.25 * girth, 0.125 * girth), coat),
        _Part(poll, ear, (0.035 * head, 0.014 * head), 0.9 * coat),
        _Part(cheek, muzzle, (0.125 * head, 0.07 * head), coat),
        _Part(poll + 0.3 * head * along, muzzle, (0.075 * head, 0.062 * head), coat),
        _Part(muzzle - 0.03 * head * along, muzzle, (0.064 * head, 0.062 * head), nose),
        _Part(eye, eye, (0.02 * head, 0.02 * head), 0.25 * coat),
    ]


def _tail(body: Pose, appearance: _Appearance, swing: Float64[Array, "time"]) -> list[_Part]:
    size = appearance.size
    dock = _flat(body.sacrum) + np.array([-0.40, -0.10]) * size
    middle = dock + _turned(swing, -0.13 * size, -0.26 * size)
    tip = middle + _turned(1.6 * swing, -0.05 * size, -0.40 * size)
    return [
        _Part(dock, middle, (0.05 * size, 0.075 * size), appearance.mane),
        _Part(middle, tip, (0.075 * size, 0.03 * size), appearance.mane),
    ]


def _rider(body: Pose, horse: Horse) -> list[_Part]:
    """A rider: boots, breeches, coat and hat; children ride ponies."""
    rng, size = np.random.default_rng(horse.markings + 1), 0.4 + 0.6 * min(horse.scale, 1.0)
    pitch, saddle = body.withers_angles[:, 1], _flat(body.withers)
    coat, breeches, hat = (rng.uniform(low, high, 3) for low, high in ((30, 200), (60, 230), (20, 90)))
    hip = saddle + _turned(pitch, -0.26 * horse.scale, 0.06 * size)
    shoulder = hip + size * _turned(0.4 * pitch, 0.06, 0.52)
    knee, hand = hip + size * _turned(pitch, 0.26, -0.34), saddle + size * _turned(pitch, 0.10, 0.16)
    foot, head = knee + size * _turned(pitch, -0.14, -0.40), shoulder + size * _turned(0.4 * pitch, 0.04, 0.24)
    return [
        _Part(shoulder, hip, (0.14 * size, 0.13 * size), coat),
        _Part(shoulder, hand, (0.055 * size, 0.04 * size), 0.9 * coat),
        _Part(hip, knee, (0.10 * size, 0.075 * size), breeches),
        _Part(knee, foot, (0.07 * size, 0.05 * size), np.full(3, 36.0)),
        _Part(head, head, (0.11 * size, 0.11 * size), hat),
    ]
