"""Verification finds every damage there is; collection takes what nothing names and not a byte more."""

import numpy as np
import pytest
from equigait.cache.manifest_entry import OtherVersion, encode_entry
from equigait.cache.reader import Committed, committed, find_clips, read_segments
from equigait.cache.store import CacheUnusable, open_store
from equigait.cache.verify import drop, gc, left_over, repair, require_cache, verify
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from made_segments import TEACHER, assert_same_segment, content, made_segment, with_other_sync


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


def test_a_damaged_entry_is_a_fault_and_the_rest_is_still_checked(store):
    broken, sound = committed(store)
    path = broken.path
    store.put(path, encode_entry(broken)[:-40])
    store.delete(sound.objects[0].path)
    kinds = [(fault.kind, fault.path) for fault in verify(store)]
    assert kinds[:2] == [("manifest", path), ("missing", sound.objects[0].path)]
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
    assert_same_segment(next(iter(read_segments(store, committed(store)))), replacement)


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
    assert_same_segment(list(read_segments(store, committed(store)))[2], late)
    assert verify(store) == ()


def names(store):
    return [entry.recording_id for entry in committed(store)]


def test_repair_takes_out_what_is_damaged_and_the_next_commit_makes_it_anew(store):
    commit(store, made_segment("c"))
    broken, cut, sound = committed(store)
    store.put(broken.path, b"")
    store.delete(cut.objects[0].path)
    repair(store, verify(store))
    assert names(store) == [sound.recording_id]
    assert {fault.kind for fault in verify(store)} == {"orphan"}
    for name in ("a", "b"):
        commit(store, made_segment(name))
    gc(store, grace_seconds=0.0)
    assert verify(store) == ()
    assert content(store).keys() == {"a", "b", "c"}


def test_repair_leaves_a_sound_cache_alone(store):
    before = store.list("")
    repair(store, verify(store))
    assert store.list("") == before


def with_what_it_replaced(store):
    """A second segment of `a`, beside the first, as a writer leaves them that is killed before it retires the first."""
    old = committed(store)[0]
    commit(store, with_other_sync(made_segment("a")))
    store.put(old.path, encode_entry(old))
    return old


def test_no_damage_brings_back_a_segment_that_was_replaced(store):
    with_what_it_replaced(store)
    store.delete(committed(store)[0].objects[0].path)
    repair(store, verify(store))
    assert names(store) == ["b"]


def test_a_cache_of_another_version_is_no_damage_and_nothing_to_repair(store, monkeypatch):
    monkeypatch.setattr("equigait.cache.manifest_entry.ENTRY_VERSION", 3)
    with pytest.raises(OtherVersion, match="found cache format version 2; expected version 3"):
        verify(store)


def test_a_store_that_cannot_be_read_just_now_is_no_damage_and_nothing_to_repair(store, monkeypatch):
    def unreachable(path):
        raise CacheUnusable(path, found="no connection", expected="a readable cache", remedy="Check the network.")

    monkeypatch.setattr(store, "get", unreachable)
    with pytest.raises(CacheUnusable, match="no connection"):
        verify(store)


def test_a_dropped_recording_is_gone_as_every_teacher_saw_it_and_the_others_stay(store):
    commit(store, made_segment("a", teacher=TEACHER | {"dim": 384}))
    folders = sorted(entry.folder for entry in committed(store) if entry.recording_id == "a")
    drop(store, ["a"])
    assert names(store) == ["b"]
    assert sorted(left_over(store)) == folders
    assert sorted(gc(store, grace_seconds=0.0)) == folders
    assert verify(store) == ()
    commit(store, made_segment("a"))
    assert names(store) == ["a", "b"]


def test_an_unknown_recording_is_refused_before_any_goes(store):
    with pytest.raises(BadInput, match=r"found no recording aa, zz; .* Nothing was taken out. Committed: a, b\."):
        drop(store, ["a", "aa", "zz"])
    assert names(store) == ["a", "b"]


def test_a_kill_while_dropping_brings_no_replaced_segment_back(store, monkeypatch):
    with_what_it_replaced(store)
    gone = []

    def die_after_one(path):
        if gone:
            raise KeyboardInterrupt
        gone.append(path)
        delete(path)

    delete = store.delete
    monkeypatch.setattr(store, "delete", die_after_one)
    current = committed(store)[0]
    with pytest.raises(KeyboardInterrupt):
        drop(store, ["a"])
    monkeypatch.undo()
    assert committed(store)[0] == current


def test_a_place_where_nothing_was_written_is_no_cache(tmp_path, store):
    require_cache(store)
    (tmp_path / "rides").mkdir()
    for place, found in (("nowhere", "no such folder"), ("rides", "nothing that was ever committed")):
        with pytest.raises(BadInput, match=rf"{place}: found {found}; expected a cache\. .*DATA/cache"):
            require_cache(open_store(tmp_path / place))
    assert not (tmp_path / "nowhere").exists()


def test_recordings_beside_known_ones_are_told_and_what_cannot_be_read_tells_none(store):
    _, second = committed(store)
    assert Committed(store).orphaned(["a"]) == ("b",)
    store.put(second.path, b"")
    assert Committed(store).orphaned(["a"]) == ()
    assert Committed(store).orphaned([]) == ("a",)


def test_what_finds_the_features_of_a_film_is_made_anew_where_it_is_lost_and_removed_where_it_is_in_vain(store):
    key = committed(store)[0].fingerprint.film_key
    there = [one.path for one in store.list("film")]
    store.delete(next(path for path in there if key in path))
    store.put(f"film/000/{'0' * 64}-{'0' * 24}-{'0' * 64}", b"")
    assert find_clips(store, key) is None
    assert find_clips(store, "0" * 64) is None
    gc(store, grace_seconds=0.0)
    assert [one.path for one in store.list("film")] == there
    assert find_clips(store, key) is not None
