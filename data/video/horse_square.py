"""Where in each frame the horse is, as a square to cut out: from what does not follow the background.

One more pass through the film, on small planes, as `film_motion` has it. A horse that stands still keeps the place
where it last moved for a second or so; after that the square is what little moves, or the camera's noise.
"""

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ..errors import BadInput
from ..recording import Video
from .motion import MotionSpec, extent, motion_steps, plane_step, small_planes, smoothed_horse, without_pedestal
from .optical_flow import BLOCK
from .pixels import Picture

MARGIN = 1.3
"""Side of the square over the longer side of the horse's box: legs and ears reach beyond what moves most."""
LEAST_SHARE = 0.3
"""Least side, as a share of the frame's short side: where nothing moves the box is noise."""


def horse_squares(video: Video, *, frame_index: Int64[Array, "needed"]) -> Int64[Array, "needed 3"]:
    """Top, left and side of a square about the horse in each of these frames, in pixels as the film is coded.

    It lies inside the frame; place and side change smoothly in time. Refuses a film of fewer than three frames.
    """
    spec = MotionSpec()
    steps = list(motion_steps(small_planes(video, side=spec.plane_side), spec=spec))
    if len(steps) < 2:
        remedy = "Set teacher.crop=none, or give a film of some seconds."
        raise BadInput(video.path, found="fewer than three frames", expected="motion", remedy=remedy)
    horse = without_pedestal(smoothed_horse(steps, spec=spec))
    pixels = BLOCK * plane_step(video.height, video.width, side=spec.plane_side)
    times, at = np.array([step.middle_seconds for step in steps]), video.frame_seconds[frame_index]
    ends = [extent(horse.sum(axis=axis)) for axis in (2, 1)]
    rows, columns = (np.stack([np.interp(at, times, end) for end in pair], axis=1) * pixels for pair in ends)
    return _squares(rows, columns, video=video)


def cut_square(picture: Picture, square: Int64[Array, "3"]) -> Picture:
    """That part of a whole frame."""
    top, left, side = map(int, square)
    red, green, blue = (plane[top : top + side, left : left + side] for plane in picture.planes)
    return Picture((red, green, blue), width=side, rotation_degrees=picture.rotation_degrees)


def _squares(
    rows: Float64[Array, "needed 2"], columns: Float64[Array, "needed 2"], *, video: Video
) -> Int64[Array, "needed 3"]:
    """Squares about boxes that are given in pixels of the upright frame."""
    turns = video.rotation_degrees // 90
    height, width = (video.width, video.height) if turns % 2 else (video.height, video.width)
    longer = np.maximum(rows[:, 1] - rows[:, 0], columns[:, 1] - columns[:, 0])
    short = min(height, width)
    side = np.clip(np.rint(MARGIN * longer), np.ceil(LEAST_SHARE * short), short).astype(np.int64)
    top = np.clip(np.rint(rows.mean(axis=1) - side / 2), 0, height - side).astype(np.int64)
    left = np.clip(np.rint(columns.mean(axis=1) - side / 2), 0, width - side).astype(np.int64)
    # Turned back, what is up becomes right, down or left.
    coded_top = (top, left, height - side - top, width - side - left)[turns]
    coded_left = (left, height - side - top, width - side - left, top)[turns]
    return np.stack([coded_top, coded_left, side], axis=1)
