"""Reading: only what is committed, only as it was written, quickly, without copies where none is needed."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.cache import reader
from equigait.cache.reader import (
    all_entries,
    committed,
    find_clips,
    read_segment,
    read_segments,
)
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from made_segments import assert_same_segment, made_segment, with_other_sync


@pytest.fixture
def store():
    return open_store("memory://")


def test_all_recordings_are_read_in_their_order(store):
    for name in ("c", "a", "b"):
        commit(store, made_segment(name))
    segments = list(read_segments(store, committed(store)))
    assert [segment.recording_id for segment in segments] == ["a", "b", "c"]
    for segment in segments:
        assert_same_segment(segment, made_segment(segment.recording_id))


def test_an_empty_cache_has_no_segments(store):
    assert list(read_segments(store, committed(store))) == []
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
    path = committed(store)[0].path
    listed = store.list("man")
    store.delete(path)
    store.known.clear()
    monkeypatch.setattr(store, "list", lambda _: listed)
    assert all_entries(store) == ()


def test_without_sensors_all_but_the_samples_is_read(store, monkeypatch):
    commit(store, made_segment())
    (entry,) = committed(store)
    fetched, get = [], type(store).get
    monkeypatch.setattr(type(store), "get", lambda self, path: fetched.append(path) or get(self, path))
    segment = read_segment(store, entry, sensors=False)
    assert not [path for path in fetched if "/imu/c/" in path]
    assert np.isnan(segment.grid.imu).all()
    assert_same_segment(replace(segment, grid=replace(segment.grid, imu=made_segment().grid.imu)), made_segment())


def test_no_more_segments_are_fetched_ahead_than_said(store, monkeypatch):
    for number in range(12):
        commit(store, made_segment(f"ride{number:02d}"))
    read = []
    one = reader.read_segment
    monkeypatch.setattr(reader, "read_segment", lambda *a, **k: read.append(1) or one(*a, **k))
    next(segments := read_segments(store, committed(store)))
    assert 1 <= len(read) <= reader.SEGMENTS_AHEAD + 1
    assert len(list(segments)) == 11
