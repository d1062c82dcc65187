"""Windows: rows, clips and labels of each, against cases counted by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput, SkippedRecording
from equigait.data.recording import TRANSITION, UNLABELLED, Bout, ClipGrid, Grid
from equigait.data.windows import WindowSpec, pool_clips, window_index

SPEC = WindowSpec()


def grid(rows, *, start_seconds=0.0, sites=("poll", "withers")):
    return Grid(
        start_seconds=start_seconds,
        rate_hz=50.0,
        sites=sites,
        imu=np.zeros((rows, 6 * len(sites)), np.float32),
        imu_valid=np.ones((rows, len(sites)), bool),
    )


def clip_grid(*spans):
    starts, stops = np.array(spans, float).reshape(-1, 2).T
    return ClipGrid(np.zeros((len(starts), 16), np.int64), starts, stops)


def labels(*bouts, rows=250, spec=SPEC, start_seconds=0.0):
    """Names of the windows' labels."""
    index = window_index(
        grid(rows, start_seconds=start_seconds), clips=None, bouts=tuple(Bout(*bout) for bout in bouts), spec=spec
    )
    names = {UNLABELLED: "unlabelled", TRANSITION: "transition"} | dict(enumerate(spec.labels))
    return [names[int(label)] for label in index.label]


def test_windows_follow_every_hop_as_long_as_they_fit():
    index = window_index(grid(749), clips=None, bouts=(), spec=SPEC)
    assert index.start_row.tolist() == [0, 125, 250, 375]
    assert window_index(grid(750), clips=None, bouts=(), spec=SPEC).start_row.tolist() == [0, 125, 250, 375, 500]


def test_a_recording_shorter_than_a_window_is_skipped_with_its_length():
    with pytest.raises(SkippedRecording, match=r"4\.98 s of sensors.*5\.00 s"):
        window_index(grid(249), clips=None, bouts=(), spec=SPEC)
    assert len(window_index(grid(250), clips=None, bouts=(), spec=SPEC).start_row) == 1


def test_a_recording_that_is_skipped_is_named():
    short = replace(grid(249), source=Path("rides/monday/recording.yaml"))
    with pytest.raises(SkippedRecording, match=r"rides/monday/recording.yaml: found 4\.98 s of sensors"):
        window_index(short, clips=None, bouts=(), spec=SPEC)


def test_a_window_across_a_gap_at_any_site_is_not_valid():
    holed = grid(750)
    holed.imu_valid[249, 1] = False
    assert window_index(holed, clips=None, bouts=(), spec=SPEC).valid.tolist() == [False, False, True, True, True]


def test_a_clip_belongs_to_the_windows_that_hold_it_whole():
    clips = clip_grid((0.0, 2.1), (2.4, 4.5), (2.9, 5.0), (3.0, 5.1), (5.5, 7.6))
    index = window_index(grid(375), clips=clips, bouts=(), spec=SPEC)  # [0, 5) and [2.5, 7.5)
    assert index.clip_first.tolist() == [0, 2]
    assert index.clip_count.tolist() == [3, 2]


def test_clips_on_the_edge_count_in_spite_of_rounding():
    start = 0.1 + 0.2  # 0.30000000000000004
    clips = clip_grid((0.3, 0.3 + 2.1), (start + 5.0 - 2.1, 5.3 + 4e-16 * 5.3))
    index = window_index(grid(250, start_seconds=start), clips=clips, bouts=(), spec=SPEC)
    assert index.clip_count.tolist() == [2]
    outside = clip_grid((0.2999, 2.4), (3.0, 5.3001))
    assert window_index(grid(250, start_seconds=start), clips=outside, bouts=(), spec=SPEC).clip_count.tolist() == [0]


def test_windows_that_the_film_does_not_cover_have_no_clips():
    index = window_index(grid(1000), clips=clip_grid((10.0, 12.1), (11.0, 13.1)), bouts=(), spec=SPEC)
    assert index.clip_count.tolist() == [0, 0, 0, 1, 2, 0, 0]
    assert window_index(grid(250), clips=clip_grid(), bouts=(), spec=SPEC).clip_count.tolist() == [0]


def test_pooling_is_the_mean_of_the_clips_inside_and_nan_without():
    clips = np.array([[1.0, 2.0], [3.0, 6.0], [np.nan, 0.0], [8.0, 8.0]], np.float16)
    index = window_index(grid(500), clips=clip_grid(), bouts=(), spec=SPEC)  # three windows; clips by hand
    first, count = np.array([0, 2, 3]), np.array([2, 0, 1])
    pooled = pool_clips(clips, replace(index, clip_first=first, clip_count=count))
    np.testing.assert_array_equal(pooled, np.array([[2.0, 4.0], [np.nan, np.nan], [8.0, 8.0]], np.float32))


def test_pooling_agrees_with_a_loop_over_windows():
    rng = np.random.default_rng(0)
    starts = np.sort(rng.uniform(0.0, 95.0, 90))
    clips = ClipGrid(np.zeros((90, 16), np.int64), starts, starts + 2.1)
    index = window_index(grid(5000), clips=clips, bouts=(), spec=SPEC)
    embeddings = rng.normal(size=(90, 7)).astype(np.float16)
    pooled = pool_clips(embeddings, index)
    for window, row in enumerate(index.start_row):
        begin = row / 50.0
        inside = (starts >= begin) & (starts + 2.1 <= begin + 5.0)
        assert inside.sum() == index.clip_count[window]
        if inside.any():
            np.testing.assert_allclose(pooled[window], embeddings[inside].astype(float).mean(axis=0), rtol=1e-6)


def test_four_fifths_of_a_window_make_its_label():
    assert labels((0.0, 4.0, "walk")) == ["walk"]
    assert labels((0.0, 3.999, "walk")) == ["unlabelled"]
    assert labels((0.0, 3.999, "walk"), (3.999, 5.0, "trot")) == ["transition"]
    assert labels((0.0, 4.0, "walk"), (4.0, 5.0, "trot")) == ["walk"]


def test_time_without_a_bout_is_never_stand():
    assert labels() == ["unlabelled"]
    assert labels((0.0, 2.0, "trot")) == ["unlabelled"]
    assert labels((0.0, 2.0, "trot"), (2.0, 3.9, "canter")) == ["unlabelled"]
    assert labels((0.0, 2.0, "trot"), (2.0, 4.0, "canter")) == ["transition"]


def test_several_bouts_of_one_label_add_up_and_overlaps_count_once():
    assert labels((0.0, 2.0, "walk"), (3.0, 5.0, "walk")) == ["walk"]
    assert labels((0.0, 2.0, "walk"), (1.0, 3.0, "walk"), (1.5, 2.5, "walk")) == ["unlabelled"]


def test_two_labels_at_once_make_neither():
    assert labels((0.0, 5.0, "walk"), (0.0, 5.0, "trot")) == ["transition"]


def test_bouts_are_in_film_time_and_need_no_order():
    bouts = (107.5, 120.0, "canter"), (100.0, 107.5, "stand")
    assert labels(*bouts, rows=625, start_seconds=100.0) == ["stand", "stand", "transition", "canter"]


def test_a_label_outside_the_vocabulary_is_refused_by_name():
    with pytest.raises(BadInput, match=r"bouts labelled gallop, lope; expected one of stand, walk, trot, canter"):
        labels((0.0, 5.0, "lope"), (5.0, 6.0, "gallop"), (6.0, 7.0, "walk"))


def test_purity_of_a_half_or_less_is_refused_since_two_labels_could_hold():
    with pytest.raises(ValueError, match="greater than 0"):
        WindowSpec(purity=0.5)
