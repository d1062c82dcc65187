"""Films whose own times cannot be film time: none in the file, times of decoding, or a camera that ran faster."""

from pathlib import Path

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput

NO_TIMESTAMPS = 0x80
"""FFmpeg's flag of formats without times (AVFMT_NOTIMESTAMPS): it counts frames at a rate that it supposes, 25 a
second..."""
RATE_INSIDE = ("m4v", "mpegvideo")
"""...but for these, whose pictures state their rate."""
REORDERING = ("h264", "hevc")
"""Codecs whose order of showing FFmpeg does not work out where a container gives times of decoding alone."""
CAPTURE_RATE = "com.android.capture.fps"
"""Frames a second that the camera took, as Android writes it: more than are shown in slow motion, less in a lapse."""
DECODING_TIMES = ("avi", "asf")
"""Containers that say when a picture is decoded alone; FFmpeg then supposes that it is shown when the next one is."""
SAME_PACE = 1.5
"""Rates this far apart are no rounding, and no camera that was slower in the dark."""


def refuse_without_times(path: Path, container: InputContainer) -> None:
    """Refuses pictures one behind the other in a file that says nothing about when: bare MJPEG, H.264, HEVC."""
    if container.format.flags & NO_TIMESTAMPS and container.format.name not in RATE_INSIDE:
        remedy = "Say how many frames a second the camera took: ffmpeg -r RATE -i FILM -crf 18 film.mp4"
        found = f"bare pictures without times ({container.format.name})"
        raise BadInput(path, found=found, expected="a film with the times of its frames", remedy=remedy)


def shows_as_decoded(container: InputContainer, stream: VideoStream) -> bool:
    """Whether pictures are shown at their times of decoding: H.264 in AVI, say, unless it has B-frames."""
    return container.format.name in DECODING_TIMES and stream.codec_context.name in REORDERING


def refuse_decoding_times(path: Path, container: InputContainer, stream: VideoStream, *, packed: bool) -> None:
    """Refuses an AVI whose pictures are shown in another order than they are coded: it gives no times of showing.

    `packed`: two pictures came in one packet, as DivX and Xvid write B-frames.
    """
    reorders = shows_as_decoded(container, stream) and bool(stream.codec_context.has_b_frames)
    if reorders or (packed and container.format.name == "avi" and stream.codec_context.name == "mpeg4"):
        found = f"B-frames in {container.format.name.upper()}, whose times are those of decoding"
        remedy = "Write it anew: ffmpeg -i FILM -crf 18 film.mp4"
        raise BadInput(path, found=found, expected="presentation times", remedy=remedy)


def out_of_order(path: Path, second: float) -> BadInput:
    """The refusal of a film whose frames do not come in the order of their times: a copy with invented ones."""
    found = f"frames whose times are not in the order in which they are shown (at {second:.3f} s)"
    remedy = "Write it anew from the film it was copied from: ffmpeg -i FILM -crf 18 film.mp4"
    return BadInput(path, found=found, expected="presentation times", remedy=remedy)


def refuse_other_pace(path: Path, container: InputContainer, *, frame_seconds: Float64[Array, "frames"]) -> None:
    """Refuses slow motion and time lapses that say so: a camera that took another rate than the film shows."""
    try:
        taken = float(container.metadata.get(CAPTURE_RATE, ""))
    except ValueError:
        return
    spacing = float(np.median(np.diff(frame_seconds))) if frame_seconds.size > 1 else 0.0
    ratio = taken * spacing
    if not 0 < ratio < np.inf or 1 / SAME_PACE < ratio < SAME_PACE:
        return
    kind = "slow motion" if ratio > 1 else "a time lapse"
    raise BadInput(
        path,
        found=f"{kind}: taken at {taken:g} frames a second, shown at {1 / spacing:.4g}",
        expected="a film that runs as fast as the horse did",
        remedy=f"Write it at its true speed: ffmpeg -itsscale {1 / ratio:.6g} -i FILM -an -c copy film.mp4",
    )
