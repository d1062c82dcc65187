"""Cuts a grid into windows: which rows, which clips lie inside, which label holds, whether every sample is real."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int16, Int64
from numpy import ndarray as Array
from pydantic import Field

from .errors import BadInput, SkippedRecording
from .names import PlainName
from .recording import TRANSITION, UNLABELLED, Bout, ClipGrid, Grid, WindowIndex
from .settings import Settings

TIME_TOLERANCE_SECONDS = 1e-6
"""Two instants closer than this are one: float64 keeps a Unix time to 0.24 us."""


class WindowSpec(Settings):
    """How a recording is cut into windows, and what labels one."""

    steps: Annotated[int, Field(gt=0)] = 250
    """Rows in a window: 5 s at 50 Hz."""
    hop_steps: Annotated[int, Field(gt=0)] = 125
    """Rows from one window's start to the next."""
    purity: Annotated[float, Field(gt=0.5, le=1.0)] = 0.8
    """The share of a window that one label must cover. Above a half, so that only one label can."""
    labels: tuple[PlainName, ...] = ("stand", "walk", "trot", "canter")
    """The vocabulary; a window's label is an index into it."""


def window_index(grid: Grid, *, clips: ClipGrid | None, bouts: Sequence[Bout], spec: WindowSpec) -> WindowIndex:
    """The windows of one recording, every `hop_steps` rows from its first.

    A clip belongs to a window when it lies wholly inside. A grid shorter than a window raises SkippedRecording.
    """
    rows = len(grid.imu)
    if rows < spec.steps:
        raise SkippedRecording(
            grid.source or "recording",
            found=f"{rows / grid.rate_hz:.2f} s of sensors",
            expected=f"at least one window of {spec.steps / grid.rate_hz:.2f} s",
            remedy="Record longer, or set windows.steps lower.",
        )
    start_row = np.arange(0, rows - spec.steps + 1, spec.hop_steps, dtype=np.int64)
    start_seconds = grid.start_seconds + start_row / grid.rate_hz
    stop_seconds = start_seconds + spec.steps / grid.rate_hz
    clip_first, clip_count = _clips_inside(start_seconds, stop_seconds, clips=clips)
    return WindowIndex(
        start_row=start_row,
        clip_first=clip_first,
        clip_count=clip_count,
        label=window_labels(start_seconds, stop_seconds, bouts=bouts, spec=spec),
        valid=all_valid(grid.imu_valid, start_row=start_row, steps=spec.steps),
    )


def pool_clips(clips: Float[Array, "clips dim"], index: WindowIndex) -> Float32[Array, "windows dim"]:
    """The mean embedding of the clips inside each window; NaN for a window that no clip lies in."""
    total = np.zeros((len(index.start_row), clips.shape[1]))
    for offset in range(int(index.clip_count.max(initial=0))):
        has = index.clip_count > offset
        total[has] += clips[index.clip_first[has] + offset]
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN that is wanted
        mean = total / index.clip_count[:, None]
    return np.asarray(mean, np.float32)


def _clips_inside(
    start_seconds: Float64[Array, "windows"], stop_seconds: Float64[Array, "windows"], *, clips: ClipGrid | None
) -> tuple[Int64[Array, "windows"], Int64[Array, "windows"]]:
    """First clip and number of clips wholly inside each window: neighbours, since both ends of clips increase."""
    if clips is None:
        return np.zeros(len(start_seconds), np.int64), np.zeros(len(start_seconds), np.int64)
    first = np.searchsorted(clips.start_seconds, start_seconds - TIME_TOLERANCE_SECONDS, side="left")
    after = np.searchsorted(clips.stop_seconds, stop_seconds + TIME_TOLERANCE_SECONDS, side="right")
    count = np.maximum(after - first, 0)
    return np.where(count > 0, first, 0).astype(np.int64), count.astype(np.int64)


def all_valid(
    imu_valid: Bool[Array, "rows sites"], *, start_row: Int64[Array, "windows"], steps: int
) -> Bool[Array, "windows"]:
    """Whether every row of every site inside each window is valid."""
    bad_before = np.concatenate([[0], np.cumsum(~imu_valid.all(axis=1))])
    return np.asarray(bad_before[start_row + steps] == bad_before[start_row])


def window_labels(
    start_seconds: Float64[Array, "windows"],
    stop_seconds: Float64[Array, "windows"],
    *,
    bouts: Sequence[Bout],
    spec: WindowSpec,
) -> Int16[Array, "windows"]:
    """The one label that covers `purity` of a window; TRANSITION when only several together do; else UNLABELLED."""
    unknown = sorted({bout.label for bout in bouts} - set(spec.labels))
    if unknown:
        raise BadInput(
            "labels",
            found=f"bouts labelled {', '.join(unknown)}",
            expected=f"one of {', '.join(spec.labels)}",
            remedy="Map them in recording.yaml (`labels: map:`, null leaves out), or add them to windows.labels.",
        )
    needed = spec.purity * (stop_seconds - start_seconds) - TIME_TOLERANCE_SECONDS
    by_label = np.stack(
        [_covered([b for b in bouts if b.label == label], start_seconds, stop_seconds) for label in spec.labels]
    )
    pure = by_label >= needed
    labelled = _covered(bouts, start_seconds, stop_seconds) >= needed
    mixed = np.where(labelled, TRANSITION, UNLABELLED)
    return np.where(pure.sum(axis=0) == 1, pure.argmax(axis=0), mixed).astype(np.int16)


def _covered(
    bouts: Sequence[Bout], start_seconds: Float64[Array, "windows"], stop_seconds: Float64[Array, "windows"]
) -> Float64[Array, "windows"]:
    """How many seconds of each window lie inside bouts; where bouts overlap, time counts once."""
    edges: list[float] = []
    for bout in sorted(bouts, key=lambda bout: bout.start_seconds):
        if edges and bout.start_seconds <= edges[-1]:
            edges[-1] = max(edges[-1], bout.stop_seconds)
        else:
            edges += [bout.start_seconds, bout.stop_seconds]
    if not edges:
        return np.zeros(len(start_seconds))
    inside = np.diff(edges)
    inside[1::2] = 0.0
    covered_until = np.concatenate([[0.0], np.cumsum(inside)])
    covered = np.interp(stop_seconds, edges, covered_until) - np.interp(start_seconds, edges, covered_until)
    return np.asarray(covered)
