"""Films by the times of their frames: rate, dropped frames, uneven ones."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.quality.film import film_facts, film_remarks
from equigait.data.recording import Video


def facts_of(times: np.ndarray):
    return film_facts(Video(Path("ride.mp4"), 640, 360, 0, times))


def test_a_steady_film_is_told_its_true_rate_not_the_nominal_one():
    facts = facts_of(np.round(np.arange(3000) * 1001 / 30000, 3))
    assert facts.rate_hz == pytest.approx(30000 / 1001, rel=1e-5)
    assert facts.steady
    assert facts.dropped == 0
    assert film_remarks(facts) == ()


def test_dropped_frames_are_counted_one_by_one():
    kept = np.setdiff1d(np.arange(900), [100, 300, 301, 302, *range(500, 510)])
    facts = facts_of(0.5 + kept / 25)
    assert facts.dropped == 14
    assert facts.longest_gap_seconds == pytest.approx(11 / 25)
    assert facts.rate_hz == pytest.approx(25.0)
    assert facts.start_seconds == 0.5
    assert film_remarks(facts) == ("film: 14 frames dropped, longest hole 0.44 s",)


def test_an_uneven_film_is_said_to_be_uneven_and_only_its_long_holes_count():
    steps = np.random.default_rng(0).uniform(0.017, 0.050, 2000)
    steps[1000] = 1.0
    facts = facts_of(np.cumsum(steps))
    assert not facts.steady
    assert facts.dropped == pytest.approx(29, abs=1)
    assert any("uneven" in remark for remark in film_remarks(facts))


def test_a_film_of_two_frames_has_facts():
    assert facts_of(np.array([0.0, 0.04])).frames == 2
    assert facts_of(np.array([0.0])).dropped == 0


def test_pixels_that_are_not_square_are_remarked_on_with_the_command_that_mends_them():
    video = Video(Path("ride.mp4"), 96, 96, 0, np.arange(300) / 30, pixel_aspect=4 / 3)
    (remark,) = film_remarks(film_facts(video))
    assert "1.333 times as wide as high" in remark
    assert "scale=iw*sar:ih" in remark
