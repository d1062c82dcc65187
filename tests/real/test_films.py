"""Real films decoded as a naive decoder does: frames that clips need, and frames anywhere, bit for bit."""

import os
from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.video.decode import decode_frames, needed_frames
from equigait.data.video.pixels import Colours
from equigait.data.video.planes import PlaneReader
from equigait.data.video.probe import probe_film
from equigait.pipeline.teachers.preprocess import Preprocessing
from equigait.pipeline.teachers.resize_center_crop import resize_center_crop
from equigait.pipeline.teachers.square_of_planes import square_of_planes
from films import upright_rgb

pytestmark = pytest.mark.real

FOLDER = Path(os.environ.get("EQUIGAIT_REAL_DATA", "unset"))
FILMS = sorted(path for name in ("horse_video", "camera_imu") for path in (FOLDER / name).rglob("*.[ma][pv][4i]"))


def test_the_real_films_are_there() -> None:
    if "EQUIGAIT_REAL_DATA" not in os.environ:
        pytest.skip("EQUIGAIT_REAL_DATA is not set: it names the folder of real recordings")
    assert FILMS, f"no films in {FOLDER}"


def decoded_naively(path: Path, *, seconds: set[float]) -> dict[float, av.VideoFrame]:
    """The frames of these times, from a decoder of one thread that is given everything."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        return {frame.time: frame for frame in container.decode(video=0) if frame.time in seconds}


@pytest.mark.parametrize("path", FILMS, ids=lambda path: path.name)
def test_needed_frames_of_real_films_are_those_of_a_full_decode(path: Path) -> None:
    video = probe_film(path)
    frames = video.frame_seconds.size
    clips = clip_grid(video.frame_seconds, spec=ClipSpec(hop_frames=40)).frame_index.ravel()
    anywhere = np.random.default_rng(0).choice(frames, size=4, replace=False)
    for needed in (np.unique(clips)[:40], anywhere):
        naive = decoded_naively(path, seconds=set(video.frame_seconds[needed].tolist()))
        got = list(decode_frames(video, frame_index=needed.astype(np.int64)))
        assert [index for index, _ in got] == sorted({int(index) for index in needed})
        for index, pixels in got:
            frame = naive[float(video.frame_seconds[index])]
            expected = upright_rgb(frame, rotation_degrees=video.rotation_degrees)
            np.testing.assert_array_equal(pixels, expected, err_msg=f"frame {index}")


@pytest.mark.parametrize("path", FILMS, ids=lambda path: path.name)
def test_squares_of_real_films_planes_are_those_of_their_colours_within_a_grey_level(path: Path) -> None:
    video = probe_film(path)
    preprocessing = Preprocessing(short_side=224, crop=224, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))
    colours = Colours(rotation_degrees=video.rotation_degrees)
    reader = PlaneReader(rotation_degrees=video.rotation_degrees)
    for _, frame in needed_frames(video, frame_index=np.linspace(0, video.frame_seconds.size - 1, 3).astype(int)):
        planes = reader.planes(frame)
        assert planes is not None
        ours = square_of_planes(planes, preprocessing=preprocessing).numpy().astype(int)
        assert np.abs(ours - resize_center_crop(colours.picture(frame), preprocessing=preprocessing)).max() <= 1
