"""Where a ride is filmed: direction, camera, light, and the wide strips of background that slide past."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64, UInt8
from numpy import ndarray as Array

from .disturbance import Disturbance, draw_disturbance
from .ride import Ride

STRIP_PIXELS = 1024
"""Length after which a strip of background repeats."""
HORSE_LENGTH_M = 2.45
"""Muzzle to tail of the average horse, standing."""
HORSE_CENTRE_M = 0.20
"""Middle of that length, before the middle of the trunk."""
BANDS = 5
"""Strips of ground, each sliding at its own speed."""
SHAKE_ROWS = 6
"""Rows of background kept above and below the frame for the camera's shake."""


@dataclass(frozen=True)
class Scene:
    """Everything about one film but the horse."""

    faces_left: bool
    """The horse goes to the left: its left side is near."""
    pixels_per_m: float
    ground_row: float
    """Row of the near hooves at rest."""
    light: Float64[Array, "3"]
    """Factor on each colour."""
    shake_hz: Float64[Array, "4 2"]
    """Frequencies of the camera's shake across and up."""
    shake_pixels: Float64[Array, "4 2"]
    shake_phase: Float64[Array, "4 2"]
    lag_seconds: float
    """How late the camera follows a change of pace."""
    offset_pixels: float
    """Where the horse stands from the middle of the frame."""
    rows: tuple[tuple[int, int, float], ...]
    """Bands of background: first row, row after the last, speed relative to the ground at the horse."""
    strips: UInt8[Array, "half row column 3"] = field(repr=False)
    """The background, and the same half a pixel on; as wide as a strip and a frame."""
    disturbance: Disturbance | None = field(default=None, repr=False)
    """None in the easy yard."""


def make_scene(ride: Ride) -> Scene:
    """The scene of a ride; drawn apart from the movement, so that nothing in it tells the gait."""
    rng, spec = ride.random("scene"), ride.spec
    square = min(spec.frame_width, spec.frame_height)
    share = rng.uniform(0.65, 0.80)
    span = HORSE_LENGTH_M * ride.horse.scale * max(ride.horse.trunk_length, ride.horse.neck_length)
    variety = spec.camera_variety
    horizon = int(spec.frame_height * rng.uniform(0.32, 0.56))
    far = rng.uniform(0.25, 0.6)
    light = (1.0 + variety * rng.uniform(-0.22, 0.16)) * (
        1.0 + variety * 0.06 * np.array([1, 0, -1]) * rng.uniform(-1, 1)
    )
    edges = np.linspace(horizon, spec.frame_height, BANDS + 1).astype(int)
    speeds = np.linspace(far + 0.1, 1.2, BANDS)
    bands = [(int(a), int(b), float(s)) for a, b, s in zip(edges[:-1], edges[1:], speeds, strict=True)]
    return Scene(
        faces_left=bool(rng.random() < 0.5),
        pixels_per_m=share * square / span,
        ground_row=spec.frame_height * rng.uniform(0.85, 0.92),
        light=light,
        shake_hz=rng.uniform(0.2, 2.5, (4, 2)),
        shake_pixels=variety * rng.uniform(0.1, 0.6, (4, 2)) * square / 192.0,
        shake_phase=rng.uniform(0.0, 2 * np.pi, (4, 2)),
        lag_seconds=variety * rng.uniform(0.1, 0.6),
        offset_pixels=min(variety, 1.0) * rng.uniform(-0.03, 0.03) * square,
        rows=((0, horizon, float(far)), *bands),
        strips=_strips(rng, height=spec.frame_height, width=spec.frame_width, horizon=horizon, light=light),
        disturbance=draw_disturbance(ride),
    )


def _smooth(
    rng: np.random.Generator, *, rows: int, columns: int, cell: tuple[int, int]
) -> Float64[Array, "rows columns"]:
    """Noise of unit spread that is smooth over cells of a size, and wraps around in the columns."""
    coarse = rng.standard_normal((rows // cell[0] + 2, columns // cell[1]))
    coarse = np.concatenate([coarse, coarse[:, :1]], axis=1)
    row = np.arange(rows) / cell[0]
    column = np.arange(columns) / cell[1]
    top, left = row.astype(int), column.astype(int)
    down, right = (row - top)[:, None], (column - left)[None, :]
    upper = coarse[top][:, left] * (1 - right) + coarse[top][:, left + 1] * right
    lower = coarse[top + 1][:, left] * (1 - right) + coarse[top + 1][:, left + 1] * right
    return np.asarray(upper * (1 - down) + lower * down)


def _strips(
    rng: np.random.Generator, *, height: int, width: int, horizon: int, light: Float64[Array, "3"]
) -> UInt8[Array, "half row column 3"]:
    rows = height + 2 * SHAKE_ROWS
    edge = horizon + SHAKE_ROWS
    image = np.empty((rows, STRIP_PIXELS, 3))
    image[:edge] = _backdrop(rng, rows=edge)
    image[edge:] = _ground(rng, rows=rows - edge)
    image = np.clip(image * light, 0, 255)
    image = np.concatenate([image, image[:, : width + 1]], axis=1)
    halfway = 0.5 * (image[:, :-1] + image[:, 1:])
    return np.stack([image[:, :-1], halfway]).astype(np.uint8)


def _backdrop(rng: np.random.Generator, *, rows: int) -> Float64[Array, "rows columns 3"]:
    """Sky over hills or trees, or the wall of an arena, with posts, bushes and boards."""
    outdoors = bool(rng.random() < 0.65)
    top = np.array([150, 185, 220] if outdoors else [170, 160, 145]) * rng.uniform(0.8, 1.1)
    bottom = np.array([205, 215, 220] if outdoors else [140, 128, 112]) * rng.uniform(0.8, 1.1)
    mix = np.linspace(0, 1, rows)[:, None, None]
    image = np.broadcast_to((1 - mix) * top + mix * bottom, (rows, STRIP_PIXELS, 3)).copy()
    ridge = rows * rng.uniform(0.25, 0.6) + 0.1 * rows * _smooth(rng, rows=1, columns=STRIP_PIXELS, cell=(1, 64))[0]
    ridge = ridge + 0.05 * rows * _smooth(rng, rows=1, columns=STRIP_PIXELS, cell=(1, 16))[0]
    green = np.array([70, 100, 60] if outdoors else [120, 96, 70]) * rng.uniform(0.7, 1.2)
    grain = 1.0 + 0.16 * _smooth(rng, rows=rows, columns=STRIP_PIXELS, cell=(6, 8))
    behind = np.arange(rows)[:, None] > ridge[None, :]
    image = np.where(behind[:, :, None], green * grain[:, :, None], image)
    post = np.array([200, 195, 185] if rng.random() < 0.5 else [88, 68, 50], float)
    rail_rows = (rows * np.array([0.72, 0.86])).astype(int)
    for row in rail_rows:
        image[row : row + 3] = post * (0.85 + 0.1 * rng.random())
    for column in np.cumsum(rng.integers(40, 110, 20)):
        if column + 5 < STRIP_PIXELS:
            image[int(0.65 * rows) :, column : column + 5] = post * (0.8 + 0.3 * rng.random())
    return image


def _ground(rng: np.random.Generator, *, rows: int) -> Float64[Array, "rows columns 3"]:
    """Sand or grass with patches, furrows and stones."""
    palette = np.array([[186, 164, 128], [120, 138, 78], [150, 132, 108], [168, 168, 160]], float)
    base = palette[int(rng.integers(len(palette)))] * rng.uniform(0.75, 1.1)
    grain = 0.10 * _smooth(rng, rows=rows, columns=STRIP_PIXELS, cell=(12, 64))
    grain += 0.08 * _smooth(rng, rows=rows, columns=STRIP_PIXELS, cell=(3, 16))
    grain += 0.06 * _smooth(rng, rows=rows, columns=STRIP_PIXELS, cell=(2, 4))
    return np.asarray(base * (1.0 + grain[:, :, None]))
