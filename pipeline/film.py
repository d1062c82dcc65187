"""What a teacher sees in a film: one decode pass, each needed frame preprocessed once, clips embedded in batches."""

from collections.abc import Callable, Iterator

import numpy as np
from jaxtyping import Float16, UInt8
from numpy import ndarray as Array

from ..data.errors import BadInput
from ..data.recording import ClipGrid, Video
from ..data.video import decode_frames
from .teachers.table import Teacher

Clip = UInt8[Array, "frames 3 size size"]


def embed_film(
    video: Video,
    *,
    clips: ClipGrid,
    teacher: Teacher,
    batch_clips: int,
    embedded: Callable[[int], object] | None = None,
) -> Float16[Array, "clips dim"]:
    """One feature a clip, in float16. `embedded` is told after each batch how many clips it held.

    Memory holds the frames of one clip and of one batch, however long the film.
    """
    features = np.empty((len(clips.frame_index), teacher.identity.dim), np.float16)
    done = 0
    for batch in _batched(film_clips(video, clips=clips, teacher=teacher), size=batch_clips):
        features[done : done + len(batch)] = _embed(batch, teacher=teacher, video=video)
        done += len(batch)
        if embedded is not None:
            embedded(len(batch))
    return features


def film_clips(video: Video, *, clips: ClipGrid, teacher: Teacher) -> Iterator[Clip]:
    """The clips of a film as the network is shown them, in order; a frame waits no longer than it is needed."""
    waiting: dict[int, UInt8[Array, "3 size size"]] = {}
    frames = decode_frames(video, frame_index=np.unique(clips.frame_index))
    for members in clips.frame_index.tolist():
        while members[-1] not in waiting:
            index, pixels = next(frames)
            waiting[index] = teacher.preprocess(pixels)
        for index in [index for index in waiting if index < members[0]]:
            del waiting[index]
        yield np.stack([waiting[index] for index in members])


def _batched(clips: Iterator[Clip], *, size: int) -> Iterator[UInt8[Array, "clips frames 3 size size"]]:
    batch: list[Clip] = []
    for clip in clips:
        batch.append(clip)
        if len(batch) == size:
            yield np.stack(batch)
            batch = []
    if batch:
        yield np.stack(batch)


def _embed(
    batch: UInt8[Array, "clips frames 3 size size"], *, teacher: Teacher, video: Video
) -> Float16[Array, "clips dim"]:
    """A batch of features, refused where they do not fit float16: a cache of infinities would look whole."""
    with np.errstate(over="ignore"):
        features = teacher.embed(batch).astype(np.float16)
    if not np.isfinite(features).all():
        remedy = "Check the weights of the teacher."
        raise BadInput(video.path, found="features that are not finite", expected="numbers of float16", remedy=remedy)
    return features
