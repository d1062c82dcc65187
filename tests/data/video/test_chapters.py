"""A film in several files: one film time, every frame where it belongs, refusals where files are not of one film."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.files import read_manifest, write_manifest
from equigait.data.manifest.load import load_recording
from equigait.data.video.chapters import FILE_NAME, Chapter, files_of, join_chapters
from equigait.data.video.decode import decode_frames
from equigait.data.video.motion import film_motion
from equigait.data.video.probe import probe_film
from films import number_of, numbered_frames, write_film
from sensor_files import walking_table, write_csv, write_manifest_file

QUARTER_TURN = [0, 0x10000, 0, -0x10000 & 0xFFFFFFFF, 0, 0, 0, 0, 0x40000000]
"""A display matrix of ISO 14496-12, fixed point: the player turns the picture a quarter clockwise."""
CLOCK = {"origin": "by-hand", "offset_seconds": 0.0}


def cut(
    folder: Path, *, starts: tuple[float, ...] = (0.0, 0.0, 0.5), height: int = 64, every: float = 0.1
) -> list[str]:
    """60 numbered frames in three files, each with a clock of its own that starts there."""
    frames, names = numbered_frames(60, height=height), ["a.mp4", "b.mp4", "c.mp4"]
    for name, start, part in zip(names, starts, np.split(np.arange(60), [25, 45]), strict=True):
        seconds = [start + every * row for row in range(len(part))]
        write_film(folder / name, [frames[number] for number in part], seconds=seconds)
    return names


def chapters(*entries: object) -> tuple[Chapter, ...]:
    return tuple(Chapter.model_validate(entry) for entry in entries)


def test_film_time_runs_on_over_files_whatever_their_own_clocks_say(tmp_path: Path) -> None:
    video = probe_film(join_chapters(chapters(*cut(tmp_path)), folder=tmp_path))
    np.testing.assert_allclose(video.frame_seconds, np.arange(60) / 10, atol=1e-4)


def test_every_frame_is_decoded_from_the_file_that_holds_it(tmp_path: Path) -> None:
    video = probe_film(join_chapters(chapters(*cut(tmp_path)), folder=tmp_path))
    for wanted in (np.arange(60), np.array([3, 24, 25, 44, 45, 59])):
        seen = [(index, number_of(pixels)) for index, pixels in decode_frames(video, frame_index=wanted)]
        assert seen == [(number, number) for number in wanted]
    assert len(film_motion(video).time_seconds) == 59


def test_the_files_of_a_joined_film_are_told_with_the_film_time_at_which_each_starts(tmp_path: Path) -> None:
    first, second, third = cut(tmp_path)
    joined = join_chapters(chapters(first, {"path": second, "start_seconds": 4.25}, third), folder=tmp_path)
    files, starts = zip(*files_of(joined), strict=True)
    assert files == tuple(tmp_path / name for name in (first, second, third))
    assert starts == pytest.approx([0.0, 4.25, 6.25], abs=1e-3)
    assert files_of(tmp_path / "a.mp4") == ((tmp_path / "a.mp4", 0.0),)


def test_chapters_that_are_shown_turned_come_out_upright(tmp_path: Path) -> None:
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[:, :20] = 255
    for name, frames in (("a.mp4", 4), ("b.mp4", 5)):  # not byte by byte the same
        film = write_film(tmp_path / name, [picture] * frames, seconds=[row / 10 for row in range(frames)])
        data = bytearray(film.read_bytes())
        matrix_at = data.index(b"tkhd") + 4 + 40
        data[matrix_at : matrix_at + 36] = b"".join(value.to_bytes(4, "big") for value in QUARTER_TURN)
        film.write_bytes(data)
    video = probe_film(join_chapters(chapters("a.mp4", "b.mp4"), folder=tmp_path))
    assert video.rotation_degrees == 270
    for _, pixels in decode_frames(video, frame_index=np.array([1, 6])):
        assert pixels.shape == (96, 64, 3)
        assert pixels[:15].mean() > 240


def test_a_stated_start_leaves_a_hole_in_film_time(tmp_path: Path) -> None:
    first, second, third = cut(tmp_path)
    entries = chapters(first, {"path": second, "start_seconds": 4.25}, third)
    video = probe_film(join_chapters(entries, folder=tmp_path))
    expected = np.concatenate([np.arange(25) / 10, 4.25 + np.arange(35) / 10])
    np.testing.assert_allclose(video.frame_seconds, expected, atol=1e-4)


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        (["a.mp4", {"path": "b.mp4", "start_seconds": 2.0}], "do not overlap"),
        ([{"path": "a.mp4", "start_seconds": 3.0}, "b.mp4"], "Leave it out of the first"),
        (["a.mp4", "gone.mp4"], "no such file"),
        (["a.mp4", "two words.mp4"], "Rename or move"),
        (["a.mp4", "../b.mp4"], "Rename or move"),
        (["a.mp4", "small.mp4"], "96 x 32"),
        (["a.mp4", "slow.mp4"], "5.000 frames a second"),
        (["a.mp4", "other.mp4"], "mpeg4"),
        (["a.mp4", "wide.mp4"], "pixels 1.333 times as wide as high"),
    ],
)
def test_files_that_are_not_of_one_film_are_refused(tmp_path: Path, entries: list[object], words: str) -> None:
    cut(tmp_path)
    frames, seconds = numbered_frames(20), [row / 10 for row in range(20)]
    write_film(tmp_path / "small.mp4", numbered_frames(20, height=32), seconds=seconds)
    write_film(tmp_path / "slow.mp4", frames, seconds=[2 * second for second in seconds])
    write_film(tmp_path / "other.mp4", frames, seconds=seconds, codec="mpeg4", ticks_per_second=1000)
    with av.open(str(tmp_path / "a.mp4")) as film, av.open(str(tmp_path / "wide.mp4"), "w") as wide:
        stream = wide.add_stream_from_template(film.streams.video[0])
        stream.sample_aspect_ratio = Fraction(4, 3)
        for packet in film.demux(video=0):
            if packet.size:
                packet.stream = stream
                wide.mux(packet)
    with pytest.raises(BadInput) as refusal:
        join_chapters(chapters(*entries), folder=tmp_path)
    assert words in str(refusal.value)
    assert not (tmp_path / FILE_NAME).exists()


def test_the_joining_file_names_the_content_and_stays_while_that_does(tmp_path: Path) -> None:
    entries = chapters(*cut(tmp_path))
    path = join_chapters(entries, folder=tmp_path)
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    assert join_chapters(entries, folder=tmp_path).stat().st_mtime_ns == stamp
    cut(tmp_path, height=64, starts=(0.0, 0.0, 0.25))
    assert join_chapters(entries, folder=tmp_path).read_bytes() != before
    path.write_text("ffconcat version 1.0\nfile mine.mp4\n")
    with pytest.raises(BadInput, match="someone else's"):
        join_chapters(entries, folder=tmp_path)


def test_a_manifest_takes_a_list_of_films_and_reads_back_equal(tmp_path: Path) -> None:
    write_csv(tmp_path / "withers.csv", walking_table(8.0))
    films = [*cut(tmp_path)[:2], {"path": "c.mp4", "start_seconds": 5.0}]
    path = write_manifest_file(tmp_path, film=films, clock=CLOCK)
    recording = load_recording(path)
    assert recording.video is not None
    assert len(recording.video.frame_seconds) == 60
    assert recording.video.stop_seconds == pytest.approx(6.5, abs=1e-3)
    manifest = read_manifest(path)
    assert manifest.film_name == "a.mp4 and 2 more"
    write_manifest(manifest, path)
    assert read_manifest(path) == manifest


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"film": "a.mp4", "chapters": ["a.mp4", "b.mp4"]}, "either `film` or `chapters`"),
        ({"film": ["a.mp4", {"path": "b.mp4", "starts": 3}]}, "unknown key chapters[1].starts"),
        ({"film": ["a.mp4", 5]}, "chapters[1]"),
        ({"film": ["a.mp4", "b.mp4"]}, "no `clock:`"),
    ],
)
def test_a_fault_in_the_list_is_named(tmp_path: Path, keys: dict[str, object], words: str) -> None:
    write_csv(tmp_path / "withers.csv", walking_table(8.0))
    cut(tmp_path)
    with pytest.raises(BadInput) as refusal:
        load_recording(write_manifest_file(tmp_path, **keys))
    assert words in str(refusal.value)
