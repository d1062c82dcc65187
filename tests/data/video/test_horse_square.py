"""The square about the horse: a thing that moves over a background, known frame by frame, also in turned films."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.video.decode import decode_pictures
from equigait.data.video.horse_square import cut_square, horse_squares
from equigait.data.video.probe import probe_film
from films import write_film

HEIGHT, WIDTH, SIDE = 192, 320, 40


def place(number: int) -> tuple[int, int]:
    """Top and left of the thing in a frame: it walks to the right and back."""
    return 80, 60 + int(70 * (1 + np.sin(number / 12 - np.pi / 2)))


def film(folder: Path, *, count: int = 90, pan: int = 0) -> Path:
    rng = np.random.default_rng(0)
    coarse = rng.integers(60, 200, (HEIGHT // 8, (WIDTH + pan * count) // 8 + 1))
    ground = np.kron(coarse, np.ones((8, 8)))
    thing = np.kron(rng.integers(0, 256, (SIDE // 4, SIDE // 4)), np.ones((4, 4)))
    frames = []
    for number in range(count):
        frame = ground[:, pan * number : pan * number + WIDTH].copy()
        top, left = place(number)
        frame[top : top + SIDE, left : left + SIDE] = thing
        frames.append(np.repeat(frame[..., None], 3, axis=2).astype(np.uint8))
    return write_film(folder / "a.mp4", np.stack(frames), seconds=[number / 15 for number in range(count)])


def held(squares: np.ndarray, needed: np.ndarray) -> np.ndarray:
    """Whether each square holds the whole thing."""
    at = np.array([place(number) for number in needed])
    corner, side = squares[:, :2], squares[:, 2:]
    return ((corner <= at) & (corner + side >= at + SIDE)).all(axis=1)


@pytest.mark.parametrize(("pan", "turn"), [(0, 0), (2, 0), (0, 90), (0, 180), (0, 270)])
def test_the_square_holds_what_moves_over_the_background_however_the_film_is_turned(
    tmp_path: Path, pan: int, turn: int
) -> None:
    video = replace(probe_film(film(tmp_path, pan=pan)), rotation_degrees=turn)
    needed = np.arange(20, 90, 5)
    squares = horse_squares(video, frame_index=needed)
    assert held(squares, needed).mean() > 0.9
    assert np.median(squares[:, 2]) < 0.85 * HEIGHT
    assert (squares >= 0).all()
    assert (squares[:, :2] + squares[:, 2:] <= (HEIGHT, WIDTH)).all()


def test_the_part_that_is_cut_is_that_of_the_frame(tmp_path: Path) -> None:
    video = probe_film(film(tmp_path))
    (_, picture), *_ = decode_pictures(video, frame_index=np.array([40]))
    part = cut_square(picture, np.array([30, 70, 50]))
    np.testing.assert_array_equal(part.upright(), picture.upright()[30:80, 70:120])


def test_a_film_of_two_frames_is_refused(tmp_path: Path) -> None:
    video = probe_film(film(tmp_path, count=2))
    with pytest.raises(BadInput, match=r"teacher\.crop=none"):
        horse_squares(video, frame_index=np.array([0]))
