"""A moved window shows what the recording truly holds there, and keeps its film."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from equigait.cache.schema import Segment
from equigait.pipeline.datasets.batches import Batches
from equigait.pipeline.datasets.temporal_jitter import with_margins
from equigait.pipeline.datasets.window_dataset import Corpus, corpus_of
from equigait.pipeline.runtime.seeds import generator_for
from made_segments import made_segment

MOST = 20


@pytest.fixture(scope="module")
def segments() -> list[Segment]:
    return [made_segment(name, seed=number, seconds=40.0) for number, name in enumerate(("first", "second"))]


@pytest.fixture(scope="module")
def corpus(segments: list[Segment]) -> Corpus:
    found = corpus_of(segments)
    assert len(found) == 2 * 14  # the first window of each has a gap in it
    return found.filmed()


def grid_rows(segments: list[Segment], corpus: Corpus, row: int) -> tuple[Segment, int]:
    """The recording of a window, and the row of its grid at which the window starts."""
    segment = next(one for one in segments if one.recording_id == corpus.recording[row])
    return segment, round((float(corpus.start_seconds[row]) - segment.grid.start_seconds) * 50.0)


def test_every_move_that_is_allowed_shows_the_recordings_own_samples(segments: list[Segment], corpus: Corpus) -> None:
    wide = with_margins(corpus, most=MOST, window_seconds=5.0)
    assert int(wide.earlier.max()) > 10
    assert int(wide.later.max()) > 10
    rows = torch.arange(len(corpus))
    for moves in (-wide.earlier, wide.later, torch.zeros_like(wide.later)):
        cut = wide.cut(rows, moves=moves)
        for row, move in enumerate(moves.tolist()):
            segment, start = grid_rows(segments, corpus, row)
            np.testing.assert_array_equal(cut[row], segment.grid.imu[start + move : start + move + 250].T)


def test_all_clips_of_the_film_stay_inside(segments: list[Segment], corpus: Corpus) -> None:
    wide = with_margins(corpus, most=MOST, window_seconds=5.0)
    for row in range(len(corpus)):
        segment, start = grid_rows(segments, corpus, row)
        at = int(np.flatnonzero(segment.windows.start_row == start)[0])
        first, many = int(segment.windows.clip_first[at]), int(segment.windows.clip_count[at])
        begins = float(corpus.start_seconds[row])
        assert begins + int(wide.later[row]) / 50 <= segment.clip_start_s[first] + 1e-4
        assert begins - int(wide.earlier[row]) / 50 + 5.0 >= segment.clip_stop_s[first + many - 1] - 1e-4


def test_windows_do_not_move_across_gaps_or_beyond_a_recordings_ends(corpus: Corpus) -> None:
    free = replace(corpus, film_seconds=torch.full((len(corpus), 2), torch.nan, dtype=torch.float64))
    wide = with_margins(free, most=MOST, window_seconds=5.0)
    assert wide.earlier.tolist() == [0, *[MOST] * 13, 0, *[MOST] * 13]
    assert wide.later.tolist() == [*[MOST] * 13, 0, *[MOST] * 13, 0]
    holed = free.take(torch.tensor([0, 1, 5, 6, 8]))  # 1 and 5 share nothing, 6 and 8 touch
    wide = with_margins(holed, most=MOST, window_seconds=5.0)
    assert wide.earlier.tolist() == [0, MOST, 0, MOST, MOST]
    assert wide.later.tolist() == [MOST, 0, MOST, MOST, 0]
    assert bool(wide.imu[0, :, :MOST].isnan().all())  # what is not there is never shown


def test_moves_are_even_within_their_bounds(corpus: Corpus) -> None:
    wide = with_margins(corpus, most=MOST, window_seconds=5.0)
    row = int((wide.earlier + wide.later).argmax())
    moves = wide.draw_moves(torch.full((4000,), row), generator=generator_for("test", 0))
    allowed = range(-int(wide.earlier[row]), int(wide.later[row]) + 1)
    counts = torch.tensor([int((moves == move).sum()) for move in allowed])
    assert int(counts.sum()) == 4000
    assert float(counts.float().std() / counts.float().mean()) < 0.25


def test_batches_move_their_windows_film_and_overlaps_kept(corpus: Corpus) -> None:
    def batches(jitter_steps: int) -> Batches:
        return Batches(
            corpus, batch=10, seed=0, window_seconds=5.0, device=torch.device("cpu"), jitter_steps=jitter_steps
        )

    plain, moved = batches(0).draw(1), batches(MOST).draw(1)
    assert torch.equal(plain.film, moved.film)
    assert torch.isfinite(moved.imu).all()
    assert not torch.equal(plain.imu, moved.imu)
    assert torch.equal(moved.imu, batches(MOST).draw(1).imu)
    assert not bool((plain.overlap & ~moved.overlap).any())  # those that touched may overlap now, no others part
    assert int(moved.overlap.sum()) > int(plain.overlap.sum())


def test_without_the_times_of_the_film_nothing_moves(corpus: Corpus) -> None:
    with pytest.raises(ValueError, match="when the film was seen"):
        with_margins(replace(corpus, film_seconds=None), most=MOST, window_seconds=5.0)
