"""A shifted window shows what the recording truly holds there, and keeps its film."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from equigait.cache.schema import Segment
from equigait.pipeline.datasets.batches import Batches, BatchSettings
from equigait.pipeline.datasets.loading import windows_of
from equigait.pipeline.datasets.temporal_jitter import draw_shifts, shift_bounds
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.runtime.seeds import generator_for
from made_segments import made_segment

MOST = 20


@pytest.fixture(scope="module")
def segments() -> list[Segment]:
    return [made_segment(name, seed=number, seconds=40.0) for number, name in enumerate(("first", "second"))]


@pytest.fixture(scope="module")
def windows(segments: list[Segment]) -> WindowDataset:
    found = windows_of(segments)
    assert len(found) == 2 * 14  # the first window of each has a gap in it
    return found.filmed()


def segment_and_row(segments: list[Segment], windows: WindowDataset, row: int) -> tuple[Segment, int]:
    """The recording of a window, and the row of its grid at which the window starts."""
    segment = next(one for one in segments if one.recording_id == windows.recording[row])
    return segment, round((float(windows.start_seconds[row]) - segment.grid.start_seconds) * 50.0)


def test_every_shift_within_the_bounds_shows_the_recordings_own_samples(
    segments: list[Segment], windows: WindowDataset
) -> None:
    earlier, later = shift_bounds(windows, most=MOST, window_seconds=5.0)
    assert int(earlier.max()) > 10
    assert int(later.max()) > 10
    for shift in (-earlier, later, torch.zeros_like(later)):
        cut = windows.imu.cut(torch.arange(len(windows)), shift=shift)
        assert bool(torch.isfinite(cut).all())
        for row, move in enumerate(shift.tolist()):
            segment, start = segment_and_row(segments, windows, row)
            np.testing.assert_array_equal(cut[row], segment.grid.imu[start + move : start + move + 250].T)


def test_all_clips_of_the_film_stay_inside(segments: list[Segment], windows: WindowDataset) -> None:
    earlier, later = shift_bounds(windows, most=MOST, window_seconds=5.0)
    for row in range(len(windows)):
        segment, start = segment_and_row(segments, windows, row)
        at = int(np.flatnonzero(segment.windows.start_row == start)[0])
        first, many = int(segment.windows.clip_first[at]), int(segment.windows.clip_count[at])
        begins = float(windows.start_seconds[row])
        assert begins + int(later[row]) / 50 <= segment.clip_start_s[first] + 1e-4
        assert begins - int(earlier[row]) / 50 + 5.0 >= segment.clip_stop_s[first + many - 1] - 1e-4


def test_windows_shift_over_valid_rows_alone_not_across_gaps_nor_beyond_either_end() -> None:
    first, second = (made_segment(name, seconds=11.0, film=False) for name in ("a", "b"))
    first.grid.imu_valid[500] = False  # rows 10 to 19 are not valid in either
    free = windows_of([first, second])
    bounds = shift_bounds(free, most=1000, window_seconds=5.0)
    assert free.imu.start_row.tolist() == [125, 250, 125, 250]
    assert bounds[0].tolist() == [105, 230, 105, 230]
    assert bounds[1].tolist() == [125, 0, 175, 50]
    near = shift_bounds(free, most=MOST, window_seconds=5.0)
    assert (near[0].tolist(), near[1].tolist()) == ([MOST] * 4, [MOST, 0, MOST, MOST])


def test_shifts_are_even_within_their_bounds(windows: WindowDataset) -> None:
    earlier, later = shift_bounds(windows, most=MOST, window_seconds=5.0)
    row = int((earlier + later).argmax())
    rows = torch.full((4000,), row)
    shifts = draw_shifts(earlier[rows], later[rows], generator=generator_for("test", 0))
    allowed = range(-int(earlier[row]), int(later[row]) + 1)
    counts = torch.tensor([int((shifts == shift).sum()) for shift in allowed])
    assert int(counts.sum()) == 4000
    assert float(counts.float().std() / counts.float().mean()) < 0.25


def test_batches_shift_their_windows_film_and_overlaps_kept(windows: WindowDataset) -> None:
    def batches(jitter_steps: int) -> Batches:
        device = torch.device("cpu")
        settings = BatchSettings(batch=10, seed=0, window_seconds=5.0, device=device, jitter_steps=jitter_steps)
        return Batches(windows, settings=settings)

    plain, moved = batches(0).draw(1), batches(MOST).draw(1)
    assert torch.equal(plain.film, moved.film)
    assert torch.isfinite(moved.imu).all()
    assert not torch.equal(plain.imu, moved.imu)
    assert torch.equal(moved.imu, batches(MOST).draw(1).imu)
    assert not bool((plain.overlap & ~moved.overlap).any())  # those that touched may overlap now, no others part
    assert int(moved.overlap.sum()) > int(plain.overlap.sum())


def test_without_the_times_of_the_clips_nothing_moves(windows: WindowDataset) -> None:
    with pytest.raises(ValueError, match="needs the times of the clips"):
        shift_bounds(replace(windows, film_seconds=None), most=MOST, window_seconds=5.0)
