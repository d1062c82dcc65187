"""Needed frames against a decoder that decodes everything and picks: bit for bit, in films of every kind."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.recording import Video
from equigait.data.video.decode import decode_frames, decode_pictures
from equigait.data.video.probe import probe_film
from film_kinds import FRAMES, KINDS, written
from films import upright_rgb


def decoded_naively(path: Path) -> dict[float, av.VideoFrame]:
    """All frames of the film that are whole and shown, by their time: one thread, nothing left out."""
    frames: dict[float, av.VideoFrame] = {}
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        for packet in container.demux(stream):
            try:
                decoded = packet.decode()
            except av.FFmpegError:
                continue
            for frame in decoded:
                frames.setdefault(frame.time, frame)
    return frames


def assert_same(video: Video, *draws: np.ndarray, threads: int = 1) -> None:
    """Frames that each draw asks for equal the ones that a naive decoder gives at these times."""
    naive = decoded_naively(video.path)
    for needed in draws:
        got = list(decode_frames(video, frame_index=needed, threads=threads))
        assert [index for index, _ in got] == sorted({int(index) for index in needed})
        for index, pixels in got:
            frame = naive[video.frame_seconds[index]]
            expected = upright_rgb(frame, rotation_degrees=video.rotation_degrees)
            np.testing.assert_array_equal(pixels, expected, err_msg=f"frame {index} of {video.path.name}, {needed}")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    folder = tmp_path_factory.mktemp("kinds")
    return cache(lambda name: written(folder / name.replace(" ", "-"), KINDS[name]))


def draws(frames: int) -> list[np.ndarray]:
    """What clips may need: every fourth frame, a few anywhere, single ones, a stretch at the end, all."""
    rng = np.random.default_rng(2)
    scattered = [rng.choice(frames, size=size, replace=False) for size in (2, 3, 5, 8)]
    single = [np.array([frame]) for frame in range(13, 19)]  # about the key frame that most kinds have at 16
    return [
        np.arange(0, frames, 4),
        np.arange(3, frames, 4),
        *single,
        *scattered,
        np.arange(frames - 6, frames),
        np.arange(frames),
    ]


@pytest.mark.parametrize("name", KINDS)
def test_needed_frames_are_bit_for_bit_those_of_a_full_decode(film: Callable[[str], Path], name: str) -> None:
    video = probe_film(film(name))
    starting_at_zero = np.array(KINDS[name].seconds) - KINDS[name].seconds[0]
    np.testing.assert_allclose(video.frame_seconds - video.start_seconds, starting_at_zero, atol=2e-3)
    assert_same(video, *draws(FRAMES))


@pytest.mark.parametrize("name", ["h264 pyramid", "hevc open groups", "vp9"])
def test_decoder_threads_change_no_pixel(film: Callable[[str], Path], name: str) -> None:
    assert_same(probe_film(film(name)), *draws(FRAMES)[:4], threads=3)


@pytest.mark.parametrize("name", KINDS)
def test_packets_that_no_needed_frame_rests_on_are_left_out(film: Callable[[str], Path], name: str) -> None:
    video = probe_film(film(name))
    share = video.packets.needed_for(video.frame_seconds[::4]).mean()
    assert (share < 0.9) == KINDS[name].leaves_out


def cut_short(path: Path, *, first: int) -> Path:
    """The film without its first packets, as cut by a tool that does not look for key frames."""
    cut = path.with_stem(f"{path.stem}-from-{first}")
    with av.open(str(path)) as whole, av.open(str(cut), "w") as rest:
        source = whole.streams.video[0]
        target = rest.add_stream_from_template(source)
        for number, packet in enumerate(whole.demux(source)):
            if packet.size and number >= first:
                packet.stream = target
                rest.mux(packet)
    return cut


CUT = [
    "h264 slices, stream",
    "h264 open groups, stream",
    "h264 late",
    "hevc open groups",
    "hevc stream",
    "mpeg4",
    "vp9",
]


@pytest.mark.parametrize("name", CUT)
def test_a_film_that_begins_between_key_frames_begins_with_its_first_whole_frame(
    film: Callable[[str], Path], name: str
) -> None:
    whole, cut = film(name), probe_film(cut_short(film(name), first=5))
    truth, first = list(decoded_naively(whole).values()), FRAMES - cut.frame_seconds.size
    assert 5 < first < 50
    for needed in (np.arange(cut.frame_seconds.size), np.arange(0, cut.frame_seconds.size, 4)):
        for index, pixels in decode_frames(cut, frame_index=needed):
            expected = upright_rgb(truth[first + index], rotation_degrees=0)
            np.testing.assert_array_equal(pixels, expected, err_msg=f"frame {index}")


def with_edit_list(path: Path, *, skip_seconds: float) -> Path:
    """The film with its edit list (ISO 14496-12, 8.6.6) moved on: players show it from there."""
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 16
    data[at : at + 4] = (int.from_bytes(data[at : at + 4], "big") + round(skip_seconds * 90_000)).to_bytes(4, "big")
    edited = path.with_stem(f"{path.stem}-edited")
    edited.write_bytes(data)
    return edited


@pytest.mark.parametrize("name", ["h264 B", "h264 pyramid", "hevc open groups"])
def test_frames_that_an_edit_list_hides_are_not_counted_and_the_rest_come_out_right(
    film: Callable[[str], Path], name: str
) -> None:
    edited = probe_film(with_edit_list(film(name), skip_seconds=20 / 30))
    assert edited.frame_seconds.size == FRAMES - 20
    truth = list(decoded_naively(film(name)).values())
    for needed in draws(FRAMES - 20):
        for index, pixels in decode_frames(edited, frame_index=needed):
            expected = upright_rgb(truth[20 + index], rotation_degrees=0)
            np.testing.assert_array_equal(pixels, expected, err_msg=f"frame {index}")


def test_a_video_without_its_packets_reads_them_again(film: Callable[[str], Path]) -> None:
    assert_same(replace(probe_film(film("h264 B")), packets=None), np.arange(2, 60, 7))


def test_a_film_that_changed_since_it_was_probed_is_refused(film: Callable[[str], Path], tmp_path: Path) -> None:
    changing = tmp_path / "film.mp4"
    changing.write_bytes(film("h264 B").read_bytes())
    video = probe_film(changing)
    changing.write_bytes(film("h264 irregular").read_bytes())
    with pytest.raises(BadInput, match=r"a film that changed at .* s since its packets were read"):
        list(decode_frames(video, frame_index=np.arange(FRAMES)))


@pytest.mark.parametrize("name", KINDS)
def test_the_columns_asked_for_are_bit_for_bit_those_of_the_whole_frame(film: Callable[[str], Path], name: str) -> None:
    video = probe_film(film(name))
    first, stop = 37, 59
    whole = dict(decode_frames(video, frame_index=np.arange(0, FRAMES, 9)))
    for index, picture in decode_pictures(video, frame_index=np.arange(0, FRAMES, 9), columns=(first, stop)):
        here = slice(first - picture.first_column, stop - picture.first_column)
        np.testing.assert_array_equal(np.stack(picture.planes, -1)[:, here], whole[index][:, first:stop])
        cut = video.width % 4 == 0 and video.height % 2 == 0
        assert (picture.planes[0].shape[1] < video.width == picture.width) == cut


def test_the_kinds_hold_what_makes_decoding_in_part_hard(film: Callable[[str], Path]) -> None:
    roles = {name: probe_film(film(name)).packets.roles for name in ("hevc open groups", "hevc layers", "mpeg4")}
    for name in ("hevc open groups", "mpeg4"):
        assert sum(role.leading for role in roles[name]) > 2
        assert sum(role.entry for role in roles[name]) > 2
    assert max(role.layer for role in roles["hevc layers"]) == 2
    assert any(role.climbs for role in roles["hevc layers"])


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system tells no scheduling policy")
def test_an_encoder_that_would_run_in_real_time_does_not_pass_that_on_to_the_other_tests(tmp_path: Path) -> None:
    before = os.sched_getscheduler(0)
    written(tmp_path / "film", KINDS["av1"])
    assert os.sched_getscheduler(0) == before
