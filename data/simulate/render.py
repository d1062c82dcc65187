"""Frames of a ride: its pose drawn over the sliding background, anti-aliased by distance to the capsules' edges."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8
from numpy import ndarray as Array

from .body import Capsules, horse_capsules
from .disturbance import PASSING_ROWS_M, fence, seen_by_camera
from .pose import straight_pose
from .ride import WANDER, Ride
from .scene import HORSE_CENTRE_M, SHAKE_ROWS, STRIP_PIXELS, Scene, make_scene

FAR_ROWS_M = 0.07
"""The far side's hooves stand this much higher in the frame, as from a camera at eye height."""
CHUNK_FRAMES = 16
"""Frames whose parts are computed together: more would leave the processor's cache."""
CLEARANCE = 0.04
"""The camera may lose the horse by this share of the frame's shorter side at most."""


def render_frames(
    ride: Ride, *, time_seconds: Float64[Array, "time"], scene: Scene | None = None
) -> UInt8[Array, "time height width 3"]:
    """RGB frames of a ride at any film times. Give the scene (`make_scene(ride)`) when calling often for one ride."""
    scene = scene or make_scene(ride)
    frames = np.empty((time_seconds.size, ride.spec.frame_height, ride.spec.frame_width, 3), np.uint8)
    for first in range(0, time_seconds.size, CHUNK_FRAMES):
        _render_chunk(frames[first : first + CHUNK_FRAMES], ride, scene, time_seconds[first : first + CHUNK_FRAMES])
    return frames


def _render_chunk(
    frames: UInt8[Array, "time height width 3"], ride: Ride, scene: Scene, times: Float64[Array, "time"]
) -> None:
    """Fill frames; what is computed for several at once saves most of the time."""
    camera = _camera(ride, scene, times)
    parts, start, stop, shadow = _in_pixels(ride, scene, times, camera)
    strokes = _strokes((ride.spec.frame_width, ride.spec.frame_height), scene, parts, start, stop)
    for number, frame in enumerate(frames):
        _background(frame, scene, camera[number])
        _shadow(frame, scene, shadow[number])
        _paint(frame, strokes, number)
    if scene.disturbance is not None:
        _disturb(frames, ride, scene, times, camera)


def _disturb(
    frames: UInt8[Array, "time height width 3"],
    ride: Ride,
    scene: Scene,
    times: Float64[Array, "time"],
    camera: Float64[Array, "time 2"],
) -> None:
    """Lays over finished frames what comes between horse and camera, and what the camera does with them."""
    assert scene.disturbance is not None
    sign, metres = (-1.0 if scene.faces_left else 1.0), ride.travel_m(times)
    ahead, other = scene.disturbance.passes(times), scene.disturbance.other
    strokes: list[_Stroke] = []
    if ahead is not None:
        place = other.travel_m(times) - ahead + HORSE_CENTRE_M * other.horse.scale
        rows = camera[:, 1] + PASSING_ROWS_M * scene.pixels_per_m
        parts, start, stop, _ = _in_pixels(other, scene, times, np.stack([place, rows], axis=1))
        strokes = _strokes((ride.spec.frame_width, ride.spec.frame_height), scene, parts, start, stop)
    for number, frame in enumerate(frames):
        if strokes:
            _paint(frame, strokes, number)
        ground = (scene.ground_row + float(camera[number, 1]), scene.pixels_per_m, sign * float(metres[number]))
        fence(frame, scene.disturbance, time_seconds=float(times[number]), ground=ground)
        seen_by_camera(frame, scene.disturbance, time_seconds=float(times[number]))


def _camera(ride: Ride, scene: Scene, times: Float64[Array, "time"]) -> Float64[Array, "time 2"]:
    """Where the camera points: metres along the ride, and rows of shake.

    It goes where the horse would be had it kept its pace since a moment ago: late when the pace changes, and nowhere
    else, so that the place of the horse in the frame does not tell its speed. It never loses the horse.
    """
    before, now = ride.travel_m(times - scene.lag_seconds), ride.travel_m(times)
    late = before + scene.lag_seconds * ride.travel_m(times - scene.lag_seconds, 1) - now
    turn = 2 * np.pi * scene.shake_hz * times[:, None, None] + scene.shake_phase
    shake = np.sum(scene.shake_pixels * np.sin(turn), axis=1)
    limit = CLEARANCE * min(ride.spec.frame_width, ride.spec.frame_height) / scene.pixels_per_m
    off = limit * np.tanh((late + shake[:, 0] / scene.pixels_per_m) / limit)
    return np.stack([now + off + HORSE_CENTRE_M * ride.horse.scale, shake[:, 1]], axis=1)


def _in_pixels(
    ride: Ride, scene: Scene, times: Float64[Array, "time"], camera: Float64[Array, "time 2"]
) -> tuple[Capsules, Float64[Array, "time part 2"], Float64[Array, "time part 2"], Float64[Array, "time 2"]]:
    """The horse's parts, their two ends (column, row) in each frame, and the middle of its shadow."""
    body = straight_pose(ride, time_seconds=times)
    slow = ride.wander(times)
    swing = 0.10 * slow[:, WANDER.index("rest")] - 0.12
    parts = horse_capsules(body, horse=ride.horse, near_left=scene.faces_left, tail_swing=swing, ridden=ride.ridden)
    facing = np.cos(ride.track.facing(times))[:, None] if ride.track is not None else 1.0
    sign = -1.0 if scene.faces_left else 1.0
    middle = 0.5 * ride.spec.frame_width + scene.offset_pixels
    placed = []
    shadow = 0.5 * (body.withers + body.sacrum)[:, None, [0, 2]] * np.array([1.0, 0.0])
    for points in (parts.start, parts.stop, shadow):
        away = parts.away[None, :] if points.shape[1] > 1 else np.zeros((1, 1))
        column = middle + sign * scene.pixels_per_m * (points[:, :, 0] - camera[:, :1]) * facing
        row = scene.ground_row + camera[:, 1:] - scene.pixels_per_m * (points[:, :, 1] + 0.5 * FAR_ROWS_M * (away + 1))
        placed.append(np.stack([column, row], axis=2))
    return parts, placed[0], placed[1], placed[2][:, 0]


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


@dataclass(frozen=True)
class _Stroke:
    """One part in every frame of a chunk, as factors and terms of the values of a box that goes with it."""

    corner: Int64[Array, "time 2"]
    """Left and top of the box."""
    size: tuple[int, int]
    """Columns and rows of the box."""
    clear: Float32[Array, "time row values"]
    """How much of the frame shows through; a row's values are its columns' colours, one after the other."""
    paint: Float32[Array, "time row values"]
    """What is added."""


def _strokes(
    size: tuple[int, int],
    scene: Scene,
    parts: Capsules,
    start: Float64[Array, "time part 2"],
    stop: Float64[Array, "time part 2"],
) -> list[_Stroke]:
    """All parts of a chunk of frames of a size (columns, rows), anti-aliased and lit from above."""
    radii = parts.radius * scene.pixels_per_m
    feather = np.maximum(parts.feather_m * scene.pixels_per_m, 1.0)
    reach = radii.max(axis=1) + feather
    colours = (parts.colour * scene.light).astype(np.float32)
    strokes = []
    for part in range(len(radii)):
        a, b = start[:, part], stop[:, part]
        low = np.floor(np.minimum(a, b) - reach[part])
        box = np.minimum(np.ceil((np.maximum(a, b) + reach[part] - low).max(axis=0)) + 1, size).astype(int)
        corner = np.clip(low, 0, size - box).astype(np.int64)
        cover, tone = _coverage(a - corner, b - corner, radii[part], box, feather[part], parts.shade[part])
        tone *= cover
        np.subtract(1.0, cover, out=cover)
        clear = np.empty((*cover.shape[:2], 3 * cover.shape[2]), np.float32)
        paint = np.empty_like(clear)
        for colour, value in enumerate(colours[part]):
            clear[:, :, colour::3] = cover
            np.multiply(tone, value, out=paint[:, :, colour::3])
        strokes.append(_Stroke(corner, (int(box[0]), int(box[1])), clear, paint))
    return strokes


def _coverage(
    a: Float64[Array, "time 2"],
    b: Float64[Array, "time 2"],
    radii: Float64[Array, "2"],
    box: Int64[Array, "2"],
    feather: float,
    shade: float,
) -> tuple[Float32[Array, "time row column"], Float32[Array, "time row column"]]:
    """Cover (0 to 1) and brightness of the capsule from `a` to `b` at each pixel of a box, by distance to its axis."""
    (ax, ay), (bx, by) = (point.T.astype(np.float32)[:, :, None, None] for point in (a, b))
    ux, uy = bx - ax, by - ay
    x = np.arange(box[0], dtype=np.float32)[None, None, :] - ax
    y = np.arange(box[1], dtype=np.float32)[None, :, None] - ay
    square = ux * ux + uy * uy + np.float32(1e-6)
    along = x * (ux / square) + y * (uy / square)
    np.clip(along, 0.0, 1.0, out=along)
    dx = x - along * ux
    dy = y - along * uy
    radius = np.float32(radii[0]) + along * np.float32(radii[1] - radii[0])
    tone = np.float32(1.0) - np.float32(shade) * dy / (radius + np.float32(0.5))
    np.multiply(dx, dx, out=dx)
    np.multiply(dy, dy, out=dy)
    dx += dy
    np.sqrt(dx, out=dx)
    radius -= dx
    radius *= np.float32(1.0 / feather)
    radius += np.float32(0.5)
    return np.clip(radius, 0.0, 1.0, out=radius), tone


def _paint(frame: UInt8[Array, "height width 3"], strokes: list[_Stroke], number: int) -> None:
    """Paint the parts over frame `number` of their chunk, within the box that holds them all."""
    boxes = [(*stroke.corner[number].tolist(), *stroke.size) for stroke in strokes]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    canvas = frame[top:bottom, left:right].astype(np.float32).reshape(bottom - top, -1)
    for stroke, (x, y, wide, high) in zip(strokes, boxes, strict=True):
        patch = canvas[y - top : y - top + high, 3 * (x - left) : 3 * (x - left + wide)]
        patch *= stroke.clear[number]
        patch += stroke.paint[number]
    np.minimum(canvas, 255.0, out=canvas)
    frame[top:bottom, left:right] = canvas.reshape(bottom - top, right - left, 3)
