"""Clips on a film's own time grid: regular, irregular, late, short, and broken films."""

import numpy as np
import pytest
from equigait.data.clips import ClipSpec, clip_grid
from equigait.data.errors import BadInput
from equigait.data.recording import ClipGrid
from pydantic import ValidationError


def film(seconds: float, *, rate_hz: float = 30.0, start: float = 0.0) -> np.ndarray:
    return start + np.arange(round(seconds * rate_hz)) / rate_hz


def clips(frame_seconds: np.ndarray, **changes: float) -> ClipGrid:
    return clip_grid(frame_seconds, spec=ClipSpec(**changes))


def test_at_30_fps_a_clip_takes_every_fourth_frame_and_neighbours_share_half_of_theirs() -> None:
    grid = clips(film(10.0))
    np.testing.assert_array_equal(grid.frame_index[0], np.arange(0, 64, 4))
    np.testing.assert_array_equal(grid.frame_index[1], np.arange(32, 96, 4))
    assert len(grid.frame_index) == (75 - 16) // 8 + 1
    np.testing.assert_allclose(grid.start_seconds[:2], [0.0, 8 / 7.5])
    np.testing.assert_allclose(grid.stop_seconds - grid.start_seconds, 16 / 7.5)


@pytest.mark.parametrize("rate_hz", [15.0, 24.0, 25.0, 29.97, 50.0, 59.94, 60.0])
def test_at_any_rate_each_sample_is_the_frame_nearest_to_its_instant(rate_hz: float) -> None:
    times = film(20.0, rate_hz=rate_hz)
    grid = clips(times)
    first_clip_instants = np.arange(16) / 7.5
    offsets = times[grid.frame_index[0]] - first_clip_instants
    assert np.abs(offsets).max() <= 0.5 / rate_hz + 1e-9
    assert np.all(np.diff(grid.frame_index, axis=1) > 0)


def test_a_late_first_frame_moves_the_whole_grid() -> None:
    early, late = clips(film(8.0)), clips(film(8.0, start=3.7))
    np.testing.assert_array_equal(early.frame_index, late.frame_index)
    np.testing.assert_allclose(late.start_seconds, early.start_seconds + 3.7)


def test_with_a_variable_rate_the_frame_shown_at_the_instant_is_taken() -> None:
    rng = np.random.default_rng(0)
    times = np.cumsum(rng.uniform(0.01, 0.09, 400))
    grid = clips(times)
    half = 0.5 * np.median(np.diff(times))
    for clip, members in enumerate(grid.frame_index):
        instants = times[0] + (8 * clip + np.arange(16)) / 7.5
        by_hand = [int(np.flatnonzero(times <= instant + half)[-1]) for instant in instants]
        np.testing.assert_array_equal(members, by_hand)
    assert len(grid.frame_index) == int(((times[-1] + half - times[0]) * 7.5) // 1 + 1 - 16) // 8 + 1


def test_a_hole_breaks_the_clips_across_it_and_the_grid_goes_on_after_it() -> None:
    whole = film(20.0)
    holed = whole[(whole < 7.0) | (whole >= 8.0)]
    grid, reference = clips(holed), clips(whole)
    outside = (reference.stop_seconds <= 7.0) | (reference.start_seconds >= 8.0)
    np.testing.assert_allclose(grid.start_seconds, reference.start_seconds[outside])
    np.testing.assert_allclose(holed[grid.frame_index], whole[reference.frame_index[outside]])
    assert 0 < outside.sum() < outside.size


def test_a_dropped_frame_or_two_break_nothing() -> None:
    times = np.delete(film(10.0), [40, 41, 100])
    assert len(clips(times).frame_index) == len(clips(film(10.0)).frame_index)


def test_a_clip_that_ends_in_a_hole_is_no_clip() -> None:
    times = np.concatenate([film(2.0 - 2 / 7.5), [30.0]])
    assert len(clips(times).frame_index) == 0


@pytest.mark.parametrize("times", [film(2.0), film(0.1), np.zeros(1), np.zeros(0)])
def test_a_film_shorter_than_a_clip_gives_none(times: np.ndarray) -> None:
    grid = clips(times)
    assert grid.frame_index.shape == (0, 16)
    assert grid.start_seconds.shape == grid.stop_seconds.shape == (0,)


def test_exactly_one_clip_fits_a_film_of_its_length() -> None:
    assert len(clips(film(16 / 7.5)).frame_index) == 1


def test_other_clip_lengths_rates_and_hops_are_obeyed() -> None:
    grid = clips(film(10.0), frames=4, rate_hz=15.0, hop_frames=4)
    np.testing.assert_array_equal(grid.frame_index[:2], [[0, 2, 4, 6], [8, 10, 12, 14]])


def test_a_hop_of_nothing_is_refused() -> None:
    with pytest.raises((ValidationError, BadInput)):
        ClipSpec(hop_frames=0)


def test_a_film_of_5_fps_has_clips_that_repeat_frames_and_one_of_4_fps_has_none() -> None:
    assert len(clips(film(10.0, rate_hz=5.0)).frame_index) > 0
    assert len(clips(film(10.0, rate_hz=4.0)).frame_index) == 0
