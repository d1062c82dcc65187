"""Film files opened and read packet by packet: the film's own stream and times, and the refusal of damaged ones."""

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import av
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ..av_options import FORGIVING
from ..errors import BadInput
from .hashing_file import HashingFile

if TYPE_CHECKING:
    VideoPacket: TypeAlias = Packet[VideoStream]
else:
    VideoPacket = Packet  # generic to type checkers alone

BUFFER_BYTES = 1 << 18
"""Read at once from a `HashingFile`."""
COPY_AGAIN = "Copy the film again from the camera, or cut it where it breaks."
AS_THEY_WERE = "Give the films as they were: `film: [a.ts, b.ts]`, or join them with FFmpeg's concat demuxer."
JOINED = f"{COPY_AGAIN} If films were joined byte by byte: {AS_THEY_WERE[0].lower()}{AS_THEY_WERE[1:]}"

READ_AT_LEAST = 0.9
"""Of a Flash video: its sound may go on a little longer than its frames."""
BEGINS_WITH = 16
"""Bytes that a file begins with, and which stand nowhere else in it: a key, or a signature and its first sizes."""
BACK_SECONDS = 0.5
"""Decoding times never go back in a sound film; less than this is the jitter of careless muxers."""


@contextmanager
def opened(
    path: Path, *, hwaccel: HWAccel | None = None, file: HashingFile | None = None
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The film and its first true video stream (cover pictures do not count), read through `file` where one is given.

    An accelerator that is not there shows as FFmpeg's own error: it is no fault of the film's.
    """
    if not path.is_file():
        raise BadInput(path, found="no such file", expected="a film", remedy="Correct `film:` in the manifest.")
    try:
        source: Any = file or str(path)
        container = av.open(source, mode="r", hwaccel=hwaccel, buffer_size=BUFFER_BYTES, **FORGIVING)
    except av.error.EOFError:
        raise no_frames(path) from None
    except av.FFmpegError as error:
        if hwaccel is not None or isinstance(error, PermissionError):  # which says nothing of the film itself
            raise
        found = f"a file that does not open as film ({error.strerror})"
        raise BadInput(path, found=found, expected="a whole film", remedy=COPY_AGAIN) from None
    with container:
        if not container.streams:
            raise no_frames(path)
        films = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
        if not films:
            remedy = "Point `film:` at the film, or leave it out for a recording of sensors alone."
            raise BadInput(path, found="no video stream", expected="a film", remedy=remedy)
        if cast("object | None", films[0].codec_context) is None:
            remedy = "Convert it: ffmpeg -i FILM -crf 18 film.mp4. If that fails, copy it again from the camera."
            raise BadInput(path, found="pictures in a coding unknown here", expected="a decodable film", remedy=remedy)
        yield container, films[0]


def sound_packets(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[tuple[float, VideoPacket]]:
    """The stream's packets that hold data, with their times in seconds; refuses the film at the first damaged one."""
    latest: float | None = None
    decoded_last: float | None = None
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, IndexError):  # an index of a stream that began in mid-file, and PyAV does not know
            raise cut_off(path, latest) from None
        if packet is None:
            return
        if packet.dts is not None:
            order = seconds(stream, packet.dts)
            if decoded_last is not None and order < decoded_last - BACK_SECONDS:
                raise _stamps_back(path, at=decoded_last, back=decoded_last - order)
            decoded_last = order
        if packet.is_corrupt:
            raise cut_off(path, latest, remedy=JOINED if container.format.name == "mpegts" else COPY_AGAIN)
        if not packet.size:
            continue
        if packet.pts is None:
            remedy = "Write them: ffmpeg -fflags +genpts -i FILM -c copy film.mp4"
            raise BadInput(path, found="frames without a time", expected="presentation times", remedy=remedy)
        time = seconds(stream, packet.pts)
        latest = time if latest is None else max(latest, time)
        yield time, packet


def _stamps_back(path: Path, *, at: float, back: float) -> BadInput:
    """The refusal of films that were joined byte by byte: each has a clock of its own."""
    return BadInput(
        path,
        found=f"stamps that go back by {back:.3f} s after {at:.3f} s",
        expected="one clock throughout (two films joined byte by byte have two)",
        remedy=AS_THEY_WERE,
    )


def refuse_unread(path: Path, container: InputContainer, *, stop_byte: int) -> None:
    """Refuses a file behind whose film another one lies, joined to it byte by byte, which is not read."""
    size, found = path.stat().st_size, ""
    if container.format.name == "flv" and stop_byte < READ_AT_LEAST * size:
        found = f"a film that ends after {stop_byte} of {size} bytes"
    if "mp4" in container.format.name.split(",") and (movies := _count_movies(path)) > 1:
        found = f"{movies} films, one behind the other, of which players show the first"
    # A transport stream repeats its first packet throughout; joined ones show by their stamps.
    runs_on = not stop_byte or container.format.name == "mpegts"
    if not found and not runs_on and _begins_again(path, after_byte=stop_byte):
        found = "another film behind the first, of which players show the first"
    if found:
        raise BadInput(path, found=found, expected="one film in a file", remedy=AS_THEY_WERE)


def _begins_again(path: Path, *, after_byte: int) -> bool:
    """Whether what the file begins with stands there again, behind all that was read of it."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(data[:BEGINS_WITH], after_byte) >= 0


def _count_movies(path: Path) -> int:
    """How many indices (`moov`) an MP4 or QuickTime file holds: one, unless films were joined byte by byte."""
    movies, at, size = 0, 0, path.stat().st_size
    with path.open("rb") as file:
        while at + 8 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            if length == 1:
                length = int.from_bytes(file.read(8), "big")
            movies += kind == b"moov"
            at += length if length >= 8 else size  # 0: to the end of the file
    return movies


def decoded(stream: VideoStream, packet: VideoPacket | None, *, strict: bool = False) -> list[VideoFrame]:
    """The frames that a packet brings out of the decoder (None: all that it still holds); none when it is damaged.

    With `strict` FFmpeg's error is raised instead: of a GPU's decoder it says nothing about the packet.
    """
    try:
        frames = stream.codec_context.decode(packet)
    except av.FFmpegError:
        if strict:
            raise
        return []
    return [frame for frame in frames if frame.pts is not None and not frame.is_corrupt]


def seconds(stream: VideoStream, ticks: int) -> float:
    """Seconds of a count of the stream's time base: correctly rounded, so that equal ticks give equal seconds."""
    base = stream.time_base
    if not base:
        raise ValueError(f"{stream}: a video stream without a time base")
    return ticks * base.numerator / base.denominator


def no_frames(path: Path) -> BadInput:
    """The refusal of a film that was begun and holds nothing."""
    return BadInput(path, found="a film of 0 frames", expected="at least one frame", remedy=COPY_AGAIN)


def cut_off(
    path: Path, last_good_seconds: float | None, *, missing_seconds: float | None = None, remedy: str = COPY_AGAIN
) -> BadInput:
    """The refusal of a film whose data ends, or breaks, before its frames do."""
    sound = "from its first frame" if last_good_seconds is None else f"after {last_good_seconds:.3f} s"
    missing = "" if missing_seconds is None else f" (the frame at {missing_seconds:.3f} s never arrives)"
    return BadInput(path, found=f"film cut off or damaged {sound}{missing}", expected="a whole film", remedy=remedy)
