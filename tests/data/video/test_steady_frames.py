"""Films whose frames change their size or shape are refused, by their headers or, at the latest, when decoded."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.bitstream import BitStreamFilterContext
from equigait.data.errors import BadInput
from equigait.data.video.decode import decode_frames
from equigait.data.video.probe import probe_film

Size = tuple[int, int]


def film_of(path: Path, *sizes: Size, aspects: tuple[int, ...] = (1, 1), codec: str = "libx264") -> Path:
    """Thirty frames of each size on one clock, each size by an encoder of its own."""
    options = {"preset": "ultrafast", "bf": "0", "x264-params": "repeat-headers=1"} if codec == "libx264" else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30)
        pixels = "yuv420p" if codec == "libx264" else "yuvj420p"
        stream.width, stream.height, stream.pix_fmt = *sizes[0], pixels
        for part, (width, height) in enumerate(sizes):
            encoder = av.CodecContext.create(codec, "w")
            encoder.width, encoder.height, encoder.pix_fmt = width, height, pixels
            encoder.time_base, encoder.framerate, encoder.options = Fraction(1, 30), Fraction(30), options
            encoder.sample_aspect_ratio = Fraction(aspects[part])
            frames: list[av.VideoFrame | None] = [None]
            for number in reversed(range(30)):
                frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), number, np.uint8), format="rgb24")
                frame.pts, frame.time_base = 30 * part + number, Fraction(1, 30)
                frames.insert(0, frame)
            for frame in frames:
                for packet in encoder.encode(frame):
                    packet.stream, packet.time_base = stream, Fraction(1, 30)
                    container.mux(packet)
    return path


@pytest.mark.parametrize("suffix", [".ts", ".mkv"])
@pytest.mark.parametrize("after", [(192, 96), (96, 128), (256, 192)])
def test_another_size_in_mid_film_is_refused_with_its_time(after: Size, suffix: str, tmp_path: Path) -> None:
    film = film_of(tmp_path / f"film{suffix}", (128, 96), after)
    with pytest.raises(BadInput, match=rf"frames of {after[0]} x {after[1]} .* from 1\.000 s on.*128 x 96"):
        probe_film(film)


def test_another_shape_of_pixels_in_mid_film_is_refused(tmp_path: Path) -> None:
    film = film_of(tmp_path / "film.ts", (128, 96), (128, 96), aspects=(1, 2))
    with pytest.raises(BadInput, match="pixels 2 times as wide as high"):
        probe_film(film)


def test_headers_that_change_without_another_size_are_no_fault(tmp_path: Path) -> None:
    assert len(probe_film(film_of(tmp_path / "film.ts", (128, 96), (128, 96))).frame_seconds) == 60


def test_another_size_that_no_header_shows_is_refused_when_it_is_decoded(tmp_path: Path) -> None:
    film = film_of(tmp_path / "film.mkv", (128, 96), (192, 96), codec="mjpeg")
    video = probe_film(film)
    assert len(list(decode_frames(video, frame_index=np.arange(30)))) == 30
    with pytest.raises(BadInput, match="frames of 192 x 96"):
        list(decode_frames(video, frame_index=np.arange(60)))


def test_a_phone_that_was_turned_in_mid_film_is_told_when_its_frames_are_decoded(tmp_path: Path) -> None:
    film = film_of(tmp_path / "upright.ts", (128, 96), (128, 96))
    turned = BitStreamFilterContext("h264_metadata=display_orientation=insert:rotate=90", "h264")
    both = tmp_path / "both.ts"
    with av.open(str(film)) as source, av.open(str(both), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(packet for packet in source.demux(video=0) if packet.dts is not None):
            for written in turned.filter(packet) if number >= 30 else [packet]:
                written.stream = stream
                target.mux(written)
    video = probe_film(both)
    assert len(list(decode_frames(video, frame_index=np.arange(20)))) == 20
    with pytest.raises(BadInput, match=r"frames turned by \d+ degrees from .* Cut it there"):
        list(decode_frames(video, frame_index=np.arange(60)))
