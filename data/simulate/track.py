"""The way that a ride takes over the ground: circles and turns with the lean they bring, and ground that is uneven.

The horse of `pose.straight_pose` goes along x. A track bends that line: it turns the horse about the upright axis to
its heading, and about the line of its hooves by its lean, tan(lean) = share * speed^2 * curvature / g.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array
from scipy.interpolate import CubicSpline, PPoly

from ..sites import GRAVITY_M_S2
from .rotations import body_to_world
from .schedule import GaitBout, bout_weights

STEP_SECONDS = 0.05
SMOOTHING_SECONDS = 0.6
"""A horse takes this long to bend its way."""
WAVELENGTHS_M = (0.9, 1.3, 2.1, 3.4, 5.5)
"""Of the ground's unevenness; heights go with the length."""
TILT_SHARE = 0.8
"""Slope across the track, relative to that along it."""


@dataclass(frozen=True)
class Track:
    """Where the straight line of a ride lies in the world, and the ground under it."""

    heading: PPoly
    """Radians at a time, to the left positive."""
    lean: PPoly
    """Roll in radians at a time: negative leans left."""
    place_m: PPoly
    """World x and y of the point that has gone `travel_m` along the line."""
    facing: PPoly
    """Radians turned on the spot at a time: whole turns in each bout, so that a camera beside the horse sees its side
    again afterwards."""
    height_m: Float64[Array, "waves"]
    """Of each wave of the ground."""
    shift: Float64[Array, "waves 2"]
    """Its phase in radians: of the height, and of the slope across."""

    def ground(self, metres: Float64[Array, "time"]) -> tuple[Float64[Array, "time"], Float64[Array, "time"]]:
        """Height in metres and slope across the track in radians at a way along it."""
        turn = 2.0 * np.pi * metres[:, None] / np.array(WAVELENGTHS_M)
        slope = TILT_SHARE * 2.0 * np.pi * self.height_m / np.array(WAVELENGTHS_M)
        return np.sin(turn + self.shift[:, 0]) @ self.height_m, np.sin(turn + self.shift[:, 1]) @ slope

    def rotation(self, time_seconds: Float64[Array, "time"]) -> Float64[Array, "time 3 3"]:
        """From the axes of the straight line to the world's."""
        nothing = np.zeros(time_seconds.size)
        heading, lean = self.heading(time_seconds), self.lean(time_seconds)
        turned = body_to_world(np.stack([nothing, nothing, heading], axis=1))
        leaning = body_to_world(np.stack([lean, nothing, nothing], axis=1))
        return np.asarray(turned @ leaning)


def make_track(
    rng: np.random.Generator, *, bouts: Sequence[GaitBout], travel_m: PPoly, ground_m: float, span: tuple[float, float]
) -> Track:
    """The track of a ride between two times; `ground_m` is the height of unevenness a metre of its length."""
    times = np.arange(span[0], span[1] + STEP_SECONDS, STEP_SECONDS)
    weights = _smoothed(bout_weights(tuple(bouts), time_seconds=times))
    speed = travel_m(times, 1)
    curvature = np.array([bout.style.curvature_per_m if bout.style else 0.0 for bout in bouts]) @ weights
    on_the_spot = _whole_turns(np.array([bout.style.turn_rad_s if bout.style else 0.0 for bout in bouts]), weights)
    share = rng.uniform(0.7, 1.0)  # the rest of the sideways force is felt
    heading = CubicSpline(times, speed * curvature + on_the_spot).antiderivative()
    angle = heading(times)
    way = CubicSpline(times, np.stack([speed * np.cos(angle), speed * np.sin(angle)], axis=1))
    lean = CubicSpline(times, -np.arctan(share * speed**2 * curvature / GRAVITY_M_S2))
    height = ground_m * np.array(WAVELENGTHS_M) * rng.uniform(0.5, 1.5, len(WAVELENGTHS_M))
    shift = rng.uniform(0.0, 2.0 * np.pi, (len(WAVELENGTHS_M), 2))
    facing = CubicSpline(times, on_the_spot).antiderivative()
    return Track(heading, lean, way.antiderivative(), facing, height, shift)


def _whole_turns(rates: Float64[Array, "bouts"], weights: Float64[Array, "bouts time"]) -> Float64[Array, "time"]:
    """Rate of turning on the spot over time, with each bout's own rate changed so that it turns around wholly."""
    radians = np.abs(rates) * weights.sum(axis=1) * STEP_SECONDS
    wanted = 2.0 * np.pi * np.maximum(np.round(radians / (2.0 * np.pi)), 1.0)
    return np.asarray((rates * np.where(radians > 0.0, wanted / np.maximum(radians, 1e-9), 1.0)) @ weights)


def _smoothed(weights: Float64[Array, "bouts time"]) -> Float64[Array, "bouts time"]:
    """Weights under a raised cosine of `SMOOTHING_SECONDS`; their sum stays 1."""
    window = np.hanning(int(SMOOTHING_SECONDS / STEP_SECONDS) + 2)[1:-1]
    half = window.size // 2
    padded = np.pad(weights, ((0, 0), (half, window.size - 1 - half)), mode="edge")
    return np.stack([np.convolve(row, window / window.sum(), mode="valid") for row in padded])
