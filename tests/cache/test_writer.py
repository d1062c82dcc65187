"""Commits: whole or not at all, once, whatever dies, races or comes back, at every instant there is."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

import pytest
from equigait.cache.fingerprint import json_digest, segment_key
from equigait.cache.manifest_entry import encode_entry, entry_path, entry_prefix
from equigait.cache.reader import Committed, all_entries, committed, find_clips, is_committed, read_segment
from equigait.cache.store import open_store
from equigait.cache.verify import gc, verify
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from made_segments import TEACHER, assert_same_segment, made_segment, with_other_sync


class PowerCutError(Exception):
    """Ends a writer at a chosen operation."""


def spawn(script):
    """A Python process with the scripts of `made_segments` at hand."""
    return subprocess.Popen(
        [sys.executable, "-c", f"from made_segments import *; await_go(); {script}"],
        env={"PYTHONPATH": str(Path(__file__).parents[1] / "support")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def let_go(process):
    assert process.stdout.readline() == "ready\n"
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return open_store(tmp_path / "cache" if request.param == "folder" else "memory://")


def test_what_was_committed_is_read_back(store):
    segment = made_segment()
    key = commit(store, segment)
    assert key == segment_key("ride", horse="horse of ride", fingerprint=segment.fingerprint)
    assert is_committed(store, "ride", key)
    assert_same_segment(read_segment(store, committed(store)[0]), segment)
    assert verify(store) == ()


def test_what_is_committed_is_asked_for_by_one_listing_of_names(store, monkeypatch):
    key = commit(store, made_segment())
    held = Committed(store)
    for name in ("get", "exists", "list", "names"):
        monkeypatch.setattr(store, name, lambda *_: pytest.fail("the cache was asked again"))
    assert held.has(entry_path("ride", key))
    assert not held.has(entry_path("ride", "0" * 64))
    assert not held.has(entry_path("another ride", key))
    assert held.orphaned(["ride"]) == ()


def test_an_entry_that_a_killed_writer_left_behind_is_not_what_readers_see(store, monkeypatch):
    old, new = made_segment(), with_other_sync(made_segment())
    first = commit(store, old)
    monkeypatch.setattr("equigait.cache.writer.retire", lambda *_: ())
    second = commit(store, new)
    assert Committed(store).has(entry_path("ride", first))
    assert [is_committed(store, "ride", key) for key in (first, second)] == [False, True]


def test_a_commit_sees_nothing_of_other_recordings_whatever_the_size_of_the_cache(store, monkeypatch):
    for number in range(3):
        commit(store, made_segment(f"ride{number}", seconds=6.0))
    commit(store, made_segment())
    seen, names = set(), {method: getattr(store, method) for method in ("list", "get", "exists")}
    for method, called in names.items():
        monkeypatch.setattr(store, method, lambda path, called=called: seen.add(path) or called(path))
    store.known.clear()
    key = commit(store, with_other_sync(made_segment()))
    monkeypatch.undo()
    assert key in {one.key for one in committed(store)}
    others = [one for one in committed(store) if one.key != key]
    assert entry_prefix("ride") in seen
    assert not {one.path for one in others} & seen
    assert not {"", "man", "man/v2", "seg", "film"} & seen


def test_the_order_of_segments_does_not_rest_on_clocks(store, monkeypatch):
    """The second writer's machine is ten years behind; what it commits is later all the same."""
    commit(store, made_segment())
    clock = Mock()
    clock.now.return_value = datetime(2016, 1, 1, tzinfo=UTC)
    monkeypatch.setattr("equigait.cache.writer.datetime", clock)
    key = commit(store, with_other_sync(made_segment()))
    (entry,) = committed(store)
    assert (entry.key, entry.generation, entry.committed_at[:4]) == (key, 2, "2016")


def test_committing_the_same_again_writes_nothing(store):
    commit(store, made_segment())
    before = store.list("")
    assert commit(store, made_segment()) == committed(store)[0].key
    assert store.list("") == before


def test_a_corrected_sync_replaces_the_segment_and_finds_its_clips(store):
    first = made_segment()
    commit(store, first)
    second = made_segment(offset_seconds=0.5)
    assert find_clips(store, second.fingerprint.film_key).clips.tolist() == first.clips.tolist()
    commit(store, second)
    assert [entry.key for entry in all_entries(store)] == [
        segment_key("ride", horse="horse of ride", fingerprint=second.fingerprint)
    ]


def test_a_corrected_horse_replaces_the_segment(store):
    commit(store, made_segment())
    commit(store, replace(made_segment(), horse="another"))
    assert [entry.horse for entry in all_entries(store)] == ["another"]
    assert read_segment(store, committed(store)[0]).horse == "another"


def test_a_segment_named_before_horses_were_part_of_the_name_is_read_and_gives_way(store, monkeypatch):
    monkeypatch.setattr("equigait.cache.writer.segment_key", lambda name, **_: json_digest([name, "film", "sensors"]))
    old = commit(store, made_segment())
    monkeypatch.undo()
    assert_same_segment(read_segment(store, committed(store)[0]), made_segment())
    assert commit(store, made_segment()) != old
    assert len(all_entries(store)) == 1


def test_segments_of_two_teachers_stand_beside_each_other_and_one_without_film_gives_way(store):
    commit(store, made_segment(film=False))
    commit(store, made_segment("other ride", film=False))
    commit(store, made_segment())
    commit(store, made_segment(teacher=TEACHER | {"dim": 384}))
    told = [(entry.recording_id, entry.fingerprint.teacher.get("dim")) for entry in committed(store)]
    assert sorted(told, key=str) == [("other ride", None), ("ride", 16), ("ride", 384)]


def test_a_writer_that_dies_at_any_of_its_writes_leaves_nothing_half_visible(monkeypatch):
    old, new = made_segment(), with_other_sync(made_segment())
    died, fuse = 0, 0
    while died == fuse:
        store = open_store("memory://")
        commit(store, old)
        cut_after(store, fuse, monkeypatch)
        try:
            commit(store, new)
        except PowerCutError:
            died += 1
        monkeypatch.undo()
        seen = committed(store)
        assert len(seen) == 1
        assert_same_segment(read_segment(store, seen[0]), old if seen[0].key != commit(store, new) else new)
        assert_same_segment(read_segment(store, committed(store)[0]), new)
        gc(store, grace_seconds=0.0)
        assert verify(store) == ()
        fuse += 1
    assert died > 20


def cut_after(store, writes, monkeypatch):
    """Lets this many more puts and deletes happen, then raises at every one."""
    left = [writes]

    def fused(operation):
        def run(*arguments):
            if left[0] <= 0:
                raise PowerCutError
            left[0] -= 1
            return operation(*arguments)

        return run

    monkeypatch.setattr("equigait.cache.writer.READERS", 1)  # writes in order, so that each is an instant of its own
    for name in ("put", "put_once", "delete"):
        monkeypatch.setattr(store, name, fused(getattr(store, name)))


def test_of_processes_racing_on_one_recording_exactly_one_wins(tmp_path):
    with ExitStack() as stack:
        script = f"write_rides({str(tmp_path)!r}, rides=3, seconds=60.0)"
        writers = [stack.enter_context(spawn(script)) for _ in range(3)]
        for writer in writers:
            let_go(writer)
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    store = open_store(tmp_path)
    assert len(all_entries(store)) == 3
    assert verify(store) == ()  # the losers have cleared up after themselves


def test_a_writer_that_comes_second_recognises_the_first_and_clears_up(store, monkeypatch):
    put_once = store.put_once

    def overtaken(path, data):
        monkeypatch.undo()
        commit(store, made_segment())
        return put_once(path, data)

    monkeypatch.setattr(store, "put_once", overtaken)
    key = commit(store, made_segment())
    assert [entry.key for entry in committed(store)] == [key]
    assert verify(store) == ()


def test_of_threads_committing_different_content_of_one_recording_one_is_left(store):
    variants = [with_other_sync(made_segment(), name=f"sync {number}") for number in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda segment: commit(store, segment), variants))
    (entry,) = committed(store)
    assert read_segment(store, entry).fingerprint.sensor_key.startswith("sync ")
    gc(store, grace_seconds=0.0)
    assert verify(store) == ()
    assert committed(store) == (entry,)


def test_going_back_to_superseded_content_that_was_never_retired_makes_it_current(store):
    """A writer died between committing the second and retiring the first; then the user goes back to the first."""
    first, second = made_segment(), with_other_sync(made_segment())
    commit(store, first)
    (old,) = committed(store)
    commit(store, second)
    store.put(old.path, encode_entry(old))
    assert [entry.key for entry in committed(store)] == [
        segment_key("ride", horse="horse of ride", fingerprint=second.fingerprint)
    ]
    assert [fault.kind for fault in verify(store)][:1] == ["superseded"]
    commit(store, first)
    assert [entry.key for entry in committed(store)] == [old.key]
    gc(store, grace_seconds=0.0)
    assert verify(store) == ()
    assert_same_segment(read_segment(store, committed(store)[0]), first)


def test_a_collector_without_patience_cannot_make_a_broken_commit(monkeypatch):
    store = open_store("memory://")
    monkeypatch.setattr(store, "settle", lambda _: gc(store, grace_seconds=0.0))
    with pytest.raises(BadInput, match="an object gone, or cut short, that was written a moment ago"):
        commit(store, made_segment())
    assert committed(store) == ()


def test_a_full_disk_is_said_in_one_line_and_commits_nothing(tmp_path, monkeypatch):
    store = open_store(tmp_path / "cache")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("equigait.cache.store.obstore.put", full)
    with pytest.raises(BadInput, match=r"No space left on device; expected a writable cache"):
        commit(store, made_segment())
    monkeypatch.undo()
    assert committed(store) == ()


def test_recordings_of_one_content_are_kept_apart(store):
    segment = made_segment()
    commit(store, segment)
    commit(store, replace(segment, recording_id="the same under another name"))
    assert len(committed(store)) == 2
