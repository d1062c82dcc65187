"""Notes on recordings that failed: kept, replaced, cleared."""

import pytest
from equigait.cache.reader import committed
from equigait.cache.status import clear_status, read_statuses, write_status
from equigait.cache.store import open_store
from equigait.cache.verify import verify


@pytest.mark.parametrize("recording_id", ["ride1", "Ride 1/ü#2", "..", "a%2Fb"])
def test_a_reason_is_kept_under_any_name_until_it_is_cleared(tmp_path, recording_id):
    store = open_store(tmp_path / "cache")
    write_status(store, recording_id, reason="film of 0 frames")
    write_status(store, recording_id, reason="no overlap of film and sensors")
    write_status(store, "other", reason="too short")
    assert read_statuses(store) == {recording_id: "no overlap of film and sensors", "other": "too short"}
    assert committed(store) == verify(store) == ()
    clear_status(store, recording_id)
    clear_status(store, recording_id)
    assert read_statuses(store) == {"other": "too short"}
