"""Motion signals of films: at their own times, against the pose that was filmed."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from equigait.data.errors import BadInput
from equigait.data.simulate import YardSpec, make_ride, pose
from equigait.data.simulate.film import frame_seconds, write_film
from equigait.data.sync.alignment_features import band_pass
from equigait.data.video import motion as motion_module
from equigait.data.video.decode import decode_frames
from equigait.data.video.motion import PARTS, film_motion, small_luma
from equigait.data.video.probe import probe_film


def write(path: Path, *, frames: list[np.ndarray], ticks: list[int], cover: np.ndarray | None = None) -> Path:
    """A film whose frames lie at given multiples of 1/100 s, with a cover picture beside them."""
    with av.open(str(path), "w") as container:
        if cover is not None:
            picture = container.add_stream("mjpeg", rate=1)
            picture.width, picture.height, picture.pix_fmt = cover.shape[1], cover.shape[0], "yuvj420p"
            picture.disposition = Disposition.attached_pic
        stream = container.add_stream("libx264", rate=100, options={"preset": "ultrafast", "crf": "10", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = frames[0].shape[1], frames[0].shape[0], "yuv420p"
        stream.codec_context.time_base = Fraction(1, 100)
        if cover is not None:
            container.mux(picture.encode(av.VideoFrame.from_ndarray(cover, format="rgb24")))
            container.mux(picture.encode(None))
        for image, tick in zip(frames, ticks, strict=True):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = tick, Fraction(1, 100)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def boxes(data: bytes) -> Iterator[bytes]:
    """The boxes of an mp4 file, or of what lies within one (ISO 14496-12, 4.2)."""
    while data:
        size = int.from_bytes(data[:4], "big")
        yield data[:size]
        data = data[size:]


def cover_first(film: Path) -> Path:
    """The film with its tags, the cover among them, before its tracks: the first video stream is the cover then."""
    moved = film.with_stem(f"{film.stem}-cover-first")
    parts = list(boxes(film.read_bytes()))
    for number, part in enumerate(parts):
        if part[4:8] == b"moov":
            parts[number] = part[:8] + b"".join(sorted(boxes(part[8:]), key=lambda box: box[4:8] == b"trak"))
    moved.write_bytes(b"".join(parts))
    return moved


def damaged(film: Path, *, bytes_lost: int) -> Path:
    """The film with bytes in its middle written over."""
    data = bytearray(film.read_bytes())
    middle = len(data) // 2
    data[middle : middle + bytes_lost] = bytes(bytes_lost)
    spoilt = film.with_stem(f"{film.stem}-damaged")
    spoilt.write_bytes(data)
    return spoilt


@pytest.fixture(scope="module")
def noise_frames():
    rng = np.random.default_rng(0)
    return [np.repeat(rng.integers(0, 255, (96, 160, 1), np.uint8), 3, axis=2) for _ in range(5)]


def test_motion_lies_halfway_between_frames_at_their_own_times(noise_frames, tmp_path: Path):
    motion = film_motion(probe_film(write(tmp_path / "vfr.mp4", frames=noise_frames, ticks=[0, 3, 10, 14, 60])))
    np.testing.assert_allclose(motion.time_seconds, [0.015, 0.065, 0.12, 0.37])
    assert motion.valid.tolist() == [True, True, True, False]
    assert np.isnan(motion.up[-1]).all()


def test_a_film_too_short_for_motion_is_refused(noise_frames, tmp_path: Path):
    with pytest.raises(BadInput, match="fewer than three frames"):
        film_motion(probe_film(write(tmp_path / "short.mp4", frames=noise_frames[:2], ticks=[0, 4])))


@pytest.mark.parametrize("bytes_lost", [40, 2_000, 20_000])
def test_a_film_damaged_in_its_middle_is_refused_as_it_is_by_those_who_need_all_its_frames(
    noise_frames, tmp_path: Path, bytes_lost: int
):
    film = write(tmp_path / "film.mp4", frames=noise_frames * 6, ticks=list(range(0, 120, 4)))
    video = probe_film(damaged(film, bytes_lost=bytes_lost))
    with pytest.raises(BadInput, match=r"film-damaged\.mp4.* cut off or damaged after .*expected a whole film") as told:
        film_motion(video)
    with pytest.raises(BadInput) as refused:
        list(decode_frames(video, frame_index=np.arange(len(video.frame_seconds))))
    assert str(told.value) == str(refused.value)


def test_a_cover_picture_is_not_taken_for_the_film(noise_frames, tmp_path: Path):
    ticks, cover = list(range(0, 20, 4)), np.full((64, 64, 3), 128, np.uint8)
    plain = film_motion(probe_film(write(tmp_path / "plain.mp4", frames=noise_frames, ticks=ticks)))
    film = cover_first(write(tmp_path / "film.mp4", frames=noise_frames, ticks=ticks, cover=cover))
    with av.open(str(film)) as container:
        assert container.streams.video[0].disposition & Disposition.attached_pic
    motion = film_motion(probe_film(film))
    np.testing.assert_array_equal(motion.time_seconds, plain.time_seconds)
    np.testing.assert_array_equal(motion.up, plain.up)


def test_pieces_in_which_a_film_is_worked_out_leave_no_seam(noise_frames, tmp_path: Path, monkeypatch):
    video = probe_film(write(tmp_path / "film.mp4", frames=noise_frames * 3, ticks=list(range(0, 60, 4))))
    whole = film_motion(video)
    monkeypatch.setattr(motion_module, "PIECE_STEPS", 5)
    parted = film_motion(video)
    for name in ("up", "energy"):
        np.testing.assert_allclose(getattr(parted, name), getattr(whole, name), atol=1e-6)


def test_small_luma_is_the_mean_of_squares():
    luma = np.random.default_rng(1).integers(0, 255, (96, 160), np.uint8)
    frame = av.VideoFrame.from_ndarray(luma, format="gray8")
    np.testing.assert_allclose(small_luma(frame, side=40), luma.reshape(24, 4, 40, 4).mean(axis=(1, 3)), atol=1e-3)


def test_the_croup_rises_when_the_horse_does(tmp_path: Path):
    spec = YardSpec(seed=1300, seconds=16.0, gaits=("trot",), frame_width=256, frame_height=160)
    ride = make_ride(spec, horse=1)
    write_film(ride, path=tmp_path / "film.mp4")
    motion = film_motion(probe_film(tmp_path / "film.mp4"))
    truth = np.diff(pose(ride, time_seconds=frame_seconds(ride)).sacrum[:, 2])
    seen = band_pass(motion.up[:, list(PARTS).index("hind")], rate_hz=30.0)[60:-60]
    assert np.corrcoef(seen, band_pass(truth, rate_hz=30.0)[60:-60])[0, 1] > 0.8
