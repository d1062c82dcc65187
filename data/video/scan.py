"""One reading of a film's packets: its frames' times, its first frame, and what a decoder must be given for each."""

from collections import Counter
from collections.abc import Collection
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..packets import PacketTable, Role, packet_table
from .container import (
    AS_THEY_WERE,
    COPY_AGAIN,
    VideoPacket,
    cut_off,
    decoded,
    no_frames,
    opened,
    refuse_unread,
    seconds,
    sound_packets,
)
from .hashing_file import HashingFile
from .packet_dependencies import RoleReader, role_reader

PROGRESSIVE = 1
"""FFmpeg's number for pictures that are not interlaced (AV_FIELD_PROGRESSIVE); 0 is unknown, more are field orders."""

INTRA_ONLY = 1
"""FFmpeg's flag for codecs whose pictures never refer to others (AV_CODEC_PROP_INTRA_ONLY)."""

MICROSECONDS = 1_000_000
"""FFmpeg's unit for a file's start (AV_TIME_BASE)."""

MOST_AT_ONCE = 4
"""Packets that bear one time: the fields of a picture may come in two, and muxers repeat one now and then."""

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
    sha256: str | None
    """SHA-256 of the file, hexadecimal, where it was asked for."""


def scan(path: Path, *, hashed: bool = False) -> Scan:
    """Reads all packets and decodes one frame; refuses what is not a whole, decodable film.

    With `hashed` the same reading hashes the file.

    Frames before the first that the decoder gives do not count: films cut without care begin with pictures whose
    references are gone.
    """
    rows, begun, first, stop_byte = list[_Row](), False, None, 0
    with _hashing(path, wanted=hashed) as file, opened(path, file=file) as (container, stream):
        read_role = _role_reader(stream)
        for second, packet in sound_packets(path, container, stream):
            rows.append(_row(second, packet, read_role))
            stop_byte = max(stop_byte, (packet.pos or 0) + packet.size)
            begun = begun or rows[-1].key
            if begun and first is None:
                first = next(iter(decoded(stream, packet)), None)
        refuse_unread(path, container, stop_byte=stop_byte)
        shown = Counter(row.second for row in rows if row.shown)
        _refuse_if_time_stands(path, shown)
        _refuse_if_cut_off(path, stream, packets=len(rows), shown=shown)
        first = first or next(iter(decoded(stream, None)), None) or _first_without_key(path)
        first_second = seconds(stream, first.pts or 0)
        interlaced = first.interlaced_frame or stream.codec_context.field_order > PROGRESSIVE
        start = None if container.start_time is None else container.start_time / MICROSECONDS
        aspect = float(stream.sample_aspect_ratio or 1.0)
        digest = file.sha256() if file else None
    return Scan(
        frame_seconds=np.array(sorted(second for second in shown if second >= first_second)),
        packets=packet_table(
            [row.second for row in rows],
            # Fields may come in packets of their own, and MPEG-4's depend on how often time was counted: all are kept.
            roles=[None if interlaced else row.role for row in rows],
            keys=[row.key for row in rows],
        ),
        first_frame=first,
        start_seconds=start,
        pixel_aspect=aspect,
        sha256=digest,
    )


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
    if packets < len(stream.index_entries) or max(shown) < _declared_stop_seconds(stream) - STOP_SLACK_SECONDS:
        raise cut_off(path, max(shown))


def _refuse_if_time_stands(path: Path, shown: Counter[float]) -> None:
    """Refuses a film of which many pictures bear one time: a second one behind it, say, for which it has no index."""
    (second, pictures), *_ = shown.most_common(1) or [(0.0, 0)]
    if pictures > MOST_AT_ONCE:
        expected = "each at a time of its own (films joined byte by byte have one index alone)"
        raise BadInput(path, found=f"{pictures} pictures at {second:.3f} s", expected=expected, remedy=AS_THEY_WERE)


def _declared_stop_seconds(stream: VideoStream) -> float:
    """Where Matroska says that the stream stops; other containers say it with their index of frames."""
    clock = stream.metadata.get("DURATION", "")
    try:
        hours, minutes, seconds_ = clock.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds_)
    except ValueError:
        return 0.0
