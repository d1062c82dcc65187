"""Film files opened and read packet by packet: the film's own stream and times, and the refusal of damaged ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import av
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ..av_options import FORGIVING
from ..errors import BadInput
from .hashing_file import HashingFile
from .one_film import AS_THEY_WERE, film_stream
from .true_times import refuse_without_times, shows_as_decoded

if TYPE_CHECKING:
    VideoPacket: TypeAlias = Packet[VideoStream]
else:
    VideoPacket = Packet  # generic to type checkers alone

BUFFER_BYTES = 1 << 18
"""Read at once from a `HashingFile`."""
COPY_AGAIN = "Copy the film again from the camera, or cut it where it breaks."
JOINED = f"{COPY_AGAIN} If films were joined byte by byte: {AS_THEY_WERE[0].lower()}{AS_THEY_WERE[1:]}"

BACK_SECONDS = 0.5
"""Decoding times never go back in a sound film; less than this is the jitter of careless muxers..."""
KEY_BACK_SECONDS = 0.05
"""...but a key frame is shown after all that was coded before it, unless films that overlap were joined."""


@contextmanager
def opened(
    path: Path, *, hwaccel: HWAccel | None = None, file: HashingFile | None = None
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The film and the stream of its pictures (`film_stream`), read through `file` where one is given.

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
        stream = film_stream(path, container)
        refuse_without_times(path, container)
        yield container, stream


def sound_packets(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[tuple[float, VideoPacket]]:
    """The stream's packets that hold data, with their times in seconds; refuses the film at the first damaged one."""
    latest: float | None = None
    decoded_last: float | None = None
    as_decoded = shows_as_decoded(container, stream)
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, IndexError):  # an index of a stream that began in mid-file, and PyAV does not know
            raise cut_off(path, latest) from None
        if packet is None:
            return
        if packet.dts is not None and not packet.is_discard:  # an edit list may hide what it goes back to
            order = seconds(stream, packet.dts)
            if decoded_last is not None and order < decoded_last - BACK_SECONDS:
                raise stamps_back(path, at=decoded_last, back=decoded_last - order)
            decoded_last = order
        if packet.is_corrupt:
            raise cut_off(path, latest, remedy=JOINED if container.format.name == "mpegts" else COPY_AGAIN)
        if not packet.size:
            continue
        if as_decoded and packet.dts is not None:
            packet.pts = packet.dts
        if packet.pts is None:
            remedy = "Write it anew: ffmpeg -i FILM -crf 18 film.mp4 (copied with +genpts, B-frames come out of order)"
            raise BadInput(path, found="frames without a time", expected="presentation times", remedy=remedy)
        time = seconds(stream, packet.pts)
        if packet.is_keyframe and not packet.is_discard and latest is not None and time < latest - KEY_BACK_SECONDS:
            raise stamps_back(path, at=latest, back=latest - time)
        if not packet.is_discard:
            latest = time if latest is None else max(latest, time)
        yield time, packet


def stamps_back(path: Path, *, at: float, back: float) -> BadInput:
    """The refusal of films that were joined byte by byte: each has a clock of its own."""
    return BadInput(
        path,
        found=f"stamps that go back by {back:.3f} s after {at:.3f} s",
        expected="one clock throughout (two films joined byte by byte have two)",
        remedy=AS_THEY_WERE,
    )


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
