"""What disturbs the films of the middle and the field yard: things in front, another horse, shadows, zoom, exposure.

Everything is drawn apart from the movement, so that nothing in it says what the horse does.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64, UInt8
from numpy import ndarray as Array
from scipy.interpolate import CubicSpline

from .ride import Ride, make_ride

FENCE_EVERY_SECONDS = 18.0
FENCE_SECONDS = (3.0, 9.0)
FENCE_SPEED = 1.35
"""How fast things in front slide, relative to the ground at the horse."""
POST_M = (1.6, 3.5)
"""Distance of posts."""
PASSING_EVERY_SECONDS = 40.0
PASSING_M_S = (1.0, 2.5)
PASSING_REACH_M = 3.2
"""Another horse is drawn while it is this near."""
PASSING_ROWS_M = 0.10
"""It passes this much nearer to the camera, as rows lower in the frame."""
PASSING_NUMBER = 100_000
"""Numbers of horses that pass begin here: none of them is in a yard."""
KNOT_SECONDS = 2.5
ZOOM = 0.5
"""Largest zoom in: a share of the picture's size."""
EXPOSURE = 0.30
SHADE = 0.45
EASY_CRF = 25
CRF = 13
"""By how much more a film is compressed than an easy one, at most."""


@dataclass(frozen=True)
class Disturbance:
    """The disturbances of one film."""

    wander: CubicSpline
    """Zoom, its place across and up, exposure, shade, place of the shade: each about -1 to 1."""
    strength: float
    fences: Float64[Array, "fences 2"]
    """Start and stop of each stretch of rails and posts, in seconds."""
    post_m: float
    rows: tuple[float, ...]
    """Heights of rails, in metres above the ground."""
    colour: Float64[Array, "3"]
    other: Ride
    passing: Float64[Array, "passings 2"]
    """When another horse is level with this one, and its speed relative to it in m/s."""

    def passes(self, time_seconds: Float64[Array, "time"]) -> Float64[Array, "time"] | None:
        """Where the other horse is ahead of this one in metres; None where it is out of view at all these times."""
        for when, speed in self.passing:
            ahead = speed * (time_seconds - when)
            if np.abs(ahead).min() < PASSING_REACH_M:
                return np.asarray(ahead)
        return None


def draw_disturbance(ride: Ride) -> Disturbance | None:
    """The disturbances of a ride's film; None in the easy yard."""
    level = ride.spec.level
    if level is None or level.film == 0.0:
        return None
    rng, seconds = ride.random("disturbance"), ride.spec.seconds
    knots = np.arange(-KNOT_SECONDS, seconds + 2 * KNOT_SECONDS, KNOT_SECONDS)
    wander = CubicSpline(knots, np.clip(0.6 * rng.standard_normal((knots.size, 6)), -1.0, 1.0))
    fences = rng.uniform(-2.0, seconds, rng.poisson(level.film * seconds / FENCE_EVERY_SECONDS))
    passing = rng.uniform(0.0, seconds, rng.poisson(level.film * seconds / PASSING_EVERY_SECONDS))
    speeds = rng.uniform(*PASSING_M_S, passing.size) * rng.choice((-1.0, 1.0), passing.size)
    other = ride.spec.model_copy(update={"difficulty": "easy", "behaviours": (), "max_skew_seconds": 0.0})
    return Disturbance(
        wander=wander,
        strength=level.film,
        fences=np.stack([fences, fences + rng.uniform(*FENCE_SECONDS, fences.size)], axis=1),
        post_m=float(rng.uniform(*POST_M)),
        rows=tuple(rng.uniform(0.5, 1.2, int(rng.integers(1, 3)))),
        colour=np.array([200.0, 195.0, 185.0] if rng.random() < 0.5 else [88.0, 68.0, 50.0]) * rng.uniform(0.8, 1.1),
        other=make_ride(other, horse=PASSING_NUMBER + ride.number[0], recording=ride.number[1]),
        passing=np.stack([passing, speeds], axis=1),
    )


def crf(ride: Ride) -> int:
    """How coarse the film of a ride is compressed: x264's constant rate factor."""
    level = ride.spec.level
    if level is None:
        return EASY_CRF
    return EASY_CRF + round(level.film * CRF * ride.random("disturbance", number=1).uniform(0.4, 1.0))


def fence(
    frame: UInt8[Array, "height width 3"],
    disturbance: Disturbance,
    *,
    time_seconds: float,
    ground: tuple[float, float, float],
) -> None:
    """Rails and posts in front of the horse; `ground` is its row, pixels a metre, metres gone (negative leftwards)."""
    starts, stops = disturbance.fences.T
    if not np.any((starts <= time_seconds) & (time_seconds < stops)):
        return
    row, pixels_per_m, metres = ground
    height, width = frame.shape[:2]
    colour = disturbance.colour.astype(np.uint8)
    thick = max(2, round(0.07 * pixels_per_m))
    for up in disturbance.rows:
        top = int(row - up * pixels_per_m)
        frame[max(top, 0) : max(top + thick, 0)] = colour
    spacing = disturbance.post_m * pixels_per_m
    first = -(FENCE_SPEED * metres * pixels_per_m) % spacing
    top = int(max(row - 1.25 * pixels_per_m, 0))
    for column in np.arange(first - spacing, width, spacing):
        left = max(int(column), 0)
        frame[top:height, left : max(int(column) + 2 * thick, 0)] = (0.85 * colour).astype(np.uint8)


def seen_by_camera(frame: UInt8[Array, "height width 3"], disturbance: Disturbance, *, time_seconds: float) -> None:
    """Zooms in and out on the frame, lays a moving shade over it and changes its exposure, in place."""
    zoom, across, up, exposure, shade, place = disturbance.wander(time_seconds)
    height, width = frame.shape[:2]
    share = 1.0 / (1.0 + disturbance.strength * ZOOM * max(zoom, 0.0))
    if share < 0.995:
        columns = _zoomed(width, share=share, place=across)
        rows = _zoomed(height, share=share, place=up)
        pixels = frame.view([("colours", np.uint8, 3)]).reshape(height, width)  # whole pixels are taken faster
        frame[:] = pixels.take(rows, axis=0).take(columns, axis=1).view(np.uint8).reshape(frame.shape)
    dark = disturbance.strength * SHADE * max(shade, 0.0)
    at = (np.arange(width) / width - 0.5 - 0.6 * place) / 0.25
    gain = math.exp(disturbance.strength * EXPOSURE * exposure) * (1.0 - dark / (1.0 + at**4))
    bright = frame.reshape(height, -1) * np.repeat((128.0 * gain).astype(np.uint16), 3)
    bright >>= 7
    np.minimum(bright, 255, out=frame.reshape(height, -1), casting="unsafe")


def _zoomed(size: int, *, share: float, place: float) -> Int64[Array, "pixels"]:
    """Which rows or columns fill a frame of a size that shows this share of the picture; `place` is -1 to 1."""
    middle = 0.5 * size * (1.0 + 0.7 * (1.0 - share) * place)
    return np.asarray(np.clip(middle + share * (np.arange(size) - 0.5 * size), 0, size - 1), np.int64)
