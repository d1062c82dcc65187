"""What a teacher of frames sees in a film: each frame embedded once, however many clips it is part of."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray as Array

from ..runtime.prefetch import ordered_map, prefetch
from ..teachers.table import FrameTeacher

Shown = tuple[int, Any]
"""A frame's number in the film, and what the network is shown of it: bytes `[3, size, size]`, an array or, on a GPU, a
tensor."""
Value = TypeVar("Value")


def embed_clips_by_frame(
    frames: Iterator[Shown], *, frame_index: Int64[Array, "clips clip_frames"], teacher: FrameTeacher, ahead: int
) -> Iterator[Float32[Array, "1 dim"]]:
    """One feature a clip, in order. `ahead` batches of frames wait for the network; features wait for their clips."""
    with (
        prefetch(_batched(frames, size=teacher.batch_frames), most=ahead) as ready,
        ordered_map(partial(_embed, teacher=teacher), ready, workers=teacher.concurrent_batches) as found,
    ):
        for members in assembled((each for batch in found for each in batch), frame_index=frame_index):
            yield teacher.pool(np.stack(members)[None])


def assembled(
    items: Iterator[tuple[int, Value]], *, frame_index: Int64[Array, "clips clip_frames"]
) -> Iterator[list[Value]]:
    """What belongs to the frames of each clip, in order; an item waits no longer than it is needed."""
    waiting: dict[int, Value] = {}
    for members in frame_index.tolist():
        while members[-1] not in waiting:
            index, value = next(items)
            waiting[index] = value
        for index in [index for index in waiting if index < members[0]]:
            del waiting[index]
        yield [waiting[index] for index in members]


def stacked(members: Sequence[Any]) -> Any:
    """Arrays or tensors as one, where they lie."""
    if isinstance(members[0], np.ndarray):
        return np.stack(members)
    import torch

    return torch.stack(list(members))


def _embed(batch: Sequence[Shown], *, teacher: FrameTeacher) -> list[tuple[int, Float32[Array, "frame_dim"]]]:
    features = teacher.embed_frames(stacked([pixels for _, pixels in batch]))
    return [(index, feature) for (index, _), feature in zip(batch, features, strict=True)]


def _batched(frames: Iterator[Shown], *, size: int) -> Iterator[list[Shown]]:
    batch: list[Shown] = []
    for frame in frames:
        batch.append(frame)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
