"""Films: what their packets tell, and the frames that are needed, decoded in one pass.

Times are presentation times (PTS) in seconds, as the file states them; no frame rate is trusted. `probe_film` reads
the packets and decodes one frame; `decode_frames` decodes from the start to the last frame needed, once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream
from jaxtyping import Int64, UInt8
from numpy import ndarray as Array

from .errors import BadInput
from .recording import Video

if TYPE_CHECKING:
    VideoPacket: TypeAlias = Packet[VideoStream]
else:
    VideoPacket = Packet  # generic to type checkers alone

COPY_AGAIN = "Copy the film again from the camera, or cut it where it breaks."
STOP_SLACK_SECONDS = 1.0
"""By how much a stated duration may exceed the last frame's time before the film counts as cut off."""

SPC_RGB = 0
MATRICES: dict[int, Colorspace] = {
    1: Colorspace.ITU709,
    4: Colorspace.FCC,
    5: Colorspace.ITU601,
    6: Colorspace.ITU601,
    7: Colorspace.SMPTE240M,
    9: Colorspace.BT2020,
    10: Colorspace.BT2020,
}
"""Matrix coefficients as films number them (ITU-T H.273, table 4) and swscale's name for each."""

STANDARD_DEFINITION_ROWS = 576
"""A film that names no matrix: BT.601 up to the height of PAL, BT.709 above, as players assume."""

EXACT = Interpolation.BILINEAR | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND
"""Chroma interpolated, results rounded: swscale's default repeats chroma and comes out a grey level too dark."""


def probe_film(path: Path) -> Video:
    """Size, rotation and the time of every frame, from the packets; refuses what is not a whole, decodable film."""
    with _opened(path) as (container, stream):
        declared_frames = len(stream.index_entries)
        first_frame: VideoFrame | None = None
        packets, ticks = 0, set[int]()
        for packet in _sound_packets(path, container, stream):
            if packet.size and packet.pts is not None:
                packets += 1
                ticks |= {packet.pts} if not packet.is_discard else set()
            first_frame = first_frame or next(iter(_decode(packet)), None)
        frame_seconds = np.array([_seconds(stream, tick) for tick in sorted(ticks)])
        declared_stop_seconds = _declared_stop_seconds(stream)
    if not frame_seconds.size:
        raise _no_frames(path)
    if packets < declared_frames or frame_seconds[-1] < declared_stop_seconds - STOP_SLACK_SECONDS:
        raise _cut_off(path, float(frame_seconds[-1]))
    if first_frame is None:
        raise BadInput(path, found="no frame that can be decoded", expected="a decodable film", remedy=COPY_AGAIN)
    return Video(
        path=path,
        width=first_frame.width,
        height=first_frame.height,
        rotation_degrees=round(first_frame.rotation / 90) * 90 % 360,
        frame_seconds=frame_seconds,
    )


def decode_frames(
    video: Video, *, frame_index: Int64[Array, "needed"]
) -> Iterator[tuple[int, UInt8[Array, "height width 3"]]]:
    """Each needed frame once, upright, RGB, in order of time; refuses the film when one of them never arrives.

    `frame_index` counts in `video.frame_seconds`. Memory holds one frame, whatever the film's length.
    """
    wanted = [int(index) for index in np.unique(frame_index)]
    index_of = {second: index for index, second in enumerate(video.frame_seconds.tolist())}
    reformatter = VideoReformatter()
    position = 0
    last_good: float | None = None
    for seconds, frame in _decoded_film(video.path) if wanted else ():
        index = index_of.get(seconds)
        if index is None or index < wanted[position]:
            continue
        if index > wanted[position]:
            break
        last_good = seconds
        yield index, _upright_rgb(frame, reformatter, rotation_degrees=video.rotation_degrees)
        position += 1
        if position == len(wanted):
            return
    if wanted:
        raise _cut_off(video.path, last_good, missing_seconds=float(video.frame_seconds[wanted[position]]))


def _decoded_film(path: Path) -> Iterator[tuple[float, VideoFrame]]:
    """Every frame that decodes undamaged, with its time in seconds, in order of time."""
    with _opened(path) as (container, stream):
        stream.thread_type = "AUTO"
        for packet in _sound_packets(path, container, stream):
            for frame in _decode(packet):
                if frame.pts is not None and not frame.is_corrupt:
                    yield _seconds(stream, frame.pts), frame


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The film and its first true video stream (cover pictures do not count)."""
    if not path.is_file():
        raise BadInput(path, found="no such file", expected="a film", remedy="Correct `film:` in the manifest.")
    try:
        container = av.open(str(path))
    except av.error.EOFError:
        raise _no_frames(path) from None
    except av.FFmpegError as error:
        found = f"a file that does not open as film ({error.strerror})"
        raise BadInput(path, found=found, expected="a whole film", remedy=COPY_AGAIN) from None
    with container:
        if not container.streams:
            raise _no_frames(path)
        films = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
        if not films:
            remedy = "Point `film:` at the film, or leave it out for a recording of sensors alone."
            raise BadInput(path, found="no video stream", expected="a film", remedy=remedy)
        yield container, films[0]


def _sound_packets(path: Path, container: InputContainer, stream: VideoStream) -> Iterator[VideoPacket]:
    """The stream's packets and the empty one that flushes the decoder; refuses the film at the first damaged one."""
    latest: int | None = None
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            raise _cut_off(path, None if latest is None else _seconds(stream, latest)) from None
        if packet is None:
            return
        if packet.is_corrupt:
            raise _cut_off(path, None if latest is None else _seconds(stream, latest))
        if packet.size and packet.pts is None:
            remedy = "Write them: ffmpeg -fflags +genpts -i FILM -c copy film.mp4"
            raise BadInput(path, found="frames without a time", expected="presentation times", remedy=remedy)
        if packet.pts is not None:
            latest = packet.pts if latest is None else max(latest, packet.pts)
        yield packet


def _decode(packet: VideoPacket) -> list[VideoFrame]:
    """The frames that a packet brings out of the decoder: none when it cannot be decoded."""
    try:
        return packet.decode()
    except av.FFmpegError:
        return []


def _no_frames(path: Path) -> BadInput:
    """The refusal of a film that was begun and holds nothing."""
    return BadInput(path, found="a film of 0 frames", expected="at least one frame", remedy=COPY_AGAIN)


def _cut_off(path: Path, last_good_seconds: float | None, *, missing_seconds: float | None = None) -> BadInput:
    """The refusal of a film whose data ends, or breaks, before its frames do."""
    sound = "from its first frame" if last_good_seconds is None else f"after {last_good_seconds:.3f} s"
    missing = "" if missing_seconds is None else f" (the frame at {missing_seconds:.3f} s never arrives)"
    return BadInput(path, found=f"film cut off or damaged {sound}{missing}", expected="a whole film", remedy=COPY_AGAIN)


def _seconds(stream: VideoStream, ticks: int) -> float:
    """Seconds of a count of the stream's time base: correctly rounded, so that equal ticks give equal seconds."""
    base = stream.time_base
    if not base:
        raise ValueError(f"{stream}: a video stream without a time base")
    return ticks * base.numerator / base.denominator


def _declared_stop_seconds(stream: VideoStream) -> float:
    """Where Matroska says that the stream stops; other containers say it with their index of frames."""
    clock = stream.metadata.get("DURATION", "")
    try:
        hours, minutes, seconds = clock.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return 0.0


def _upright_rgb(
    frame: VideoFrame, reformatter: VideoReformatter, *, rotation_degrees: int
) -> UInt8[Array, "height width 3"]:
    """RGB in full range by the matrix and range that the film states, turned upright."""
    assumed = Colorspace.ITU601 if frame.height <= STANDARD_DEFINITION_ROWS else Colorspace.ITU709
    matrix = None if frame.colorspace == SPC_RGB else MATRICES.get(frame.colorspace, assumed)
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith(("yuvj", "rgb", "gbr", "bgr"))
    rgb = reformatter.reformat(
        frame,
        format="rgb24",
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=EXACT,
        threads=1,
    ).to_ndarray()
    return np.ascontiguousarray(np.rot90(rgb, k=rotation_degrees // 90))
