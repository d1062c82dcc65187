"""Notes on recordings that failed: kept, replaced, cleared."""

import pytest
from equigait.cache.reader import committed
from equigait.cache.status import Status, clear_status, read_statuses, write_status
from equigait.cache.store import open_store
from equigait.cache.verify import verify


def reasons(store):
    return {name: status.reason for name, status in read_statuses(store).items()}


@pytest.mark.parametrize("recording_id", ["ride1", "Ride 1/ü#2", "..", "a%2Fb"])
def test_a_reason_is_kept_under_any_name_until_it_is_cleared(tmp_path, recording_id):
    store = open_store(tmp_path / "cache")
    write_status(store, recording_id, reason="film of 0 frames")
    write_status(store, recording_id, reason="no overlap of film and sensors")
    write_status(store, "other", reason="too short")
    assert reasons(store) == {recording_id: "no overlap of film and sensors", "other": "too short"}
    assert committed(store) == verify(store) == ()
    clear_status(store, recording_id)
    clear_status(store, recording_id)
    assert reasons(store) == {"other": "too short"}


def test_a_note_says_what_kind_of_end_it_was_and_what_was_tried(tmp_path):
    store = open_store(tmp_path / "cache")
    write_status(store, "ride", kind="skipped", reason="too short", of="d1")
    assert read_statuses(store) == {"ride": Status("skipped", "too short", "d1")}


def test_a_damaged_note_is_as_good_as_none(tmp_path):
    store = open_store(tmp_path / "cache")
    write_status(store, "ride", reason="too short")
    (path,) = (one.path for one in store.list("status"))
    for damage in (b"", b"[]", b"{}", b"\xff"):
        store.put(path, damage)
        assert read_statuses(store) == {}
