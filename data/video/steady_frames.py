"""That all frames of a film have one size and shape: only where its headers change is one decoded to see."""

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from ..errors import BadInput
from ..packets import Role

if TYPE_CHECKING:
    from av.packet import Packet

    VideoPacket: TypeAlias = Packet[VideoStream]

Shape = tuple[int, int, float]
"""Width, height, and width of a pixel over its height."""
WRITE_ANEW = "Write it anew in one size (ffmpeg -i FILM -crf 18 film.mp4), or cut it there into two recordings."


class SteadyFrames:
    """Sees each packet of a film; remembers the first after which frames are others than before."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._before = _shape_of(stream.codec_context)
        self._changed: tuple[float, Shape] | None = None

    def see(self, second: float, packet: "VideoPacket", *, role: Role | None) -> None:
        """A packet with its time. One that can be decoded alone and brings another header is decoded."""
        if self._changed or not packet.is_keyframe or not (role and role.has_other_tables):
            return
        shape = self._shape(packet)
        if shape is not None and shape != self._before:
            self._changed = (second, shape)

    def refuse_change(self, path: Path) -> None:
        """Refuses the film when its frames changed."""
        if self._changed is not None:
            second, after = self._changed
            raise other_frames(path, second, before=self._before, after=after)

    def _shape(self, packet: "VideoPacket") -> Shape | None:
        context = self._stream.codec_context
        fresh = cast("VideoCodecContext", av.CodecContext.create(context.codec.canonical_name, "r"))
        if context.extradata:
            fresh.extradata = context.extradata
        try:
            frames = [*fresh.decode(packet), *fresh.decode(None)]
        except av.FFmpegError:
            return None
        return _shape_of(fresh) if frames else None


def other_frames(path: Path, second: float, *, before: Shape, after: Shape) -> BadInput:
    """The refusal of a film whose frames become others at this time."""
    words = "{} x {} (pixels {:.3g} times as wide as high)"
    found = f"frames of {words.format(*after)} from {second:.3f} s on"
    return BadInput(path, found=found, expected=f"{words.format(*before)} as before", remedy=WRITE_ANEW)


def quarters(frame: VideoFrame) -> int:
    """By how many degrees counter-clockwise a frame is shown turned, to a quarter: 0, 90, 180 or 270."""
    return round(frame.rotation / 90) * 90 % 360


def _shape_of(context: VideoCodecContext) -> Shape:
    return context.width, context.height, float(context.sample_aspect_ratio or 1.0)
