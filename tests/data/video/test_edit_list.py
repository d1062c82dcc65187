"""Edit lists: what FFmpeg follows is read as players show it, what it does not is refused."""

import struct
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.video.decode import decode_frames
from equigait.data.video.probe import probe_film
from films import number_of, numbered_frames, write_film

Stretch = tuple[float, float, float]
"""Seconds, media time (or -1), speed."""
NOTHING = -1.0
HEADERS = {b"mvhd": 12, b"mdhd": 12}


def with_edits(film: Path, *stretches: Stretch) -> Path:
    """The film, whose index comes last, with another edit list."""
    data = bytearray(film.read_bytes())
    scale_of = {}
    for kind, offset in HEADERS.items():
        at = data.find(kind) + 4 + offset
        scale_of[kind] = int.from_bytes(data[at : at + 4], "big")
    entries = b"".join(
        struct.pack(
            ">IihH",
            round(seconds * scale_of[b"mvhd"]),
            -1 if media < 0 else round(media * scale_of[b"mdhd"]),
            int(speed),
            round(speed % 1 * 65536),
        )
        for seconds, media, speed in stretches
    )
    edit_list = struct.pack(">I4sII", 16 + len(entries), b"elst", 0, len(stretches)) + entries
    edits = struct.pack(">I4s", 8 + len(edit_list), b"edts") + edit_list
    old = data.find(b"edts") - 4
    length = int.from_bytes(data[old : old + 4], "big")
    data[old : old + length] = edits
    for kind in (b"moov", b"trak"):
        at = data.find(kind) - 4
        data[at : at + 4] = (int.from_bytes(data[at : at + 4], "big") + len(edits) - length).to_bytes(4, "big")
    film.write_bytes(data)
    return film


@pytest.fixture(params=[0, 2], ids=["in order", "with B-frames"])
def film(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    options = {"preset": "ultrafast", "bf": str(request.param), "g": "30", "crf": "10"}
    seconds = [number / 30 for number in range(90)]
    return write_film(tmp_path / "film.mp4", numbered_frames(90), seconds=seconds, codec_options=options)


@pytest.mark.parametrize(
    ("stretches", "numbers", "start"),
    [
        ([(2.0, NOTHING, 1), (3.0, 0.0, 1)], range(90), 2.0),
        ([(1.0, 0.0, 1), (1.0, 2.0, 1)], [*range(30), *range(60, 90)], 0.0),
        ([(1.0, 2.0, 1), (1.0, 0.0, 1)], [*range(60, 90), *range(30)], 0.0),
    ],
)
def test_stretches_at_their_own_speed_are_shown_in_their_order(
    film: Path, stretches: list[Stretch], numbers: list[int], start: float
) -> None:
    delay = int.from_bytes(film.read_bytes().split(b"elst")[1][12:16], "big")  # of the first frame, by its B-frames
    scale = int.from_bytes(film.read_bytes().split(b"mdhd")[1][12:16], "big")
    at = [(seconds, media if media < 0 else media + delay / scale, speed) for seconds, media, speed in stretches]
    video = probe_film(with_edits(film, *at))
    shown = [number_of(picture) for _, picture in decode_frames(video, frame_index=np.arange(len(numbers)))]
    assert shown == list(numbers)
    np.testing.assert_allclose(video.frame_seconds, start + np.arange(len(numbers)) / 30, atol=1e-3)


@pytest.mark.parametrize(
    ("stretches", "message"),
    [
        ([(6.0, 0.0, 0.5)], "0.5 times its speed"),
        ([(1.0, 0.0, 1), (4.0, 1.0, 0.25), (1.0, 2.0, 1)], "0.25, 1 times its speed"),
        ([(1.0, 0.0, 1), (2.0, 1.0, 0), (1.0, 1.0, 1)], "0, 1 times its speed"),
        ([(1.0, 0.0, 1), (1.0, NOTHING, 1), (1.0, 1.0, 1)], "a pause in mid-film"),
    ],
)
def test_other_speeds_and_pauses_are_refused(film: Path, stretches: list[Stretch], message: str) -> None:
    with pytest.raises(BadInput, match=rf"an edit list.*{message}|{message}"):
        probe_film(with_edits(film, *stretches))
