"""Films that the demo teacher learns motion from: what is near hides what is far, and truth goes with the film."""

from pathlib import Path

import numpy as np
import pytest
from artifacts import motion_films
from artifacts.capsules import SIZE, Strokes, draw
from artifacts.motion_clips import draw_clips
from artifacts.motion_films import Films, FilmSet, load_films
from artifacts.random_people import BONES, STANDING, person_motion, random_person
from artifacts.stick_horses import PER_FRAME, horse_motion
from equigait.data.simulate import YardSpec, make_ride

DARK = np.zeros((SIZE, SIZE))


def bar(row: float, near: float, tone: float) -> tuple[np.ndarray, np.ndarray, float]:
    return np.array([10.0, row, near]), np.array([50.0, row, near]), tone


def drawn(*bars: tuple[np.ndarray, np.ndarray, float], by_nearness: float = 0.0) -> np.ndarray:
    start, stop = (np.stack([each[end] for each in bars])[None] for end in range(2))
    strokes = Strokes(start, stop, np.full((len(bars), 2), 3.0), np.array([each[2] for each in bars]), by_nearness)
    return draw(strokes, background=DARK)[0]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_is_nearer_hides_what_is_farther_in_whatever_order_it_is_drawn(order: tuple[int, int]) -> None:
    bars = (bar(30.0, 5.0, 200.0), bar(32.0, 0.0, 90.0))
    picture = drawn(*(bars[each] for each in order))
    assert picture[30, 30] == 200
    assert picture[34, 30] == 90
    assert picture[10, 30] == 0


def test_a_depth_camera_sees_the_near_brighter() -> None:
    picture = drawn(bar(20.0, 10.0, 100.0), bar(40.0, 0.0, 100.0), by_nearness=5.0)
    assert picture[20, 30] == 100 + 5 * (10 + 3)
    assert picture[40, 30] == 100 + 5 * 3


def test_bones_of_random_figures_keep_their_lengths() -> None:
    for seed in range(20):
        figure = random_person(np.random.default_rng(seed), samples=48, per_frame=1)
        for a, b, *_ in BONES[3:]:
            lengths = np.linalg.norm(figure.joints[a] - figure.joints[b], axis=1)
            assert np.ptp(lengths) < 1e-6, (seed, a, b)


def test_random_figures_differ_and_stand_upright() -> None:
    motions = [person_motion(random_person(np.random.default_rng(k), samples=48, per_frame=1)) for k in range(30)]
    still = [float(np.ptp(motion[:, :6], axis=0).max()) for motion in motions]
    assert min(still) < 0.05
    assert max(still) > 0.3
    heads = np.array([motion[:, 13].mean() for motion in motions])
    assert (heads > 0.5 * (1 - STANDING)).all(), "heads are above the pelvis"


def test_the_truth_of_a_film_is_that_of_its_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(motion_films, "YARD_SECONDS", 2.0)
    frames, motion = motion_films.filmed_ride("field", seed=5, number=0)
    assert frames.shape == (15, 3, SIZE, SIZE)
    spec = YardSpec(difficulty="field", seed=5, seconds=2.0, fps=7.5, frame_width=128, frame_height=76)
    expected = horse_motion(make_ride(spec, horse=0), np.arange(15) / 7.5)
    np.testing.assert_allclose(motion[::PER_FRAME], expected, atol=1e-5)


def test_films_are_made_once_and_again_the_same(tmp_path: Path) -> None:
    sources = (FilmSet("sticks", seed=1, count=2, share=0.5), FilmSet("people", seed=2, count=2, share=0.5))
    first = load_films(sources, folder=tmp_path)
    kept = [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    again = load_films(sources, folder=tmp_path)
    assert kept == [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    (tmp_path / "other").mkdir()
    other = load_films(sources, folder=tmp_path / "other")
    for one, two, three in zip(first, again, other, strict=True):
        assert np.array_equal(one.frames, two.frames)
        assert np.array_equal(one.frames, three.frames)
        assert np.array_equal(one.motion, three.motion)
        assert one.frames.std() > 10


def test_a_step_has_its_shares_and_a_mirrored_horse_has_its_limbs_exchanged() -> None:
    rng = np.random.default_rng(0)
    bright = np.linspace(0, 255, SIZE, dtype=np.uint8)  # darker on the left
    motion = np.tile(np.arange(18, dtype=np.float32), (2, 80, 1))
    horses = Films("horse", np.tile(bright, (2, 20, 1, SIZE, 1)), motion, 0.75)
    people = Films("person", rng.integers(0, 255, (2, 20, 1, SIZE, SIZE), np.uint8), motion, 0.25)
    clips = draw_clips([horses, people], batch=64, seed=0, step=0)
    assert clips.kinds.count("person") == 16
    assert float(clips.pixels.min()) >= 0.0
    assert float(clips.pixels.max()) <= 1.0
    left_first = [row for row in range(64) if clips.motion[row][0, 0] == 0.0]
    mirrored = [row for row in range(48) if clips.motion[row][0, 0] == 2.0]
    assert len(left_first) + len(mirrored) == 64
    assert 12 <= len(mirrored) <= 36
    assert clips.motion[mirrored[0]][0].tolist() == [2, 3, 0, 1, 6, 7, 4, 5, *range(8, 18)]
    again = draw_clips([horses, people], batch=64, seed=0, step=0)
    assert np.array_equal(clips.pixels.numpy(), again.pixels.numpy())
    assert not np.array_equal(clips.pixels.numpy(), draw_clips([horses, people], batch=64, seed=0, step=1).pixels)
