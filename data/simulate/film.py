"""A ride as an H.264 film whose bytes repeat."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from .disturbance import crf
from .render import render_frames
from .ride import Ride
from .scene import make_scene

ENCODER = {"preset": "ultrafast", "x264-params": "asm=avx2:keyint=30:min-keyint=30:scenecut=0"}
"""x264 under AVX-512 gives other bytes from run to run; this instruction set and one thread do not."""
CHUNK_FRAMES = 64
BT709 = 1
"""The number of BT.709 among FFmpeg's colour primaries, transfer functions and matrices."""


def frame_seconds(ride: Ride) -> np.ndarray:
    """Presentation times of the frames of a ride's film, in seconds from 0 on."""
    return np.arange(int(np.floor(ride.spec.seconds * ride.spec.fps))) / float(frame_rate(ride))


def frame_rate(ride: Ride) -> Fraction:
    """The exact rate that a film declares: 29.97 stands for 30000/1001, as 23.976 and 59.94 for their kin."""
    television = Fraction(1000 * round(ride.spec.fps * 1.001), 1001)
    return television if abs(ride.spec.fps - television) < 0.001 else Fraction(ride.spec.fps).limit_denominator(1000)


def write_film(ride: Ride, *, path: Path) -> None:
    """Render and encode the film of a ride."""
    times, scene = frame_seconds(ride), make_scene(ride)
    rate = frame_rate(ride)
    with av.open(str(path), "w", options={"fflags": "+bitexact", "movflags": "+faststart"}) as container:
        stream = container.add_stream("libx264", rate=rate, options=ENCODER | {"crf": str(crf(ride))})
        stream.width, stream.height, stream.pix_fmt = ride.spec.frame_width, ride.spec.frame_height, "yuv420p"
        context = stream.codec_context
        context.thread_count = 1
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = 1  # limited
        for first in range(0, times.size, CHUNK_FRAMES):
            images = render_frames(ride, time_seconds=times[first : first + CHUNK_FRAMES], scene=scene)
            for number, image in enumerate(images, start=first):
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
                frame.pts, frame.time_base = number, 1 / rate
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
