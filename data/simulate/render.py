"""Frames of a ride: its pose drawn over the sliding background, anti-aliased by distance to the capsules' edges."""

import numpy as np
from jaxtyping import Float64, UInt8
from numpy import ndarray as Array

from .body import Capsules, horse_capsules
from .pose import pose
from .ride import WANDER, Ride
from .scene import HORSE_CENTRE_M, SHAKE_ROWS, STRIP_PIXELS, Scene, make_scene

FAR_ROWS_M = 0.07
"""The far side's hooves stand this much higher in the frame, as from a camera at eye height."""
SHADE = 0.30
"""How much darker the lower edge of a round part is than its middle."""
CLEARANCE = 0.07
"""The camera may lose the horse by this share of the frame's shorter side at most."""


def render_frames(
    ride: Ride, *, time_seconds: Float64[Array, "time"], scene: Scene | None = None
) -> UInt8[Array, "time height width 3"]:
    """RGB frames of a ride at any film times. Give the scene (`make_scene(ride)`) when calling often for one ride."""
    scene = scene or make_scene(ride)
    frames = np.empty((time_seconds.size, ride.spec.frame_height, ride.spec.frame_width, 3), np.uint8)
    camera = _camera(ride, scene, time_seconds)
    parts, place = _in_pixels(ride, scene, time_seconds, camera)
    for frame, view, start, stop, shadow in zip(frames, camera, *place, strict=True):
        _background(frame, scene, view)
        _shadow(frame, scene, shadow)
        _paint(frame, scene, parts, start, stop)
    return frames


def _camera(ride: Ride, scene: Scene, times: Float64[Array, "time"]) -> Float64[Array, "time 2"]:
    """Where the camera looks: metres along the ride, and rows of shake. It follows late, but never loses the horse."""
    horse = ride.travel_m(times)
    followed = np.mean([ride.travel_m(times + lead) for lead in np.linspace(-1.0, 1.0, 9) * 0.8], axis=0)
    late = followed - scene.lag_seconds * 0.25 * ride.travel_m(times, 1) - horse
    turn = 2 * np.pi * scene.shake_hz * times[:, None, None] + scene.shake_phase
    shake = np.sum(scene.shake_pixels * np.sin(turn), axis=1)
    limit = CLEARANCE * min(ride.spec.frame_width, ride.spec.frame_height) / scene.pixels_per_m
    off = limit * np.tanh((late + shake[:, 0] / scene.pixels_per_m) / limit)
    return np.stack([horse + off + HORSE_CENTRE_M * ride.horse.scale, shake[:, 1]], axis=1)


def _in_pixels(
    ride: Ride, scene: Scene, times: Float64[Array, "time"], camera: Float64[Array, "time 2"]
) -> tuple[Capsules, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The horse's parts, and their ends (column, row) in each frame, and the middle of its shadow."""
    body = pose(ride, time_seconds=times)
    slow = ride.wander(times)
    swing = 0.10 * slow[:, WANDER.index("rest")] - 0.12
    parts = horse_capsules(body, horse=ride.horse, near_left=scene.faces_left, slow_tail=swing)
    sign = -1.0 if scene.faces_left else 1.0
    middle = 0.5 * ride.spec.frame_width + scene.offset_pixels
    placed = []
    shadow = 0.5 * (body.withers + body.sacrum)[:, None, [0, 2]] * np.array([1.0, 0.0])
    for points in (parts.start, parts.stop, shadow):
        away = parts.away[None, :] if points.shape[1] > 1 else np.zeros((1, 1))
        column = middle + sign * scene.pixels_per_m * (points[:, :, 0] - camera[:, :1])
        row = scene.ground_row + camera[:, 1:] - scene.pixels_per_m * (points[:, :, 1] + 0.5 * FAR_ROWS_M * (away + 1))
        placed.append(np.stack([column, row], axis=2))
    return parts, (placed[0], placed[1], placed[2][:, 0])


def _background(frame: UInt8[Array, "height width 3"], scene: Scene, camera: Float64[Array, "2"]) -> None:
    """Fill a frame with the strips as the camera sees them."""
    width = frame.shape[1]
    down = SHAKE_ROWS - int(np.clip(np.round(camera[1]), -SHAKE_ROWS, SHAKE_ROWS))
    sign = -1.0 if scene.faces_left else 1.0
    for first, last, speed in scene.rows:
        halves = int(np.round(2.0 * sign * scene.pixels_per_m * camera[0] * speed)) % (2 * STRIP_PIXELS)
        column = halves // 2
        frame[first:last] = scene.strips[halves % 2, first + down : last + down, column : column + width]


def _shadow(frame: UInt8[Array, "height width 3"], scene: Scene, centre: Float64[Array, "2"]) -> None:
    """Darken the ground under the horse."""
    wide, high = 0.95 * scene.pixels_per_m, 0.10 * scene.pixels_per_m
    x0, x1 = max(0, int(centre[0] - wide)), min(frame.shape[1], int(centre[0] + wide) + 1)
    y0, y1 = max(0, int(centre[1] - high)), min(frame.shape[0], int(centre[1] + high) + 1)
    x = (np.arange(x0, x1, dtype=np.float32) - centre[0]) / wide
    y = (np.arange(y0, y1, dtype=np.float32)[:, None] - centre[1]) / high
    dark = 1.0 - 0.45 * np.clip(1.0 - x * x - y * y, 0.0, 1.0)
    patch = frame[y0:y1, x0:x1]
    np.multiply(patch, dark[:, :, None], out=patch, casting="unsafe")


def _paint(
    frame: UInt8[Array, "height width 3"],
    scene: Scene,
    parts: Capsules,
    start: Float64[Array, "part 2"],
    stop: Float64[Array, "part 2"],
) -> None:
    """Paint all parts over a frame, within the box that holds them."""
    radii = parts.radius * scene.pixels_per_m
    reach = radii.max(axis=1, keepdims=True) + 1.0
    size = np.array([frame.shape[1], frame.shape[0]])
    low = np.clip(np.floor(np.minimum(start, stop) - reach), 0, size).astype(int)
    high = np.clip(np.ceil(np.maximum(start, stop) + reach) + 1, 0, size).astype(int)
    left, top = low.min(axis=0)
    right, bottom = high.max(axis=0)
    canvas = frame[top:bottom, left:right].transpose(2, 0, 1).astype(np.float32)
    colours = np.minimum(parts.colour * scene.light, 255.0).astype(np.float32)
    boxes = np.stack([low[:, 0], high[:, 0], low[:, 1], high[:, 1]], axis=1).tolist()
    ends = np.concatenate([start, stop, radii], axis=1).tolist()
    for (x0, x1, y0, y1), end, colour in zip(boxes, ends, colours, strict=True):
        _stroke(canvas[:, y0 - top : y1 - top, x0 - left : x1 - left], (x0, x1, y0, y1), end, colour[:, None, None])
    frame[top:bottom, left:right] = canvas.transpose(1, 2, 0)


def _stroke(canvas: np.ndarray, box: tuple[int, int, int, int], end: list[float], colour: np.ndarray) -> None:
    """Blend one capsule into its box of the canvas (colour, row, column), lit from above."""
    x0, x1, y0, y1 = box
    ax, ay, bx, by, ra, rb = end
    x = np.arange(x0, x1, dtype=np.float32) - np.float32(ax)
    y = np.arange(y0, y1, dtype=np.float32)[:, None] - np.float32(ay)
    ux, uy = np.float32(bx - ax), np.float32(by - ay)
    along = (x * ux + y * uy) * (np.float32(1.0) / (ux * ux + uy * uy + np.float32(1e-6)))
    np.clip(along, 0.0, 1.0, out=along)
    dx = x - along * ux
    dy = y - along * uy
    radius = np.float32(ra) + along * np.float32(rb - ra)
    cover = radius + np.float32(0.5) - np.sqrt(dx * dx + dy * dy)
    np.clip(cover, 0.0, 1.0, out=cover)
    tone = np.float32(1.0) - np.float32(SHADE) * dy / (radius + np.float32(0.5))
    canvas += cover * (np.minimum(colour * tone, np.float32(255.0)) - canvas)
