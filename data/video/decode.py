"""The frames that are needed, in one pass through the film that decodes no more than they rest on."""

from collections.abc import Iterator, Sequence

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from jaxtyping import Bool, Int64, UInt8
from numpy import ndarray as Array

from ..errors import BadInput
from ..packets import PacketTable
from ..recording import Video
from .container import cut_off, decoded, seconds, sound_packets
from .decoders import ON_PROCESSOR, DecoderChoice, DecoderLost, opened_for
from .pixels import Colours, Picture
from .scan import scan
from .steady_frames import other_frames, quarters

MOST_EARLY_FRAMES = 32
"""Frames kept for one that should have come before them: more than any codec's reordering (16 in H.264 and HEVC)."""


def decode_frames(
    video: Video, *, frame_index: Int64[Array, "needed"], threads: int = 1
) -> Iterator[tuple[int, UInt8[Array, "height width 3"]]]:
    """Each needed frame once, whole, upright, RGB, in order of time. See `decode_pictures`."""
    for index, picture in decode_pictures(video, frame_index=frame_index, threads=threads):
        yield index, picture.upright()


def decode_pictures(
    video: Video,
    *,
    frame_index: Int64[Array, "needed"],
    columns: tuple[int, int] | None = None,
    short_side: int | None = None,
    threads: int = 1,
) -> Iterator[tuple[int, Picture]]:
    """Each needed frame once, in order of time; refuses the film when one of them never arrives.

    `columns`, first and stop, are the ones needed of a frame as it is coded: the pictures hold at least these.
    `short_side` scales in the same step as converting: cheaper, and not the pixels that scaling full frames gives.
    The rest is as for `needed_frames`; frames that are not needed are not converted either.
    """
    colours = Colours(rotation_degrees=video.rotation_degrees, columns=columns, short_side=short_side)
    for index, frame in needed_frames(video, frame_index=frame_index, threads=threads):
        refuse_other_frames(video, frame, second=float(video.frame_seconds[index]))
        yield index, colours.picture(frame)


def needed_frames(
    video: Video, *, frame_index: Int64[Array, "needed"], threads: int = 1, decoder: DecoderChoice = ON_PROCESSOR
) -> Iterator[tuple[int, VideoFrame]]:
    """Each needed frame once, as it is coded, in order of time; refuses the film when one of them never arrives.

    `frame_index` counts in `video.frame_seconds`. Packets that no needed frame rests on are not decoded; frames that
    come are bit for bit what decoding everything gives. Memory holds a few frames, whatever the film's length.

    `threads` are the decoder's: 1 costs the least work in all, 0 takes a thread a core and is the quickest where only
    one film is worked on. A GPU's `decoder` leaves frames there; where it fails, or a frame never arrives from it,
    that is `DecoderLost` and no word about the film.
    """
    wanted = np.unique(frame_index)
    if not wanted.size:
        return
    wanted_seconds = video.frame_seconds[wanted].tolist()
    packets = video.packets or scan(video.path).packets
    needed = packets.needed_for(video.frame_seconds[wanted])
    frames = _decoded_packets(video, packets=packets, needed=needed, threads=threads, decoder=decoder)
    try:
        yield from zip(wanted.tolist(), _awaited(video, frames, wanted_seconds), strict=False)
    except (BadInput, av.FFmpegError) as error:
        if decoder.device == "cpu":
            raise
        raise DecoderLost(error.found if isinstance(error, BadInput) else error.strerror) from error


def _awaited(
    video: Video, frames: Iterator[tuple[float, VideoFrame]], wanted_seconds: Sequence[float]
) -> Iterator[VideoFrame]:
    """The frames of these times, in their order; what comes too early waits, what was not asked for is passed over."""
    position_of = {second: position for position, second in enumerate(wanted_seconds)}
    early: dict[int, VideoFrame] = {}
    position = 0
    for second, frame in frames:
        found = position_of.get(second, -1)
        if found >= position:
            early.setdefault(found, frame)
        while position in early:
            yield early.pop(position)
            position += 1
        if position == len(wanted_seconds):
            return
        if len(early) > MOST_EARLY_FRAMES:
            break
    last_good = wanted_seconds[position - 1] if position else None
    raise cut_off(video.path, last_good, missing_seconds=wanted_seconds[position])


def refuse_other_frames(video: Video, frame: VideoFrame, *, second: float) -> None:
    """Refuses the film where its frames become larger, smaller, or turned otherwise than the first."""
    if (frame.width, frame.height) != (video.width, video.height):
        before, after = ((each.width, each.height, video.pixel_aspect) for each in (video, frame))
        raise other_frames(video.path, second, before=before, after=after)
    turned = quarters(frame)
    if turned != video.rotation_degrees and (turned or frame.side_data.get("DISPLAYMATRIX") is not None):
        found = f"frames turned by {turned} degrees from {second:.3f} s on"
        expected, remedy = f"{video.rotation_degrees} as before", "Cut it there into two recordings."
        raise BadInput(video.path, found=found, expected=expected, remedy=remedy)


def _decoded_packets(
    video: Video, *, packets: PacketTable, needed: Bool[Array, "packets"], threads: int, decoder: DecoderChoice
) -> Iterator[tuple[float, VideoFrame]]:
    """The frames of the needed packets, with their times, as the decoder gives them; others are not even sent to it."""
    last, strict = int(np.flatnonzero(needed)[-1]) if needed.any() else -1, decoder.device != "cpu"
    with opened_for(decoder, video.path, threads=threads) as (container, stream):
        for number, (second, packet) in enumerate(sound_packets(video.path, container, stream)):
            if number > last:
                break
            if second != packets.seconds[number]:
                raise _changed(video, second)
            if needed[number]:
                yield from _timed(stream, decoded(stream, packet, strict=strict))
        yield from _timed(stream, decoded(stream, None, strict=strict))


def _timed(stream: VideoStream, frames: Sequence[VideoFrame]) -> Iterator[tuple[float, VideoFrame]]:
    return ((seconds(stream, frame.pts or 0), frame) for frame in frames)


def _changed(video: Video, second: float) -> BadInput:
    found = f"a film that changed at {second:.3f} s since its packets were read"
    return BadInput(video.path, found=found, expected="the same film", remedy="Run again when the copy is complete.")
