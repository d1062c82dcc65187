"""What a frame costs between decoder and teacher: by coded planes, as a GPU does it, against the processor's way."""

from collections.abc import Callable
from functools import partial

import numpy as np
from av.video.frame import VideoFrame
from equigait.data.video.decode import needed_frames
from equigait.data.video.pixels import Colours
from equigait.data.video.planes import PlaneReader
from equigait.data.video.probe import probe_film
from equigait.pipeline.runtime.prefetch import one_core_each
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from equigait.pipeline.teachers.square_of_planes import square_of_planes
from numpy import ndarray as Array

from .decode import VIDEOMAE
from .films import CAMERA_GROUPS, film
from .measure import Bench, Side

FRAMES, ROUNDS = 8, 3


def against_the_processors_way() -> tuple[Side, Side]:
    """Both, on the same decoded frames; refused where a value of any square differs by more than a grey level."""
    video = probe_film(film(CAMERA_GROUPS))
    wanted = np.linspace(0, len(video.frame_seconds) - 1, FRAMES).astype(np.int64)
    frames = [frame for _, frame in needed_frames(video, frame_index=wanted)]
    colours, reader = Colours(columns=VIDEOMAE.columns(video)), PlaneReader()

    def by_planes(frame: VideoFrame) -> Array:
        planes = reader.planes(frame)
        assert planes is not None
        return np.asarray(square_of_planes(planes, preprocessing=VIDEOMAE).numpy())

    def by_colours(frame: VideoFrame) -> Array:
        return resize_center_crop(colours.picture(frame), preprocessing=VIDEOMAE)

    off = max(int(np.abs(by_planes(frame).astype(int) - by_colours(frame)).max()) for frame in frames)
    assert off <= 1, f"{off} grey levels"

    def every(square: Callable[[VideoFrame], Array]) -> float:
        with one_core_each():
            for frame in frames * ROUNDS:
                square(frame)
        return float(ROUNDS * len(frames))

    return (
        Side("planes to square in torch, as on a GPU", partial(every, by_planes), "square_of_planes"),
        Side("swscale to colours, then resized", partial(every, by_colours), "Colours.picture; resize_center_crop"),
    )


BENCHES = {
    "preprocess": Bench(
        figure="CPU of a 1080p frame's square by the GPU's way against the processor's",
        unit="frame",
        at_most=0.5,
        sides=against_the_processors_way,
        note="From decoded 1080p frames to 3 x 224 x 224 bytes, one core. No value of any frame is off by more than a "
        "grey level. The processor keeps its own way as long as this does not hold.",
    ),
}
