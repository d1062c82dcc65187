"""A cache opened as arrays."""

import dataclasses
from pathlib import Path

import equigait
import numpy as np
import pytest
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from rides import HORSES, ride_cache, ride_segment


def test_a_cache_names_its_recordings_and_horses():
    view = equigait.open_cache(ride_cache())
    assert view.recordings == tuple(f"{horse}-ride" for horse in HORSES)
    assert view.horses == HORSES
    assert "stranger" not in view


def test_a_recording_gives_windows_labels_and_clip_features_that_belong_together():
    recording = equigait.open_cache(ride_cache())["h0-ride"]
    segment = ride_segment("h0")
    starts = segment.windows.start_row
    assert recording.windows.shape == (len(starts), 12, 250)
    np.testing.assert_array_equal(recording.windows[3], segment.grid.imu[starts[3] : starts[3] + 250].T)
    assert recording.channels[:2] == ("withers.ax", "withers.ay")
    assert recording.start_seconds[1] - recording.start_seconds[0] == 2.5
    assert {*recording.labels} == {"walk", "trot", "canter", None}
    assert len(recording.film_features) == len(recording.valid) == len(starts)
    np.testing.assert_array_equal(recording.clip_features, segment.clips.astype(np.float32))


def test_a_place_without_a_cache_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match="no such folder"):
        equigait.open_cache(tmp_path / "nowhere")


def test_two_teachers_in_one_cache_need_a_choice(tmp_path: Path):
    store = open_store(tmp_path)
    first = ride_segment("h0")
    other = {"name": "videomae", "weights_sha256": "cd" * 32, "dim": 24}
    fingerprint = dataclasses.replace(first.fingerprint, teacher=other, film_key="film-again")
    commit(store, first)
    commit(store, dataclasses.replace(first, fingerprint=fingerprint))
    with pytest.raises(BadInput, match="more than one teacher"):
        equigait.open_cache(tmp_path)
    assert len(equigait.open_cache(tmp_path, teacher="videomae")) == 1
