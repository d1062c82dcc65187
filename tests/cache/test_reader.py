"""Reading: only what is committed, only as it was written, quickly, without copies where none is needed."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.cache.manifest_entry import entry_path
from equigait.cache.reader import (
    all_entries,
    committed,
    find_clips,
    read_segment,
    read_segments,
    window_films,
    window_views,
)
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from equigait.data.windows import WindowSpec
from made_segments import assert_same_segment, made_segment, with_other_sync


@pytest.fixture
def store():
    return open_store("memory://")


def test_all_recordings_are_read_in_their_order(store):
    for name in ("c", "a", "b"):
        commit(store, made_segment(name))
    segments = read_segments(store, committed(store))
    assert [segment.recording_id for segment in segments] == ["a", "b", "c"]
    for segment in segments:
        assert_same_segment(segment, made_segment(segment.recording_id))


def test_an_empty_cache_has_no_segments(store):
    assert read_segments(store, committed(store)) == ()
    assert find_clips(store, "0" * 64) is None


def test_objects_that_no_entry_names_are_not_seen(store):
    store.put("seg/0/1/imu/zarr.json", b"{}")
    assert committed(store) == ()


def test_clips_are_found_by_the_film_and_never_for_a_recording_without(store):
    segment = made_segment()
    commit(store, segment)
    commit(store, made_segment("blind", film=False))
    np.testing.assert_array_equal(find_clips(store, segment.fingerprint.film_key).clips, segment.clips)
    assert find_clips(store, "") is None


def test_damage_to_any_object_is_refused_by_name_with_a_way_out(store):
    commit(store, made_segment(seconds=6.0))
    (entry,) = committed(store)
    for number, one in enumerate(entry.objects):
        good = store.get(one.path)
        flipped = bytearray(good)
        flipped[number % len(good)] ^= 1
        for bad in (bytes(flipped), good[:-1], b""):
            store.put(one.path, bad)
            with pytest.raises(BadInput) as refused:
                read_segment(store, entry)
            assert refused.value.where == f"memory://{one.path}"
            assert "`equigait-cli verify memory:// --repair`, then extract-teacher" in refused.value.remedy
        store.delete(one.path)
        with pytest.raises(BadInput, match="no such object"):
            read_segment(store, entry)
        store.put(one.path, good)
    read_segment(store, entry)


def test_an_entry_is_parsed_once_until_it_changes(store, monkeypatch):
    commit(store, made_segment())
    before = committed(store)
    monkeypatch.setattr("equigait.cache.reader.read_entry", None)
    assert committed(store) == before
    monkeypatch.undo()
    commit(store, with_other_sync(made_segment()))
    assert committed(store) != before


def test_an_entry_retired_while_reading_is_simply_gone(store, monkeypatch):
    commit(store, made_segment())
    path = entry_path(committed(store)[0].key)
    listed = store.list("man")
    store.delete(path)
    store.known.clear()
    monkeypatch.setattr(store, "list", lambda _: listed)
    assert all_entries(store) == ()


def test_window_views_are_the_rows_of_each_window_and_share_the_grid():
    segment = made_segment(seconds=20.0)
    views = window_views(segment)
    assert views.shape == (7, 12, 250)
    assert np.shares_memory(views, segment.grid.imu)
    for view, row in zip(views, segment.windows.start_row, strict=True):
        np.testing.assert_array_equal(view, segment.grid.imu[row : row + 250].T)


@pytest.mark.parametrize("rows", [[], [125], [0, 10, 500], [500, 0], [250, 250]])
def test_window_views_of_any_windows_are_right(rows):
    segment = made_segment(seconds=20.0)
    some = {name: values[: len(rows)] for name, values in vars(segment.windows).items()}
    index = replace(segment.windows, **some | {"start_row": np.array(rows, np.int64)})
    views = window_views(replace(segment, windows=index))
    expected = [segment.grid.imu[row : row + 250].T for row in rows]
    np.testing.assert_array_equal(views, np.array(expected, np.float32).reshape(len(rows), 12, 250))


def test_window_films_are_means_of_the_clips_inside():
    segment = made_segment(spec=WindowSpec(hop_steps=250))
    films = window_films(segment)
    first = segment.clips[segment.clip_stop_s <= 0.02 + 5.0][1:]  # the clip at 0 s begins before row 0 at 0.02 s
    np.testing.assert_allclose(films[0], first.astype(float).mean(axis=0), rtol=1e-6)
    assert window_films(made_segment(film=False)).shape == (3, 0)
