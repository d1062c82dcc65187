"""Films that their container turns, in all eight ways it can: four come out upright, four are mirrored and refused."""

import itertools
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.video.decode import decode_frames
from equigait.data.video.probe import probe_film
from films import write_film

ONE = 1 << 16
"""1 in a display matrix."""
Turn = tuple[int, int, int, int]
"""The matrix (a, b, c, d): what is stored at (x, y) is shown at (ax + cy, bx + dy), but for a shift."""
EIGHT: list[Turn] = [
    turn
    for x, y in itertools.product((-1, 1), repeat=2)
    for turn in ((x, 0, 0, y), (0, x, y, 0))  # y down, as in ISO/IEC 14496-12
]
STORED = np.full((64, 96, 3), 40, np.uint8)
STORED[:32, :48], STORED[:32, 48:], STORED[32:, :48] = (220, 30, 30), (30, 220, 30), (30, 30, 220)


def with_matrix(path: Path, matrix: tuple[int, ...]) -> Path:
    """The film with this display matrix in its track header (ISO/IEC 14496-12, section 8.3.2), version 0."""
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd") + 4 + 4 + 20 + 8 + 8
    data[at : at + 36] = struct.pack(">9i", *matrix)
    path.write_bytes(data)
    return path


def turned_film(path: Path, *, turn: Turn) -> Path:
    """A film of that container, shown so; Matroska's matrix is written by FFmpeg from that of an mp4."""
    a, b, c, d = (each * ONE for each in turn)
    header = path.with_suffix(path.suffix if path.suffix != ".mkv" else ".mp4")
    film = with_matrix(write_film(header, [STORED], seconds=[0.0]), (a, b, 0, c, d, 0, 0, 0, 1 << 30))
    if film == path:
        return film
    with av.open(str(film)) as source, av.open(str(path), "w") as copy:
        stream = copy.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = stream
                copy.mux(packet)
    return path


def as_shown(stored: np.ndarray, *, turn: Turn) -> np.ndarray:
    """Pixel by pixel, by the definition of the matrix."""
    a, b, c, d = turn
    y, x = np.indices(stored.shape[:2])
    right, down = a * x + c * y, b * x + d * y
    right, down = right - right.min(), down - down.min()
    shown = np.zeros((down.max() + 1, right.max() + 1, 3), np.uint8)
    shown[down, right] = stored
    return shown


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("turn", EIGHT)
def test_a_turned_film_comes_out_as_players_show_it_and_a_mirrored_one_is_refused(
    turn: Turn, suffix: str, tmp_path: Path
) -> None:
    film = turned_film(tmp_path / f"film{suffix}", turn=turn)
    a, b, c, d = turn
    if a * d - b * c < 0:
        with pytest.raises(BadInput, match="shown mirrored"):
            probe_film(film)
        return
    ((_, pixels),) = decode_frames(probe_film(film), frame_index=np.array([0]))
    shown = as_shown(STORED, turn=turn)
    assert pixels.shape == shown.shape
    assert np.abs(pixels.astype(int) - shown).mean() < 4.0


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ((2 * ONE, 0, 0, 0, 2 * ONE, 0, 0, 0, 1 << 30), None),
        ((0, 0, 0, 0, 0, 0, 0, 0, 1 << 30), "no turn by quarters"),
        ((46341, 46341, 0, -46341, 46341, 0, 0, 0, 1 << 30), "no turn by quarters"),
    ],
)
def test_a_matrix_may_scale_and_a_film_shown_aslant_or_not_at_all_is_refused(
    matrix: tuple[int, ...], message: str | None, tmp_path: Path
) -> None:
    film = with_matrix(write_film(tmp_path / "film.mp4", [STORED], seconds=[0.0]), matrix)
    if message is None:
        assert probe_film(film).rotation_degrees == 0
    else:
        with pytest.raises(BadInput, match=message):
            probe_film(film)
