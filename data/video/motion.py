"""Motion signals of a film, at its own times: upward velocity of head, withers and croup, activity, the camera's pan.

One pass over the film, on planes of brightness some 200 pixels wide. The background's shift between two frames is found
where the horse is not, band by band; what does not follow the background is the horse, and its parts'
shifts are found there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from av.video.frame import VideoFrame
from jaxtyping import Bool, Float32, Float64
from numpy import ndarray as Array
from scipy import ndimage

from ..errors import BadInput
from ..recording import Video
from ..settings import Settings
from . import optical_flow
from .decode import needed_frames, refuse_other_frames
from .optical_flow import BLOCK, XT, XX, XY, YT, YY, Blocks, gradient_sums, moved, residual

FACING_SECONDS = 5.0
"""A horse turns round seldom: which way it faces is judged over this long."""
PIECE_STEPS = 1024
"""Parts' motion is worked out for so many steps at a time: a long film's would not fit in memory at once."""
PARTS: dict[str, tuple[tuple[float, float], tuple[float, float]]] = {
    "head": ((0.0, 0.4), (0.8, 1.0)),
    "fore": ((0.15, 0.4), (0.5, 0.65)),
    "hind": ((0.2, 0.4), (0.1, 0.3)),
}
"""Where parts of a horse lie in its box, seen from the side: rows from its top, columns from its tail, as shares.

The withers stand 59 % and the croup 25 % of the way from tail to muzzle, the back at a fifth of the height of the ears.
"""


class MotionSpec(Settings):
    """How a film is watched for motion."""

    plane_side: int = 192
    """Pixels along the longer side of the planes that are compared, about."""
    gap_seconds: float = 0.25
    """Motion over a longer time than this between two frames is not trusted."""
    memory_seconds: float = 1.0
    """How long the horse is remembered where it last moved."""


@dataclass(frozen=True)
class MotionSignals:
    """What moves in a film. Each entry lies halfway between two frames: motion is what happened between them."""

    time_seconds: Float64[Array, "steps"] = field(repr=False)
    """Film time (PTS) halfway between the two frames."""
    up: Float64[Array, "steps parts"] = field(repr=False)
    """Upward velocity of each of PARTS against the background, frame heights a second; NaN where not valid."""
    energy: Float64[Array, "steps"] = field(repr=False)
    """Change of brightness within the horse that its body's motion does not explain, grey levels a 1/30 s."""
    valid: Bool[Array, "steps"] = field(repr=False)
    """Whether the two frames were close enough in time and of one take."""


@dataclass(frozen=True)
class MotionStep:
    """What one pair of frames leaves behind: some kilobytes, so that a whole film can be judged afterwards."""

    middle_seconds: float
    interval_seconds: float
    pan: tuple[float, float]
    """Pixels right and down."""
    carried: tuple[int, int]
    """Whole pixels, right and down, by which the horse's part was moved before its gradients were taken."""
    sums: Float32[Array, "rows columns 6"]
    horse: Float32[Array, "rows columns"]
    """How much of each block did not follow the background, 0 to 1."""


def film_motion(video: Video, *, spec: MotionSpec | None = None) -> MotionSignals:
    """Watch a film once; refuses one of which a frame is damaged.

    Memory: a few frames, and some kilobytes for each step.
    """
    spec = spec or MotionSpec()
    steps = list(motion_steps(small_planes(video, side=spec.plane_side), spec=spec))
    if len(steps) < 2:
        remedy = "Give a film of some seconds."
        raise BadInput(video.path, found="fewer than three frames", expected="motion to compare", remedy=remedy)
    return _signals(steps, spec=spec)


def small_luma(frame: VideoFrame, *, side: int) -> Float32[Array, "height width"]:
    """Brightness of a frame, averaged over squares so that its longer side comes to about `side` pixels."""
    if not frame.format.name.startswith(("yuv4", "yuvj4", "nv12", "gray")) or frame.format.components[0].bits != 8:
        frame = frame.reformat(format="gray8")
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    every = plane_step(frame.height, frame.width, side=side)
    height, width = frame.height // every * every, frame.width // every * every
    # Of a square's rows at most four are read: enough against aliasing, at half the time.
    picked = range(every) if every <= 4 else [int((place + 0.5) * every / 4) for place in range(4)]
    rows = np.zeros((height // every, width), np.uint16)
    for row in picked:
        rows += luma[row:height:every, :width]
    total = np.zeros((height // every, width // every), np.uint32)
    for column in range(every):
        total += rows[:, column::every]
    return total.astype(np.float32) * np.float32(1.0 / (every * len(picked)))


def plane_step(height: int, width: int, *, side: int) -> int:
    """Pixels of a frame for one of its small plane, across and down."""
    return max(1, round(max(height, width) / side))


def small_planes(video: Video, *, side: int) -> Iterator[tuple[float, Float32[Array, "height width"]]]:
    """Each frame's time and its brightness, small and upright; refuses the film when one of them never arrives."""
    every = np.arange(len(video.frame_seconds))
    for index, frame in needed_frames(video, frame_index=every, threads=0):
        refuse_other_frames(video, frame, second=float(video.frame_seconds[index]))
        plane = np.rot90(small_luma(frame, side=side), k=video.rotation_degrees // 90)
        yield float(video.frame_seconds[index]), np.ascontiguousarray(plane)


def motion_steps(planes: Iterator[tuple[float, np.ndarray]], *, spec: MotionSpec) -> Iterator[MotionStep]:
    """Compare each frame with the one before, remembering where the horse was."""
    first = next(planes, None)
    if first is None:
        return
    before_seconds, before = first
    blocks = Blocks.of(*before.shape)
    memory = _middle_of_frame(blocks)
    for seconds, after in planes:
        if seconds <= before_seconds:
            continue
        step = _compare(before, after, blocks=blocks, memory=memory, times=(before_seconds, seconds))
        keep = np.float32(np.exp(-step.interval_seconds / spec.memory_seconds))
        memory = keep * memory + (1 - keep) * step.horse
        yield step
        before_seconds, before = seconds, after


def _compare(
    before: np.ndarray, after: np.ndarray, *, blocks: Blocks, memory: np.ndarray, times: tuple[float, float]
) -> MotionStep:
    """The background first, band by band; then the horse, carried as a whole."""
    horse = blocks.spread(memory)
    slide = optical_flow.row_shifts(before, after, weight=1.0 - horse)
    sums = gradient_sums(moved(before, right=slide), after, blocks=blocks)
    right, down, left_over = _background(sums, weight=1.0 - memory)
    carried = optical_flow.whole_shift(before, after, weight=horse)
    noise = 2.0 * float(np.percentile(left_over, 30)) + 1.0
    return MotionStep(
        middle_seconds=(times[0] + times[1]) / 2,
        interval_seconds=times[1] - times[0],
        pan=(float(np.mean(slide)) + right, down),
        carried=carried,
        sums=gradient_sums(moved(before, right=carried[0], down=carried[1]), after, blocks=blocks),
        horse=left_over**2 / (left_over**2 + np.float32(noise**2)),
    )


def _background(
    sums: Float32[Array, "rows columns 6"], *, weight: Float32[Array, "rows columns"]
) -> tuple[float, float, Float32[Array, "rows columns"]]:
    """Shift of the background beyond the whole pixels, right (mean of the bands) and down, and what it leaves."""
    trust = weight
    for _ in range(3):
        bands = (sums * trust[..., None]).sum(axis=1)
        xx = bands[:, XX] + 1.0
        # Each band's own slide eliminated, one equation for the fall that they share.
        stiff = bands[:, YY] - bands[:, XY] ** 2 / xx
        down = -float((bands[:, YT] - bands[:, XY] * bands[:, XT] / xx).sum() / (stiff.sum() + 1.0))
        right = np.clip(-(bands[:, XT] + bands[:, XY] * down) / xx, -1.0, 1.0)
        left_over = residual(sums, right=right[:, None], down=np.full((1, 1), down, np.float32))
        scale = float(np.median(left_over)) + 0.5
        trust = weight / (1.0 + (left_over / scale) ** 2)
    return float(right.mean()), down, left_over


def _signals(steps: list[MotionStep], *, spec: MotionSpec) -> MotionSignals:
    """Where the horse was, judged from before and after; then its parts' motion at every step."""
    time = np.array([s.middle_seconds for s in steps])
    interval = np.array([s.interval_seconds for s in steps])
    horse = smoothed_horse(steps, spec=spec)
    pan, carried = np.array([s.pan for s in steps]), np.array([s.carried for s in steps], float)
    facing = _facing((carried - pan)[:, 0] / interval, per_second=1.0 / float(np.median(interval)))
    pieces = [slice(at, at + PIECE_STEPS) for at in range(0, len(steps), PIECE_STEPS)]
    seen = [
        _part_motion(np.stack([s.sums for s in steps[piece]]), horse[piece], facing=facing[piece]) for piece in pieces
    ]
    down, energy = (np.concatenate(each) for each in zip(*seen, strict=True))
    height = float(BLOCK * steps[0].sums.shape[0])
    valid = interval <= spec.gap_seconds
    return MotionSignals(
        time_seconds=time,
        up=np.where(valid[:, None], (pan[:, 1:] - carried[:, 1:] - down) / interval[:, None] / height, np.nan),
        energy=energy / (interval * 30.0),
        valid=valid,
    )


def smoothed_horse(steps: list[MotionStep], *, spec: MotionSpec) -> Float32[Array, "steps rows columns"]:
    """How much of each block did not follow the background, from before and after each step."""
    width = spec.memory_seconds / float(np.median([s.interval_seconds for s in steps]))
    return np.asarray(ndimage.gaussian_filter1d(np.stack([s.horse for s in steps]), width, axis=0, mode="nearest"))


def _part_motion(
    sums: Float32[Array, "steps rows columns 6"], horse: Float32[Array, "steps rows columns"], *, facing: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How far each part went down, in pixels, and what the body's shift leaves of the horse."""
    horse = without_pedestal(horse)
    right, down = np.stack([_region_shift(sums, part) for part in _regions(horse, facing=facing)]).transpose(1, 2, 0)
    body = [shift.mean(axis=1)[:, None, None].astype(np.float32) for shift in (right, down)]
    left_over = residual(sums, right=body[0], down=body[1])
    return down, _weighted_mean(left_over, horse)


def _facing(ahead: Float64[Array, "steps"], *, per_second: float) -> Float64[Array, "steps"]:
    """+1 where the horse goes to the right of the background, -1 to the left; a halt keeps what was."""
    slow = ndimage.gaussian_filter1d(ahead, FACING_SECONDS * per_second, mode="nearest")
    return np.where(slow >= 0, 1.0, -1.0)


def without_pedestal(horse: np.ndarray) -> np.ndarray:
    """Whole rows in which the background was not followed well are lowered to what is special in them."""
    special = np.clip(horse - np.percentile(horse, 40, axis=2, keepdims=True), 0.0, None)
    peak = special.max(axis=(1, 2), keepdims=True)
    return np.asarray(np.clip(special / np.maximum(peak, 1e-6) - 0.25, 0.0, None))


def _regions(horse: np.ndarray, *, facing: np.ndarray) -> list[np.ndarray]:
    """Weights of the blocks of each of PARTS, from the horse's box at each step."""
    top, bottom = extent(horse.sum(axis=2))
    left, right = extent(horse.sum(axis=1))
    row = (np.arange(horse.shape[1])[None, :] + 0.5 - top[:, None]) / np.maximum(bottom - top, 1.0)[:, None]
    column = (np.arange(horse.shape[2])[None, :] + 0.5 - left[:, None]) / np.maximum(right - left, 1.0)[:, None]
    from_tail = np.where(facing[:, None] > 0, column, 1.0 - column)
    return [
        _within(row, rows)[:, :, None] * _within(from_tail, columns)[:, None, :] for rows, columns in PARTS.values()
    ]


def extent(profile: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where 4 % and 96 % of a profile's sum lie, in blocks."""
    share = np.cumsum(profile, axis=1) / np.maximum(profile.sum(axis=1, keepdims=True), 1e-9)
    edges = np.arange(profile.shape[1] + 1)
    full = np.concatenate([np.zeros((len(share), 1)), share], axis=1)
    low = np.array([np.interp(0.04, line, edges) for line in full])
    high = np.array([np.interp(0.96, line, edges) for line in full])
    return low, high


def _within(place: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
    """1 between the bounds, falling to 0 over a tenth."""
    return np.clip((place - bounds[0]) / 0.1 + 1, 0, 1) * np.clip((bounds[1] - place) / 0.1 + 1, 0, 1)


def _region_shift(sums: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shift of a region at each step; blocks that do not follow the others lose their say."""
    weight = weight.astype(np.float32)
    trust = weight
    for _ in range(4):
        right, down = optical_flow.solve_shift((sums * trust[..., None]).sum(axis=(1, 2)))
        right, down = np.clip(right, -2.0, 2.0), np.clip(down, -2.0, 2.0)
        left_over = residual(sums, right=right[:, None, None], down=down[:, None, None])
        scale = (_weighted_mean(left_over, weight)[:, None, None] + 0.5).astype(np.float32)
        trust = weight / (1.0 + (left_over / scale) ** 2)
    return right.astype(float), down.astype(float)


def _weighted_mean(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    total = (values * weight).sum(axis=(1, 2))
    return np.asarray(total / np.maximum(weight.sum(axis=(1, 2)), 1e-6), float)


def _middle_of_frame(blocks: Blocks) -> np.ndarray:
    """Before anything is seen the horse is taken to be in the middle: people film it there."""
    rows, columns = blocks.shape
    down = (np.arange(rows) + 0.5) / rows - 0.55
    right = (np.arange(columns) + 0.5) / columns - 0.5
    return np.exp(-0.5 * ((down[:, None] / 0.25) ** 2 + (right[None, :] / 0.2) ** 2)).astype(np.float32)
