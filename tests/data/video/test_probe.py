"""Films: times from packets, needed frames decoded once, and what is refused."""

from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.video.decode import decode_frames
from equigait.data.video.probe import probe_film
from films import number_of, numbered_frames, write_film


def spaced(count: int, *, start: float = 0.0, rate_hz: float = 30.0) -> list[float]:
    return [start + number / rate_hz for number in range(count)]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one film of 90 textured frames per container, index first in the mp4."""
    folder = tmp_path_factory.mktemp("films")
    texture = np.random.default_rng(0).integers(0, 255, (64, 96, 3)).astype(np.uint8)
    frames = [np.roll(texture, 3 * number, axis=1) for number in range(90)]
    write_film(folder / "film.mp4", frames, seconds=spaced(90), container_options={"movflags": "faststart"})
    write_film(folder / "slow.mp4", frames, seconds=spaced(90))
    write_film(folder / "film.mkv", frames, seconds=spaced(90))
    write_film(folder / "film.ts", frames, seconds=spaced(90))
    write_film(folder / "film.avi", frames, seconds=spaced(90), codec="mjpeg", pixel_format="yuvj420p")
    return folder


def cut(path: Path, *, to: Path, share: float) -> Path:
    data = path.read_bytes()
    to.write_bytes(data[: int(len(data) * share)])
    return to


def test_frame_times_are_those_written_even_when_irregular_and_late(tmp_path: Path) -> None:
    seconds = [0.1, 0.2, 0.24, 0.5, 1.7, 1.71]
    video = probe_film(write_film(tmp_path / "a.mp4", numbered_frames(6), seconds=seconds))
    np.testing.assert_allclose(video.frame_seconds, seconds, atol=1e-4)
    assert (video.width, video.height, video.rotation_degrees) == (96, 64, 0)


def test_each_needed_frame_comes_once_in_order_and_is_the_frame_of_that_time(tmp_path: Path) -> None:
    video = probe_film(write_film(tmp_path / "a.mp4", numbered_frames(90), seconds=spaced(90, start=0.4)))
    needed = np.array([60, 3, 3, 0, 89, 31])
    decoded = list(decode_frames(video, frame_index=needed))
    assert [index for index, _ in decoded] == [0, 3, 31, 60, 89]
    assert [number_of(pixels) for _, pixels in decoded] == [0, 3, 31, 60, 89]
    assert decoded[0][1].shape == (64, 96, 3)


def test_needing_nothing_decodes_nothing(tmp_path: Path) -> None:
    video = probe_film(write_film(tmp_path / "a.mp4", numbered_frames(3), seconds=spaced(3)))
    (tmp_path / "a.mp4").unlink()
    assert list(decode_frames(video, frame_index=np.array([], np.int64))) == []


@pytest.mark.parametrize("name", ["film.mp4", "slow.mp4", "film.mkv", "film.ts", "film.avi"])
def test_every_container_gives_all_frames(films: Path, name: str) -> None:
    video = probe_film(films / name)
    assert video.frame_seconds.size == 90
    np.testing.assert_allclose(np.diff(video.frame_seconds), 1 / 30, atol=2e-3)
    assert len(list(decode_frames(video, frame_index=np.arange(90)))) == 90


BT601, BT709 = (0.299, 0.114), (0.2126, 0.0722)
"""Kr and Kb of ITU-R BT.601 and BT.709."""


def rgb_by_hand(y: int, cb: int, cr: int, *, matrix: tuple[float, float], full: bool) -> np.ndarray:
    """Y'CbCr of 8 bits to R'G'B', as BT.601 and BT.709 write it."""
    red, blue = matrix
    luma = y / 255 if full else (y - 16) / 219
    pb, pr = ((cb - 128) / (255 if full else 224), (cr - 128) / (255 if full else 224))
    r, b = luma + 2 * (1 - red) * pr, luma + 2 * (1 - blue) * pb
    return 255 * np.array([r, (luma - red * r - blue * b) / (1 - red - blue), b])


@pytest.mark.parametrize(
    ("stated", "rows", "matrix", "full"),
    [
        ("colormatrix=bt709", 64, BT709, False),
        ("colormatrix=smpte170m", 720, BT601, False),
        ("colormatrix=bt709", 64, BT709, True),
        ("colormatrix=bt470bg", 64, BT601, True),
        ("colormatrix=undef", 64, BT601, False),
        ("colormatrix=undef", 720, BT709, False),
    ],
)
def test_colours_follow_the_matrix_and_range_that_the_film_states(
    tmp_path: Path, stated: str, rows: int, matrix: tuple[float, float], full: bool
) -> None:
    y, cb, cr = 120, 100, 150
    planes = np.broadcast_to(np.array([y, cb, cr], np.uint8)[:, None, None], (3, rows, 64)).copy()
    options = {"preset": "ultrafast", "qp": "0", "x264-params": f"asm=avx2:{stated}"}
    pixel_format = "yuvj444p" if full else "yuv444p"
    film = write_film(tmp_path / "a.mp4", [planes], seconds=[0.0], pixel_format=pixel_format, codec_options=options)
    ((_, pixels),) = decode_frames(probe_film(film), frame_index=np.array([0]))
    np.testing.assert_allclose(pixels[10, 10], rgb_by_hand(y, cb, cr, matrix=matrix, full=full), atol=1.0)


def test_a_missing_film_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        probe_film(tmp_path / "gone.mp4")


def test_what_is_no_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a film at all\n" * 100)
    with pytest.raises(BadInput, match="does not open as film"):
        probe_film(tmp_path / "notes.mp4")


def test_a_film_without_its_index_is_refused(films: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not open as film"):
        probe_film(cut(films / "slow.mp4", to=tmp_path / "cut.mp4", share=0.6))


def test_sound_alone_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(BadInput, match="no video stream"):
        probe_film(tmp_path / "sound.mp4")


@pytest.mark.parametrize("name", ["empty.mp4", "empty.mkv", "empty.avi"])
def test_a_film_of_no_frames_is_refused(tmp_path: Path, name: str) -> None:
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        container.start_encoding()
    with pytest.raises(BadInput, match="0 frames"):
        probe_film(tmp_path / name)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.avi"])
def test_a_film_cut_off_in_the_middle_is_refused_with_the_last_good_time(
    films: Path, tmp_path: Path, name: str
) -> None:
    with pytest.raises(BadInput, match=r"cut off or damaged after (\d\.\d{3}) s") as refusal:
        probe_film(cut(films / name, to=tmp_path / name, share=0.6))
    assert 1.0 < float(str(refusal.value).split("after ")[1].split(" s")[0]) < 2.2


def test_damage_inside_the_data_is_found_when_a_needed_frame_never_arrives(films: Path, tmp_path: Path) -> None:
    data = bytearray((films / "film.mp4").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 30_000] = bytes(30_000)
    damaged = tmp_path / "damaged.mp4"
    damaged.write_bytes(data)
    video = probe_film(damaged)
    with pytest.raises(
        BadInput, match=r"damaged\.mp4.*cut off or damaged after .* s \(the frame at .* never arrives\)"
    ):
        list(decode_frames(video, frame_index=np.arange(90)))
    assert len(list(decode_frames(video, frame_index=np.arange(20)))) == 20


@pytest.mark.parametrize(
    ("suffix", "message"),
    [
        ("flv", "ends after .* bytes"),
        ("ts", r"go back|joined byte by byte"),
        ("mpg", "go back"),
        ("mp4", "2 films"),
        ("mov", "2 films"),
        ("asf", "another film behind"),
        ("mxf", "91 pictures at"),
        ("wtv", "another film behind"),
    ],
)
def test_films_joined_byte_by_byte_are_refused(suffix: str, message: str, tmp_path: Path) -> None:
    codec = {"mpg": "mpeg2video", "mxf": "mpeg2video", "wtv": "mpeg2video", "asf": "mpeg4"}.get(suffix, "libx264")
    whole = tmp_path / f"whole.{suffix}"
    with av.open(str(whole), "w") as container:
        stream = container.add_stream(codec, rate=30, options={"bf": "0", "g": "12"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        for number in range(90):
            shade = np.full((96, 128, 3), number, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(shade, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    assert len(probe_film(whole).frame_seconds) >= 89  # MPEG-2 holds the last one back
    joined = tmp_path / f"joined.{suffix}"
    joined.write_bytes(2 * whole.read_bytes())
    with pytest.raises(BadInput, match=message):
        probe_film(joined)


def test_words_about_a_film_in_another_alphabet_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Schritt"
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for picture in numbered_frames(12):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    path.write_bytes(path.read_bytes().replace(b"Schritt", b"Schr\xeftt"))
    assert len(probe_film(path).frame_seconds) == 12


def test_pictures_in_an_unknown_coding_are_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", numbered_frames(12), seconds=[number / 30 for number in range(12)])
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(BadInput, match=r"coding unknown here.*ffmpeg -i FILM"):
        probe_film(path)
