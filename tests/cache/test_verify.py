"""Verification finds every damage there is; collection takes what nothing names and not a byte more."""

import numpy as np
import pytest
from equigait.cache.fragment import encode_fragment, fragment_path
from equigait.cache.reader import committed, read_segments
from equigait.cache.store import open_store
from equigait.cache.verify import gc, verify
from equigait.cache.writer import commit
from made_segments import assert_same_segment, content, made_segment, with_other_sync


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    store = open_store(tmp_path / "cache" if request.param == "folder" else "memory://")
    for name in ("a", "b"):
        commit(store, made_segment(name))
    return store


def test_a_sound_cache_has_no_faults(store):
    assert verify(store) == ()
    assert gc(store, grace_seconds=0.0) == ()


def test_one_flipped_bit_in_any_object_is_found(store):
    rng = np.random.default_rng(0)
    for one in committed(store)[0].objects:
        good = store.get(one.path)
        flipped = bytearray(good)
        flipped[rng.integers(len(good))] ^= 1 << rng.integers(8)
        store.put(one.path, bytes(flipped))
        assert [(fault.kind, fault.path) for fault in verify(store)] == [("damaged", one.path)]
        store.put(one.path, good)
    assert verify(store) == ()


def test_missing_and_truncated_objects_are_told_apart(store):
    first, second, *_ = committed(store)[1].objects
    store.delete(first.path)
    store.put(second.path, store.get(second.path)[:-1])
    assert [(fault.kind, fault.path) for fault in verify(store)] == [("missing", first.path), ("damaged", second.path)]


def test_a_damaged_fragment_is_a_fault_and_the_rest_is_still_checked(store):
    broken, sound = committed(store)
    path = fragment_path(broken.key)
    store.put(path, encode_fragment(broken)[:-40])
    store.delete(sound.objects[0].path)
    kinds = [(fault.kind, fault.path) for fault in verify(store)]
    assert kinds[:2] == [("fragment", path), ("missing", sound.objects[0].path)]
    assert ("orphan", broken.folder) in kinds


def test_left_overs_are_orphans_until_collected_and_committed_segments_stay(store):
    before = content(store)
    (entry, _) = committed(store)
    store.put(f"seg/{entry.key}/lost/imu/zarr.json", b"{}")
    store.put("seg/unknown/lost/zarr.json", b"{}")
    store.put(f"{entry.folder}/stray", b"beside committed objects")
    store.put("stage/lost", b"never linked")
    folders = [f"seg/{entry.key}/lost", "seg/unknown/lost", entry.folder, "stage/lost"]
    assert sorted(fault.path for fault in verify(store)) == sorted(folders)
    assert {fault.kind for fault in verify(store)} == {"orphan"}
    assert gc(store) == ()  # written a moment ago
    assert sorted(gc(store, grace_seconds=0.0)) == sorted(folders)
    assert verify(store) == ()
    assert content(store) == before
    assert [segment.recording_id for segment in read_segments(store, committed(store))] == ["a", "b"]


def test_collection_takes_the_objects_of_replaced_segments(store):
    replacement = with_other_sync(made_segment("a"))
    old = committed(store)[0]
    commit(store, replacement)
    assert [(fault.kind, fault.path) for fault in verify(store)] == [("orphan", old.folder)]
    assert gc(store, grace_seconds=0.0) == (old.folder,)
    assert all(not one.path.startswith(old.folder) for one in store.list("seg"))
    assert_same_segment(read_segments(store, committed(store))[0], replacement)


def test_an_old_attempt_that_is_still_being_written_is_left_alone(store):
    store.put("seg/slow/writer/first", b"")
    assert gc(store, grace_seconds=60.0) == ()
    assert [one.path for one in store.list("seg/slow")] == ["seg/slow/writer/first"]


def test_a_collector_never_takes_what_is_committed_while_it_looks(store, monkeypatch):
    """Objects are listed before the manifest, so a commit in between is seen as one."""
    listing = store.list
    late = made_segment("late")

    def list_then_commit(prefix):
        found = listing(prefix)
        if prefix == "stage":  # the last listing of objects
            monkeypatch.setattr(store, "list", listing)
            commit(store, late)
        return found

    monkeypatch.setattr(store, "list", list_then_commit)
    gc(store, grace_seconds=0.0)
    monkeypatch.undo()
    assert_same_segment(read_segments(store, committed(store))[2], late)
    assert verify(store) == ()
