"""Which frames of a film make which clips: clips on the film's own time grid, at the teacher's own frame spacing."""

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray as Array
from pydantic import PositiveFloat, PositiveInt

from .recording import ClipGrid
from .settings import Settings

LONGEST_HOLE_INTERVALS = 1.5 + 1e-6
"""A stretch without a frame longer than this many sampling intervals breaks the clips across it (5 fps just passes)."""


class ClipSpec(Settings):
    """How clips lie on a film. VideoMAE saw every fourth frame of 30 fps in training: 16 frames at 7.5 fps, 2.1 s."""

    frames: PositiveInt = 16
    """Frames in a clip."""
    rate_hz: PositiveFloat = 7.5
    """Sampled frames a second: steps come at 1.7 to 2.7 Hz, so much less would alias every gait."""
    hop_frames: PositiveInt = 8
    """Sampled frames from one clip's start to the next: whole frames, so that neighbours share theirs exactly."""


def clip_grid(frame_seconds: Float64[Array, "frames"], *, spec: ClipSpec) -> ClipGrid:
    """The clips of a film with these frame times: none when it is shorter than one clip.

    Samples lie at the first frame's time plus multiples of the sampling interval. Each takes the frame shown at that
    instant, where a frame that begins less than half a frame interval later counts as shown.
    """
    if not frame_seconds.size:
        return _grid(np.zeros((0, spec.frames), np.int64), frame_seconds, spec=spec)
    gaps = np.diff(frame_seconds)
    half_frame = 0.5 * float(np.median(gaps)) if gaps.size else 0.0
    latest = frame_seconds[-1] + half_frame
    samples = int(np.floor((latest - frame_seconds[0]) * spec.rate_hz)) + 1
    instants = frame_seconds[0] + np.arange(samples) / spec.rate_hz
    shown = np.searchsorted(frame_seconds, instants + half_frame, side="right") - 1
    starts = np.arange(0, samples - spec.frames + 1, spec.hop_frames)
    members = shown[starts[:, None] + np.arange(spec.frames)]
    last_instant = instants[starts + spec.frames - 1] if starts.size else instants[:0]
    whole = _unbroken(members, gaps > LONGEST_HOLE_INTERVALS / spec.rate_hz)
    fresh = last_instant - frame_seconds[members[:, -1]] <= LONGEST_HOLE_INTERVALS / spec.rate_hz
    return _grid(members[whole & fresh].astype(np.int64), frame_seconds, spec=spec)


def _unbroken(members: Int64[Array, "clips clip_frames"], hole: Bool[Array, "gaps"]) -> Bool[Array, "clips"]:
    """Whether no hole lies between a clip's first and last frame."""
    holes_before = np.concatenate([[0], np.cumsum(hole)])
    return np.asarray(holes_before[members[:, -1]] == holes_before[members[:, 0]])


def _grid(
    members: Int64[Array, "clips clip_frames"], frame_seconds: Float64[Array, "frames"], *, spec: ClipSpec
) -> ClipGrid:
    return ClipGrid(
        frame_index=members,
        start_seconds=frame_seconds[members[:, 0]],
        stop_seconds=frame_seconds[members[:, -1]] + 1.0 / spec.rate_hz,
    )
