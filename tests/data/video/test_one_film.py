"""Which of a file's streams is the film; films joined byte by byte; streams that begin in mid-file."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from equigait.data.errors import BadInput
from equigait.data.video.decode import decode_frames
from equigait.data.video.probe import probe_film
from films import number_of, numbered_frames, write_film

RATE = 30
FINEST = {"qscale": "1", "qmin": "1", "qmax": "1", "g": "1"}
IN_ORDER = {"preset": "ultrafast", "bf": "0", "g": "30", "crf": "10"}


def film(path: Path, *, first: int = 0, frames: int = 45, start: float = 0.0, rate: float = RATE) -> Path:
    """A film of numbered frames, none of which waits for another."""
    seconds = [start + number / rate for number in range(frames)]
    codec = "mjpeg" if path.suffix == ".avi" else "libx264"
    pictures = numbered_frames(first + frames)[first:]
    if codec == "mjpeg":
        return write_film(path, pictures, seconds=seconds, codec=codec, pixel_format="yuvj420p", ticks_per_second=RATE)
    return write_film(path, pictures, seconds=seconds, codec_options=IN_ORDER)


def together(path: Path, *films: Path, default: tuple[bool, ...]) -> Path:
    """One file that holds the pictures of several."""
    with av.open(str(path), "w") as out:
        inputs = [av.open(str(each)) for each in films]
        streams = [out.add_stream_from_template(each.streams.video[0]) for each in inputs]
        for stream, is_default in zip(streams, default, strict=True):
            stream.disposition = Disposition.default if is_default else Disposition(0)
        for each, stream in zip(inputs, streams, strict=True):
            for packet in each.demux(video=0):
                if packet.dts is not None:
                    packet.stream = stream
                    out.mux(packet)
            each.close()
    return path


def test_of_several_streams_the_default_one_is_the_film(tmp_path: Path) -> None:
    first, second = film(tmp_path / "a.mp4"), film(tmp_path / "b.mp4", first=45)
    video = probe_film(together(tmp_path / "both.mkv", first, second, default=(False, True)))
    ((_, picture),) = decode_frames(video, frame_index=np.array([0]))
    assert number_of(picture) == 45


@pytest.mark.parametrize("suffix", [".mkv", ".ts"])
def test_two_streams_of_equal_claim_are_refused(suffix: str, tmp_path: Path) -> None:
    first, second = film(tmp_path / "a.mp4"), film(tmp_path / "b.mp4", first=45)
    both = together(tmp_path / f"both{suffix}", first, second, default=(True, True))
    with pytest.raises(BadInput, match=r"2 video streams of equal claim.*-map 0:v:0"):
        probe_film(both)


def test_a_thumbnail_that_comes_first_is_not_the_film(tmp_path: Path) -> None:
    thumbnail, whole = film(tmp_path / "a.mp4", first=45, frames=1), film(tmp_path / "b.mp4")
    assert len(probe_film(together(tmp_path / "both.mp4", thumbnail, whole, default=(True, True))).frame_seconds) == 45


@pytest.mark.parametrize("rate", [30, 25])
def test_avi_films_joined_byte_by_byte_are_refused_whatever_their_lengths(rate: int, tmp_path: Path) -> None:
    first, second = film(tmp_path / "a.avi"), film(tmp_path / "b.avi", frames=30, rate=rate)
    assert len(probe_film(first).frame_seconds) == 45
    joined = tmp_path / "joined.avi"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    with pytest.raises(BadInput, match=r"2 films, one behind the other.*film: \[a"):
        probe_film(joined)


@pytest.mark.parametrize("overlap", [0.1, 0.3, 0.45])
def test_joined_films_whose_clocks_overlap_a_little_are_refused(overlap: float, tmp_path: Path) -> None:
    first, second = film(tmp_path / "a.mkv"), film(tmp_path / "b.mkv", first=45, start=1.5 - overlap)
    joined = tmp_path / "joined.mkv"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    with pytest.raises(BadInput, match="stamps that go back"):
        probe_film(joined)


def test_joined_films_whose_clock_runs_on_are_one_film(tmp_path: Path) -> None:
    first, second = film(tmp_path / "a.mkv"), film(tmp_path / "b.mkv", first=45, start=1.5)
    joined = tmp_path / "joined.mkv"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    video = probe_film(joined)
    shown = [number_of(picture) for _, picture in decode_frames(video, frame_index=np.arange(90))]
    assert shown == list(range(90))
    np.testing.assert_allclose(video.frame_seconds, np.arange(90) / RATE, atol=1e-3)


def transport_stream(path: Path, *, first: int, sound: bool) -> Path:
    """Noise, so that FFmpeg has seen enough before the file ends, and sound in a stream of its own where asked for."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("mpeg2video", rate=25, options=FINEST)
        pictures.width, pictures.height, pictures.pix_fmt = 640, 480, "yuv420p"
        pictures.codec_context.bit_rate = 400_000_000
        tone = container.add_stream("aac", rate=48_000, layout="mono") if sound else None
        for number in range(first, first + 20):
            noise = av.VideoFrame.from_ndarray(rng.integers(0, 256, (480, 640, 3), dtype=np.uint8), format="rgb24")
            noise.pts, noise.time_base = number, Fraction(1, 25)
            container.mux(pictures.encode(noise))
            if tone is not None:
                samples = av.AudioFrame.from_ndarray(np.zeros((1, 1024), "f4"), format="fltp", layout="mono")
                samples.sample_rate, samples.pts, samples.time_base = 48_000, 1920 * number, Fraction(1, 48_000)
                container.mux(tone.encode(samples))
        for stream in filter(None, (pictures, tone)):
            container.mux(stream.encode(None))
    return path


def test_a_transport_stream_in_which_another_stream_begins_in_mid_file_is_refused(tmp_path: Path) -> None:
    silent = transport_stream(tmp_path / "silent.ts", first=0, sound=False)
    loud = transport_stream(tmp_path / "loud.ts", first=20, sound=True)
    joined = tmp_path / "joined.ts"
    joined.write_bytes(silent.read_bytes() + loud.read_bytes())
    with pytest.raises(BadInput, match=r"joined\.ts: found .*(damaged after|not in the order)"):
        probe_film(joined)
