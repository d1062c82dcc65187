"""Small grey films of figures made of round-ended strokes: sticks, limbs of one tone, limbs with tones by depth."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, UInt8
from numpy import ndarray as Array

SIZE = 64
"""Pixels of a frame's side."""
STICK_TONE = 230.0
"""Grey level of sticks."""


@dataclass(frozen=True)
class Strokes:
    """Where the strokes of a figure are. Pixels: column, row, and nearness, which grows towards the camera."""

    start: Float64[Array, "time part 3"]
    stop: Float64[Array, "time part 3"]
    radius: Float64[Array, "part 2"]
    """At start and stop."""
    tone: Float64[Array, "part"]
    """Grey level at nearness 0."""
    by_nearness: float = 0.0
    """Grey levels that a pixel of nearness adds."""


def sticks(start: Float64[Array, "time part 3"], stop: Float64[Array, "time part 3"], *, radius: float) -> Strokes:
    """White strokes of one thickness, of which none is nearer than another."""
    flat, parts = np.array([1.0, 1.0, 0.0]), start.shape[1]
    return Strokes(start * flat, stop * flat, np.full((parts, 2), radius), np.full(parts, STICK_TONE))


def draw(strokes: Strokes, *, background: Float64[Array, "size size"]) -> UInt8[Array, "time size size"]:
    """The figure before a background that does not move; what is nearer hides what is farther."""
    frames = np.repeat(background[None].astype(np.float32), len(strokes.start), axis=0)
    nearest = np.full_like(frames, -np.inf)
    for part, radii in enumerate(strokes.radius):
        a, b = (ends[:, part].astype(np.float32) for ends in (strokes.start, strokes.stop))
        reach = float(radii.max()) + 1.0
        ends = np.concatenate([a, b])[:, :2]
        low = np.clip(np.floor(ends.min(0) - reach), 0, SIZE - 1).astype(int)
        high = np.clip(np.ceil(ends.max(0) + reach) + 1, 1, SIZE).astype(int)
        at = (slice(None), slice(low[1], high[1]), slice(low[0], high[0]))
        cover, near = _cover(a, b, radii, low=low, high=high)
        shown = near > nearest[at]
        tone = np.clip(strokes.tone[part] + strokes.by_nearness * near, 0.0, 255.0)
        frames[at] += np.where(shown, cover * (tone - frames[at]), 0.0)
        nearest[at] = np.where(shown & (cover > 0.5), near, nearest[at])
    return np.rint(frames).astype(np.uint8)


def _cover(
    a: Float32[Array, "time 3"],
    b: Float32[Array, "time 3"],
    radii: Float64[Array, "2"],
    *,
    low: Array,
    high: Array,
) -> tuple[Float32[Array, "time row column"], Float32[Array, "time row column"]]:
    """How much of each pixel of a box a stroke covers, and how near the stroke's surface is there."""
    x = np.arange(low[0], high[0], dtype=np.float32)[None, None] - a[:, :1, None]
    y = np.arange(low[1], high[1], dtype=np.float32)[None, :, None] - a[:, 1:2, None]
    ux, uy, uz = ((b - a)[:, axis, None, None] for axis in range(3))
    along = np.clip((x * ux + y * uy) / (ux * ux + uy * uy + np.float32(1e-6)), 0.0, 1.0)
    square = (x - along * ux) ** 2 + (y - along * uy) ** 2
    radius = np.float32(radii[0]) + along * np.float32(radii[1] - radii[0])
    cover = np.clip(radius - np.sqrt(square) + np.float32(0.5), 0.0, 1.0)
    near = a[:, 2, None, None] + along * uz + np.sqrt(np.maximum(radius * radius - square, 0.0))
    return cover, near
