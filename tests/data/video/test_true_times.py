"""Films whose own times cannot be film time, and what they say of themselves."""

from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.quality.film import film_facts, film_remarks
from equigait.data.video.decode import decode_frames
from equigait.data.video.probe import probe_film
from films import number_of, numbered_frames, write_film

RATE = 30
TIMES = [number / RATE for number in range(60)]
IN_ORDER = {"preset": "ultrafast", "bf": "0", "g": "30", "crf": "10"}
REORDERED = {"preset": "veryfast", "bf": "3", "g": "30", "crf": "10"}


@pytest.mark.parametrize(
    ("suffix", "codec", "pixels"), [("mjpeg", "mjpeg", "yuvj420p"), ("h264", "libx264", "yuv420p")]
)
def test_bare_pictures_without_times_are_refused_with_a_way_to_give_them_a_rate(
    suffix: str, codec: str, pixels: str, tmp_path: Path
) -> None:
    film = write_film(
        tmp_path / f"film.{suffix}",
        numbered_frames(60),
        seconds=TIMES,
        codec=codec,
        pixel_format=pixels,
        ticks_per_second=RATE,
    )
    with pytest.raises(BadInput, match=r"bare pictures without times.*ffmpeg -r RATE -i FILM"):
        probe_film(film)


@pytest.mark.parametrize("suffix", ["avi", "asf"])
def test_h264_that_gives_times_of_decoding_alone_is_shown_at_these(suffix: str, tmp_path: Path) -> None:
    film = write_film(tmp_path / f"film.{suffix}", numbered_frames(60), seconds=TIMES, codec_options=IN_ORDER)
    video = probe_film(film)
    np.testing.assert_allclose(video.frame_seconds, TIMES, atol=1e-3)
    shown = [number_of(picture) for _, picture in decode_frames(video, frame_index=np.arange(60))]
    assert shown == list(range(60))


@pytest.mark.parametrize("suffix", ["avi", "asf"])
def test_b_frames_in_a_container_without_times_of_showing_are_refused(suffix: str, tmp_path: Path) -> None:
    film = write_film(tmp_path / f"film.{suffix}", numbered_frames(60), seconds=TIMES, codec_options=REORDERED)
    with pytest.raises(BadInput, match=r"B-frames in .*times are those of decoding.*ffmpeg -i FILM -crf 18"):
        probe_film(film)


def test_a_copy_with_invented_times_of_showing_is_refused(tmp_path: Path) -> None:
    film = write_film(tmp_path / "film.mp4", numbered_frames(60), seconds=TIMES, codec_options=REORDERED)
    copy = tmp_path / "copy.mp4"
    with av.open(str(film)) as source, av.open(str(copy), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for number, packet in enumerate(packet for packet in source.demux(video=0) if packet.dts is not None):
            packet.stream, packet.pts, packet.dts = stream, 512 * (number + 1), 512 * number
            target.mux(packet)
    with pytest.raises(BadInput, match="not in the order in which they are shown"):
        probe_film(copy)


def write_captured(path: Path, *, shown: int, taken: str) -> Path:
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata["com.android.capture.fps"] = taken
        stream = container.add_stream("libx264", rate=shown, options=IN_ORDER)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for picture in numbered_frames(30):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(
    ("shown", "taken", "message"), [(30, "240.0", "slow motion: taken at 240"), (30, "2", "a time lapse: taken at 2")]
)
def test_slow_motion_and_time_lapses_that_say_so_are_refused(
    shown: int, taken: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=rf"{message}.*-itsscale"):
        probe_film(write_captured(tmp_path / "film.mp4", shown=shown, taken=taken))


@pytest.mark.parametrize(("shown", "taken"), [(240, "240.0"), (30, "30.0"), (24, "30"), (30, "?"), (30, "0")])
def test_a_film_that_runs_as_fast_as_it_was_taken_is_read(shown: int, taken: str, tmp_path: Path) -> None:
    assert len(probe_film(write_captured(tmp_path / "film.mp4", shown=shown, taken=taken)).frame_seconds) == 30


def test_interlaced_frames_are_told(tmp_path: Path) -> None:
    interlaced = IN_ORDER | {"x264-params": "interlaced=1:tff=1"}
    whole, fields = (
        write_film(tmp_path / name, numbered_frames(30), seconds=TIMES[:30], codec_options=options)
        for name, options in (("whole.mp4", IN_ORDER), ("fields.mp4", interlaced))
    )
    assert film_remarks(film_facts(probe_film(whole))) == ()
    assert "interlaced" in " ".join(film_remarks(film_facts(probe_film(fields))))


def test_a_film_whose_stamps_wrap_long_after_it_ended_is_whole(tmp_path: Path) -> None:
    wrap = 2**33 / 90_000
    late = [wrap - 20 + second for second in TIMES]
    film = write_film(tmp_path / "film.ts", numbered_frames(60), seconds=late, codec_options=IN_ORDER)
    np.testing.assert_allclose(np.diff(probe_film(film).frame_seconds), 1 / RATE, atol=1e-4)
