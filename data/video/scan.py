"""One reading of a film's packets: its frames' times, its first frame, and what a decoder must be given for each."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..packets import PacketTable, Role, packet_table
from .container import (
    BACK_SECONDS,
    COPY_AGAIN,
    VideoPacket,
    cut_off,
    decoded,
    no_frames,
    opened,
    seconds,
    sound_packets,
    stamps_back,
)
from .edit_list import shown_stretches
from .hashing_file import HashingFile
from .one_film import AS_THEY_WERE, refuse_unread
from .packet_dependencies import RoleReader, role_reader
from .steady_frames import SteadyFrames
from .true_times import out_of_order, refuse_decoding_times, refuse_other_pace

PROGRESSIVE = 1
"""FFmpeg's number for pictures that are not interlaced (AV_FIELD_PROGRESSIVE); 0 is unknown, more are field orders."""

INTRA_ONLY = 1
"""FFmpeg's flag for codecs whose pictures never refer to others (AV_CODEC_PROP_INTRA_ONLY)."""

MICROSECONDS = 1_000_000
"""FFmpeg's unit for a file's start (AV_TIME_BASE)."""

MOST_AT_ONCE = 4
"""Packets that bear one time: the fields of a picture may come in two, and muxers repeat one now and then."""

ORDERED_PACKETS = 24
"""So many packets of a film with B-frames are decoded: its first B-frames are among them."""

STOP_SLACK_SECONDS = 1.0
"""By how much a stated duration may exceed the last frame's time before the film counts as cut off."""


@dataclass(frozen=True)
class Scan:
    """A film's packets, read once, and its first frame."""

    frame_seconds: Float64[Array, "frames"]
    """Time of every frame that can be decoded and is shown, increasing."""
    packets: PacketTable
    """The packets in decoding order."""
    first_frame: VideoFrame
    """The first frame shown."""
    start_seconds: float | None
    """Where the file begins, the first of its streams; None where it does not say."""
    pixel_aspect: float
    """Width of a pixel over its height."""
    interlaced: bool
    """Whether a frame holds two fields, taken one after the other."""
    sha256: str | None
    """SHA-256 of the file, hexadecimal, where it was asked for."""


def scan(path: Path, *, hashed: bool = False) -> Scan:
    """Reads all packets and decodes one frame; refuses what is not a whole, decodable film.

    With `hashed` the same reading hashes the file.

    Frames before the first that the decoder gives do not count: films cut without care begin with pictures whose
    references are gone.
    """
    with _hashing(path, wanted=hashed) as file, opened(path, file=file) as (container, stream):
        reading = _read(path, container, stream)
        shown = Counter(row.second for row in reading.rows if row.shown)
        _refuse_unsound(path, container, stream, reading=reading, shown=shown)
        first = reading.first or next(iter(decoded(stream, None)), None) or _first_without_key(path)
        first_second = seconds(stream, first.pts or 0)
        interlaced = first.interlaced_frame or stream.codec_context.field_order > PROGRESSIVE
        start = None if container.start_time is None else container.start_time / MICROSECONDS
        aspect = float(stream.sample_aspect_ratio or 1.0)
        reading.steady.refuse_change(path)
        frame_seconds = np.array(sorted(second for second in shown if second >= first_second))
        refuse_other_pace(path, container, frame_seconds=frame_seconds)
        digest = file.sha256() if file else None
    return Scan(
        frame_seconds=frame_seconds,
        packets=packet_table(
            [row.second for row in reading.rows],
            # Fields may come in packets of their own, and MPEG-4's depend on how often time was counted: all are kept.
            roles=[None if interlaced else row.role for row in reading.rows],
            keys=[row.key for row in reading.rows],
        ),
        first_frame=first,
        start_seconds=start,
        pixel_aspect=aspect,
        interlaced=interlaced,
        sha256=digest,
    )


@dataclass
class _Reading:
    """What one pass over a film's packets finds."""

    steady: SteadyFrames
    rows: "list[_Row]" = field(default_factory=list)
    first: VideoFrame | None = None
    """The first frame, where one came before the end."""
    latest: float = -math.inf
    """Time of the last frame that was decoded."""
    disorder: float | None = None
    """Time of the first frame that was decoded after a later one."""
    stop_byte: int = 0
    """Just behind the last packet."""


def _read(path: Path, container: InputContainer, stream: VideoStream) -> _Reading:
    """One pass over the packets, which decodes the first frame; refuses the film at the first damaged one."""
    is_edited = "mp4" in container.format.name.split(",") and shown_stretches(path, track=stream.id) > 1
    read_role, reading, latest, begun = _role_reader(stream), _Reading(SteadyFrames(stream)), -math.inf, False
    for second, packet in sound_packets(path, container, stream):
        latest = max(latest, second)
        if packet.is_discard and not is_edited and second < latest - BACK_SECONDS:
            raise stamps_back(path, at=latest, back=latest - second)
        row = _row(second, packet, read_role)
        reading.rows.append(row)
        reading.steady.see(second, packet, role=row.role)
        reading.stop_byte = max(reading.stop_byte, (packet.pos or 0) + packet.size)
        begun = begun or row.key
        reorders = stream.codec_context.has_b_frames and len(reading.rows) < ORDERED_PACKETS
        if begun and (reading.first is None or reorders):
            _take_frames(stream, decoded(stream, packet), reading=reading)
    return reading


def _take_frames(stream: VideoStream, frames: Sequence[VideoFrame], *, reading: _Reading) -> None:
    """The first frame, and whether those after it come later: decoders give frames in the order of showing."""
    for frame in frames:
        second = seconds(stream, frame.pts or 0)
        if second <= reading.latest and reading.disorder is None:
            reading.disorder = second
        reading.first, reading.latest = reading.first or frame, second


def _refuse_unsound(
    path: Path, container: InputContainer, stream: VideoStream, *, reading: _Reading, shown: Counter[float]
) -> None:
    """Refuses a film that is not all of one film, or not whole, or whose times are not those of showing."""
    refuse_unread(path, container, stop_byte=reading.stop_byte)
    refuse_decoding_times(path, container, stream, packed=any(row.role is None for row in reading.rows))
    if reading.disorder is not None:
        raise out_of_order(path, reading.disorder)
    _refuse_if_time_stands(path, shown)
    _refuse_if_cut_off(path, stream, packets=len(reading.rows), shown=shown)


def _hashing(path: Path, *, wanted: bool) -> AbstractContextManager[HashingFile | None]:
    return HashingFile(path) if wanted and path.is_file() else nullcontext()


class _Row(NamedTuple):
    """What is kept of one packet."""

    second: float
    role: Role | None
    key: bool
    shown: bool


def _row(second: float, packet: VideoPacket, read_role: RoleReader) -> _Row:
    role = read_role(bytes(packet), packet.is_keyframe)
    if role and packet.has_sidedata("new_extradata"):
        role = role._replace(has_tables=True, has_other_tables=True)
    return _Row(second, role=role, key=packet.is_keyframe, shown=not packet.is_discard)


def _role_reader(stream: VideoStream) -> RoleReader:
    context = stream.codec_context
    return role_reader(
        context.codec.canonical_name,
        extradata=context.extradata,
        intra_only=bool(int(context.codec.properties) & INTRA_ONLY),
    )


def _first_without_key(path: Path) -> VideoFrame:
    """The first frame of a film in which nothing is marked as key frame: all packets are tried."""
    with opened(path) as (container, stream):
        for _, packet in sound_packets(path, container, stream):
            for frame in decoded(stream, packet):
                return frame
    raise BadInput(path, found="no frame that can be decoded", expected="a decodable film", remedy=COPY_AGAIN)


def _refuse_if_cut_off(path: Path, stream: VideoStream, *, packets: int, shown: Collection[float]) -> None:
    """Refuses a film of no frames, and one that holds less than its own index or header declares."""
    if not shown:
        raise no_frames(path)
    declared = _declared_stop_seconds(stream)
    is_short = declared is not None and max(shown) < declared - STOP_SLACK_SECONDS
    if packets < len(stream.index_entries) or is_short:
        raise cut_off(path, max(shown))


def _refuse_if_time_stands(path: Path, shown: Counter[float]) -> None:
    """Refuses a film of which many pictures bear one time: a second one behind it, say, for which it has no index."""
    (second, pictures), *_ = shown.most_common(1) or [(0.0, 0)]
    if pictures > MOST_AT_ONCE:
        expected = "each at a time of its own (films joined byte by byte have one index alone)"
        raise BadInput(path, found=f"{pictures} pictures at {second:.3f} s", expected=expected, remedy=AS_THEY_WERE)


def _declared_stop_seconds(stream: VideoStream) -> float | None:
    """Where Matroska says that the stream stops, else None; other containers say it with their index of frames."""
    clock = stream.metadata.get("DURATION", "")
    try:
        hours, minutes, seconds_ = clock.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds_)
    except ValueError:
        return None
