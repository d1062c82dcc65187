"""Chapters that do not follow each other as listed are refused; what only might not is read."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.video.chapters import Chapter, join_chapters
from equigait.data.video.probe import probe_film
from films import numbered_frames

NOON = "2026-05-01T12:00:00Z"
STATED = {"start_seconds": 30.0}


def write_chapter(path: Path, *, first: int, start: float = 0.0, taken: str = "") -> None:
    """Twenty numbered frames, ten a second."""
    with av.open(str(path), "w") as container:
        if taken:
            container.metadata["creation_time"] = taken
        stream = container.add_stream("libx264", rate=10, options={"preset": "ultrafast", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number, picture in enumerate(numbered_frames(first + 20)[first:]):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = round(10 * start) + number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def joined(
    folder: Path,
    *names: str,
    starts: Sequence[float] = (0.0, 0.0),
    taken: Sequence[str] = ("", ""),
    more: dict[str, float] | None = None,
) -> np.ndarray:
    """Times of all frames of two chapters, which say of themselves what is given here."""
    for number, name in enumerate(names):
        write_chapter(folder / name, first=20 * number, start=starts[number], taken=taken[number])
    entries: list[dict[str, object]] = [{"path": names[0]}, {"path": names[1], **(more or {})}]
    chapters = tuple(Chapter.model_validate(entry) for entry in entries)
    return probe_film(join_chapters(chapters, folder=folder)).frame_seconds


@pytest.mark.parametrize(
    ("names", "starts", "taken"),
    [
        (("a.mp4", "b.mp4"), (0.0, 0.0), ("", "")),
        (("a.mkv", "b.mkv"), (0.0, 2.0), ("", "")),
        (("a.mp4", "b.mp4"), (0.0, 0.0), (NOON, "2026-05-01T12:00:02Z")),
        (("GX010123.MP4", "GX020123.MP4"), (0.0, 0.0), (NOON, NOON)),
        (("GOPR0123.MP4", "GP010123.MP4"), (0.0, 0.0), ("", "")),
        (("a.mp4", "b.mp4"), (0.0, 0.0), ("1970-01-01T00:00:07Z", "1970-01-01T00:00:00Z")),
    ],
)
def test_chapters_that_follow_each_other_are_one_film(
    names: tuple[str, str], starts: tuple[float, float], taken: tuple[str, str], tmp_path: Path
) -> None:
    times = joined(tmp_path, *names, starts=starts, taken=taken)
    np.testing.assert_allclose(times, np.arange(40) / 10, atol=2e-3)


@pytest.mark.parametrize(
    ("names", "starts", "taken", "message"),
    [
        (("b.mkv", "a.mkv"), (2.0, 0.0), ("", ""), r"clock ends where that of b\.mkv begins"),
        (("b.mp4", "a.mp4"), (0.0, 0.0), ("2026-05-01T12:00:02Z", NOON), r"taken before b\.mp4"),
    ],
)
def test_chapters_in_another_order_are_refused(
    names: tuple[str, str], starts: tuple[float, float], taken: tuple[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=message):
        joined(tmp_path, *names, starts=starts, taken=taken)


GAPS = [
    (("a.mkv", "c.mkv"), (0.0, 4.0), ("", ""), r"clock begins 2\.000 s after that of a\.mkv ends"),
    (("a.mp4", "b.mp4"), (0.0, 0.0), (NOON, "2026-05-01T12:05:00Z"), r"taken 300 s after a\.mp4, which lasts 2 s"),
    (("GX010123.MP4", "GX030123.MP4"), (0.0, 0.0), ("", ""), "chapter 3 of film 0123 after chapter 1"),
    (("GX010123.MP4", "GX010124.MP4"), (0.0, 0.0), ("", ""), "chapter 1 of film 0124"),
]


@pytest.mark.parametrize(("names", "starts", "taken", "message"), GAPS)
def test_a_gap_between_chapters_is_refused_until_its_length_is_stated(
    names: tuple[str, str], starts: tuple[float, float], taken: tuple[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=rf"{message}.*start_seconds"):
        joined(tmp_path, *names, starts=starts, taken=taken)
    times = joined(tmp_path, *names, starts=starts, taken=taken, more=STATED)
    np.testing.assert_allclose(times, [*np.arange(20) / 10, *(30 + np.arange(20) / 10)], atol=2e-3)


def test_a_file_that_is_listed_twice_is_refused(tmp_path: Path) -> None:
    write_chapter(tmp_path / "a.mp4", first=0)
    (tmp_path / "copy.mp4").write_bytes((tmp_path / "a.mp4").read_bytes())
    with pytest.raises(BadInput, match=r"byte by byte a\.mp4 again"):
        join_chapters(tuple(Chapter(path=name) for name in ("a.mp4", "copy.mp4")), folder=tmp_path)
