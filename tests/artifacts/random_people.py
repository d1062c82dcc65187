"""Films of random figures that stand upright like people, as a depth camera, a plain one or a stick artist sees them.

Hands go on random paths (lines, ellipses, eights, to and fro or once), legs stand, step, squat or lunge, everything at
random tempo: no action of any data set is meant. Lengths are in heights of the figure: x right in the picture, y up,
z towards the camera.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, UInt8
from numpy import ndarray as Array

from .capsules import SIZE, Strokes, draw, sticks

CLIP = 16
"""Frames that make one unit of time."""
ARM, LEG = (0.17, 0.22), (0.245, 0.245)
SHOULDER = np.array([0.105, 0.29, 0.0])
HIP = np.array([0.055, -0.02, 0.0])
STANDING = 0.51
"""Height of the pelvis."""
Path = Float64[Array, "time 3"]


@dataclass(frozen=True)
class Figure:
    """A figure's joints over time, about the place where it stands."""

    joints: dict[str, Path]
    bones: tuple[tuple[str, str, float, float], ...]
    """Two joints, and half the thickness at each."""


BONES = (
    *(("pelvis", "chest", 0.072, 0.082), ("chest", "neck", 0.075, 0.035), ("head", "head", 0.06, 0.06)),
    *((f"{side} shoulder", f"{side} elbow", 0.033, 0.028) for side in ("left", "right")),
    *((f"{side} elbow", f"{side} hand", 0.027, 0.026) for side in ("left", "right")),
    *(("left shoulder", "right shoulder", 0.035, 0.035),),
    *((f"{side} hip", f"{side} knee", 0.05, 0.038) for side in ("left", "right")),
    *((f"{side} knee", f"{side} foot", 0.036, 0.028) for side in ("left", "right")),
)
TOLD = ("left hand", "right hand", "left foot", "right foot", "head")
"""Joints whose way from the pelvis `person_motion` has; the pelvis itself comes last."""


def random_person(rng: np.random.Generator, *, samples: int, per_frame: int) -> Figure:
    """A figure that does something at random."""
    time = np.arange(samples) / (per_frame * CLIP)
    legs, drop, step = _legs(rng, time)
    lean = _envelope(rng, time) * rng.uniform(0.0, 1.0) * (rng.random() < 0.3) + 2.0 * drop
    side = 0.15 * rng.standard_normal() * _envelope(rng, time) * (rng.random() < 0.4)
    pelvis = np.stack([0 * time, STANDING - drop, 0 * time], axis=1) + _sway(rng, time)
    up = np.stack([np.sin(side), np.cos(side) * np.cos(lean), np.sin(lean)], axis=1)
    joints = {"pelvis": pelvis, "chest": pelvis + 0.20 * up, "neck": pelvis + 0.31 * up, "head": pelvis + 0.40 * up}
    tempo = math.exp(rng.uniform(math.log(0.4), math.log(4.0)))
    alike, shift = rng.random() < 0.4, rng.choice([0.0, 0.5])
    ways = [_hand(rng, time, tempo=tempo, step=step) for _ in range(2)]
    for number, (name, sign) in enumerate((("left", -1.0), ("right", 1.0))):
        out = np.array([sign, 1.0, 1.0])
        shoulder = pelvis + SHOULDER[1] * up + SHOULDER * out * np.array([1.0, 0.0, 0.0])
        way = np.roll(ways[0], int(shift * number * per_frame * CLIP / tempo), axis=0) if alike else ways[number]
        elbow, hand = _two_bones(shoulder, shoulder + way * out, lengths=ARM, pole=np.array([sign, -0.7, -0.5]))
        hip = pelvis + HIP * out
        knee, foot = _two_bones(hip, legs[number] * out, lengths=LEG, pole=np.array([0.2 * sign, 0.0, 1.0]))
        names = (f"{name} {part}" for part in ("shoulder", "elbow", "hand", "hip", "knee", "foot"))
        joints |= dict(zip(names, (shoulder, elbow, hand, hip, knee, foot), strict=True))
    return Figure(_turned(joints, rng=rng, time=time), BONES)


def person_motion(figure: Figure) -> Float32[Array, "samples 18"]:
    """Ways of the joints of `TOLD` from the pelvis, and of the pelvis, in heights of the figure."""
    pelvis = figure.joints["pelvis"]
    ways = [figure.joints[name] - pelvis for name in TOLD] + [pelvis - np.array([0.0, STANDING, 0.0])]
    return np.concatenate(ways, axis=1).astype(np.float32)


def film_of_person(figure: Figure, *, per_frame: int, rng: np.random.Generator) -> UInt8[Array, "frames 64 64"]:
    """The figure, whole in the frame, still camera."""
    tall = rng.uniform(0.5, 0.82) * SIZE
    middle = np.array([SIZE * rng.uniform(0.38, 0.62), SIZE * rng.uniform(0.88, 0.97), 0.0])
    look = rng.choice(["depth", "plain", "sticks"], p=[0.65, 0.2, 0.15])
    wide = rng.uniform(0.85, 1.5)
    a, b = (
        np.stack([figure.joints[bone[end]][::per_frame] for bone in figure.bones], axis=1) * tall * np.array([1, -1, 1])
        + middle
        for end in range(2)
    )
    radius = np.array([bone[2:] for bone in figure.bones]) * tall * wide
    if look == "sticks":
        thin = sticks(a, b, radius=rng.uniform(0.4, 0.8))
        return draw(thin, background=np.full((SIZE, SIZE), rng.choice([0.0, 40.0])))
    if look == "plain":
        tones = rng.uniform(40, 220) + rng.normal(0, 20, len(radius))
        return draw(Strokes(a, b, radius, tones), background=np.full((SIZE, SIZE), rng.uniform(0, 255)))
    strokes = Strokes(a, b, radius, np.full(len(radius), rng.uniform(80, 150)), by_nearness=rng.uniform(3.0, 8.0))
    return draw(strokes, background=np.zeros((SIZE, SIZE)))


def _envelope(rng: np.random.Generator, time: Float64[Array, "time"]) -> Float64[Array, "time"]:
    """0 and 1 in turn, with up to three smooth changes."""
    level = np.full(time.size, float(rng.random() < 0.5))
    for when in np.sort(rng.uniform(0.0, time[-1], int(rng.integers(1, 4)))):
        rise = 1.0 / (1.0 + np.exp(-(time - when) / rng.uniform(0.02, 0.12)))
        level = level * (1 - rise) + (1 - level[-1]) * rise
    return level


def _wave(rng: np.random.Generator, time: Float64[Array, "time"], *, tempo: float) -> Path:
    """A line, an ellipse or an eight in space, of unit size."""
    turn = 2 * math.pi * tempo * time + rng.uniform(0, 2 * math.pi)
    across, along = rng.normal(0, 1, 3), rng.normal(0, 1, 3) * rng.choice([0.0, 1.0], p=[0.4, 0.6])
    eight = rng.normal(0, 1, 3) * rng.choice([0.0, 0.7], p=[0.7, 0.3])
    return np.stack([np.sin(turn), np.cos(turn), np.sin(2 * turn)], axis=1) @ np.stack([across, along, eight])


def _hand(
    rng: np.random.Generator, time: Float64[Array, "time"], *, tempo: float, step: Float64[Array, "time"]
) -> Path:
    """The way of a right hand from its shoulder: hanging, swinging with the steps, or somewhere at work."""
    rest = np.array([0.04, -0.37, 0.03]) + 0.1 * rng.random() * step[:, None] * np.array([0.0, 0.3, 1.0])
    if rng.random() < 0.3:
        return rest
    own = tempo * (1.0 if rng.random() < 0.7 else rng.uniform(0.5, 2.0))
    centre = rng.uniform((-0.30, -0.20, 0.02), (0.32, 0.36, 0.36))
    work = centre + rng.uniform(0.02, 0.16) * (rng.random() < 0.8) * _wave(rng, time, tempo=own)
    busy = _envelope(rng, time)[:, None] if rng.random() < 0.8 else np.ones((time.size, 1))
    return (1 - busy) * rest + busy * work


def _legs(
    rng: np.random.Generator, time: Float64[Array, "time"]
) -> tuple[list[Path], Float64[Array, "time"], Float64[Array, "time"]]:
    """Ways of the feet (of a right one each), how far the pelvis sinks, and the rhythm of the steps."""
    feet = [np.tile([rng.uniform(0.05, 0.10), 0.03, 0.0], (time.size, 1)) for _ in range(2)]
    none = np.zeros(time.size)
    kind = rng.choice(["stand", "step", "squat", "lunge"], p=[0.55, 0.2, 0.13, 0.12])
    if kind == "step":
        turn = 2 * math.pi * rng.uniform(0.7, 3.0) * time
        lift, reach = rng.uniform(0.03, 0.25), rng.uniform(0.0, 0.15)
        for number, foot in enumerate(feet):
            foot[:, 1] += lift * np.maximum(np.sin(turn + number * math.pi), 0.0)
            foot[:, 2] += reach * np.cos(turn + number * math.pi)
        return feet, 0.02 * np.abs(np.sin(turn)), np.cos(turn)
    if kind == "squat":
        again = 0.5 - 0.5 * np.cos(2 * math.pi * rng.uniform(0.4, 2.0) * time)
        busy = _envelope(rng, time) if rng.random() < 0.6 else again
        return feet, rng.uniform(0.05, 0.25) * busy, none
    if kind == "lunge":
        busy = _envelope(rng, time)
        foot = feet[int(rng.integers(2))]
        foot += busy[:, None] * rng.uniform((0.0, 0.0, -0.1), (0.15, 0.05, 0.35))
        return feet, rng.uniform(0.02, 0.15) * busy, none
    return feet, none, none


def _sway(rng: np.random.Generator, time: Float64[Array, "time"]) -> Path:
    turn = 2 * math.pi * rng.uniform(0.1, 0.6, 3) * time[:, None] + rng.uniform(0, 6.3, 3)
    return rng.uniform(0.0, 0.02) * np.sin(turn) * np.array([1.0, 0.2, 1.0])


def _two_bones(start: Path, aim: Path, *, lengths: tuple[float, float], pole: Array) -> tuple[Path, Path]:
    """Middle joint and end of a limb of two bones whose end is at its aim, or as near as it can be."""
    upper, lower = lengths
    way = aim - start
    far = np.linalg.norm(way, axis=1, keepdims=True) + 1e-9
    reach = np.clip(far, abs(upper - lower) + 0.01, upper + lower - 0.001)
    unit = way / far
    along = (upper**2 - lower**2 + reach**2) / (2 * reach)
    bend = pole - (unit @ pole)[:, None] * unit
    bend /= np.linalg.norm(bend, axis=1, keepdims=True) + 1e-9
    middle = start + along * unit + np.sqrt(np.maximum(upper**2 - along**2, 0.0)) * bend
    return middle, start + reach * unit


def _turned(joints: dict[str, Path], *, rng: np.random.Generator, time: Float64[Array, "time"]) -> dict[str, Path]:
    """The figure as it stands to the camera: mostly facing it."""
    middle = rng.normal(0, 0.3) if rng.random() < 0.85 else rng.uniform(-math.pi, math.pi)
    angle = middle + 0.15 * rng.random() * np.sin(2 * math.pi * rng.uniform(0.1, 0.5) * time)
    c, s = np.cos(angle), np.sin(angle)
    return {
        name: np.stack([c * at[:, 0] + s * at[:, 2], at[:, 1], c * at[:, 2] - s * at[:, 0]], axis=1)
        for name, at in joints.items()
    }
