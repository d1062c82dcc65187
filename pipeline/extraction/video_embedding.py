"""What a teacher sees in a film: one decode pass, each needed frame preprocessed once, clips embedded in batches.

Three things go on at once: a thread decodes and preprocesses ahead, the teacher embeds a few batches at a time, and
results are stored. Nothing waits for another longer than it must, and memory holds a few batches.
"""

import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Lock
from typing import Any

import numpy as np
from jaxtyping import Float16, Float32, Int64
from numpy import ndarray as Array

from ...data.errors import BadInput, first_line
from ...data.recording import ClipGrid, Video
from ...data.video.decode import decode_pictures, needed_frames
from ...data.video.decoders import ON_PROCESSOR, DecoderChoice, DecoderLost
from ...data.video.horse_square import cut_square, horse_squares
from ...data.video.planes import PlaneReader
from ..runtime.prefetch import check_wanted, one_core_each, ordered_map, prefetch, usable_cores
from ..teachers.table import FrameTeacher, Teacher
from .frame_embedding import Shown, assembled, embed_clips_by_frame, stacked

Clip = Any
"""Bytes `[frames, 3, size, size]`, an array or a tensor on a GPU."""
Clips = Any
"""The same, `[clips, frames, 3, size, size]`."""

BATCHES_AHEAD = 2
"""Decoded batches that wait: enough for the teacher never to wait behind a key frame's larger share of decoding."""

MOST_DECODER_THREADS = 16
"""FFmpeg's own limit: beyond it a film comes no sooner, and each thread holds frames."""

WATCHING = Lock()
"""Held while a film is watched for the horse: that takes every core, and some kilobytes a frame."""


def embed_video(
    video: Video,
    *,
    clips: ClipGrid,
    teacher: Teacher,
    decoder: DecoderChoice = ON_PROCESSOR,
    progress: Callable[[int], object] | None = None,
) -> Float16[Array, "clips dim"]:
    """One feature a clip, in float16. `progress` is called after each batch with the number of its clips."""
    features = np.empty((len(clips.frame_index), teacher.identity.dim), np.float16)
    done = 0
    with one_core_each(), closing(_features(video, clips=clips, teacher=teacher, decoder=decoder)) as found:
        for part in found:
            check_wanted()
            features[done : done + len(part)] = as_float16(part, video=video)
            done += len(part)
            if progress is not None:
                progress(len(part))
    return features


def _features(
    video: Video, *, clips: ClipGrid, teacher: Teacher, decoder: DecoderChoice
) -> Generator[Float32[Array, "clips dim"], None, None]:
    """Features of the clips in order, a batch at a time."""
    if isinstance(teacher, FrameTeacher):
        frames = shown_frames(video, clips=clips, teacher=teacher, decoder=decoder)
        index = clips.frame_index
        yield from embed_clips_by_frame(frames, frame_index=index, teacher=teacher, ahead=BATCHES_AHEAD)
        return
    batches = _batched(video_clips(video, clips=clips, teacher=teacher, decoder=decoder), size=teacher.batch_clips)
    with (
        prefetch(batches, most=BATCHES_AHEAD) as ready,
        ordered_map(teacher.embed, ready, workers=teacher.concurrent_batches) as found,
    ):
        yield from found


def video_clips(
    video: Video, *, clips: ClipGrid, teacher: Teacher, decoder: DecoderChoice = ON_PROCESSOR
) -> Iterator[Clip]:
    """The clips of a film as the network is shown them, in order."""
    frames = shown_frames(video, clips=clips, teacher=teacher, decoder=decoder)
    return map(stacked, assembled(frames, frame_index=clips.frame_index))


def shown_frames(
    video: Video, *, clips: ClipGrid, teacher: Teacher, decoder: DecoderChoice
) -> Generator[Shown, None, None]:
    """Each frame that clips need, once, as the network is shown it, in order of time; on the GPU, if that decodes."""
    needed = np.unique(clips.frame_index)
    if decoder.device != "cpu":
        return _shown_on_gpu(video, needed=needed, teacher=teacher, decoder=decoder)
    return _shown_on_processor(video, needed=needed, teacher=teacher, decoder=decoder)


def _shown_on_processor(
    video: Video, *, needed: Int64[Array, "needed"], teacher: Teacher, decoder: DecoderChoice
) -> Generator[Shown, None, None]:
    preprocessing, cropped = teacher.identity.preprocessing, teacher.identity.crop == "motion"
    squares = iter(_squares(video, needed=needed)) if cropped and needed.size else None
    pictures = decode_pictures(
        video,
        frame_index=needed,
        columns=None if cropped else preprocessing.columns(video),
        short_side=preprocessing.decoded_short_side,
        threads=max(1, decoder_threads(teacher.concurrent_batches) // decoder.films_at_once),
    )
    for index, picture in pictures:
        shown = picture if squares is None else cut_square(picture, next(squares))
        yield index, teacher.preprocess(shown)


def _shown_on_gpu(
    video: Video, *, needed: Int64[Array, "needed"], teacher: Teacher, decoder: DecoderChoice
) -> Generator[Shown, None, None]:
    from ..runtime.device import hold_gpu
    from ..teachers.square_of_planes import square_of_planes

    reader = PlaneReader(rotation_degrees=video.rotation_degrees)
    try:
        hold_gpu(decoder.gpu)  # the decoder takes the context of the thread that opens it
        for index, frame in needed_frames(video, frame_index=needed, decoder=decoder):
            planes = reader.planes(frame)
            if planes is None:
                raise DecoderLost(f"frames of the form {(frame.sw_format or frame.format).name}")
            if (frame.width, frame.height) != (video.width, video.height):  # what a film cuts off left or above stays
                raise DecoderLost(f"frames of {frame.width}x{frame.height} pixels")
            yield index, square_of_planes(planes, preprocessing=teacher.identity.preprocessing)
    except (RuntimeError, NotImplementedError) as error:  # torch's, out of memory among them, and PyAV's
        raise DecoderLost(first_line(error)) from error


def frames_a_second(
    decoder: DecoderChoice, *, video: Video, clips: ClipGrid, teacher: Teacher, seconds: float
) -> float:
    """How many frames a decoder brings a second, as the network is shown them, in a trial of some seconds.

    Of as many films side by side as the choice says, for so they will be decoded: a GPU has several decoders, of which
    a film takes one. The first frame of each is not counted: opening takes as long as many frames.
    """

    def one_film() -> float:
        with closing(shown_frames(video, clips=clips, teacher=teacher, decoder=decoder)) as frames:
            last = next(frames, None)
            count, began = 0, time.perf_counter()
            while time.perf_counter() - began < seconds and (frame := next(frames, None)) is not None:
                count, last = count + 1, frame
            if last is not None and decoder.device != "cpu":
                last[1].cpu()  # waits for what the GPU is still at
            return count / max(time.perf_counter() - began, 1e-9)

    with ThreadPoolExecutor(decoder.films_at_once) as pool:
        films = [pool.submit(one_film) for _ in range(decoder.films_at_once)]
        return sum(film.result() for film in films)


def _squares(video: Video, *, needed: Int64[Array, "needed"]) -> Int64[Array, "needed 3"]:
    """Where the horse is in these frames, of one film at a time."""
    with WATCHING:
        check_wanted()
        return horse_squares(video, frame_index=needed)


def decoder_threads(concurrent_batches: int, *, cores: int | None = None) -> int:
    """Threads of the decoder: cores that the teacher leaves free, or decoding's usual share, a quarter of all work."""
    cores = cores or usable_cores()
    return min(MOST_DECODER_THREADS, max(1, cores - concurrent_batches, cores // 4))


def _batched(clips: Iterator[Clip], *, size: int) -> Iterator[Clips]:
    batch: list[Clip] = []
    for clip in clips:
        batch.append(clip)
        if len(batch) == size:
            yield stacked(batch)
            batch = []
    if batch:
        yield stacked(batch)


def as_float16(features: Float32[Array, "clips dim"], *, video: Video) -> Float16[Array, "clips dim"]:
    """A batch of features, refused where they do not fit float16: a cache of infinities would seem whole."""
    with np.errstate(over="ignore"):
        short = features.astype(np.float16)
    if not np.isfinite(short).all():
        remedy = "Check the weights of the teacher."
        raise BadInput(video.path, found="features that are not finite", expected="numbers of float16", remedy=remedy)
    return short
