"""Manifest entries as earlier releases wrote them, JSON and Parquet, are read, verified, retired and rewritten."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from equigait.cache.fingerprint import canonical_json, json_digest
from equigait.cache.manifest_entry import encode_entry, entry_path, older_paths
from equigait.cache.reader import Committed, committed, find_clips, is_committed
from equigait.cache.store import open_store
from equigait.cache.verify import gc, verify
from equigait.cache.writer import commit, rewrite_older
from equigait.data.errors import BadInput
from made_segments import content, made_segment, with_other_sync


def older_row(entry):
    """The fields of an entry as version 1 had them."""
    row = json.loads(encode_entry(entry)) | {"version": 1}
    for name in ("generation", "teacher_key", "sha256"):
        row.pop(name)
    return row | {"objects": [{"path": one.path, "size": one.size, "sha256": one.sha256} for one in entry.objects]}


def as_json(row):
    return canonical_json({**row, "sha256": json_digest(row)}).encode()


def as_parquet(row):
    row = {name: value for name, value in row.items() if name != "version"}
    row |= {name: canonical_json(row[name]) for name in ("teacher", "clip_spec")}
    table = pa.Table.from_pylist([{**row, "digest": json_digest(row)}])
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"equigait_cache_version": "1"}), sink)
    return sink.getvalue()


@pytest.fixture(params=["json", "parquet"])
def store(request):
    """A cache whose one entry is written as before."""
    store = open_store("memory://")
    commit(store, made_segment(seconds=6.0))
    entry = committed(store)[0]
    written = {"json": as_json, "parquet": as_parquet}[request.param](older_row(entry))
    path = next(path for path in older_paths(entry.key) if path.endswith(request.param))
    store.put(path, written)
    for one in (*store.list("man/v2"), *store.list("film")):
        store.delete(one.path)
    store.older = None  # looked for while there was none
    return store


def entry_paths(store):
    return [one.path for one in store.list("man")]


def test_an_old_entry_is_read_as_it_was_committed(store):
    entry = committed(store)[0]
    assert entry.path in older_paths(entry.key)
    assert (entry.recording_id, entry.rows, entry.windows, entry.clips) == ("ride", 300, 1, 4)
    held = Committed(store)
    assert held.has(entry_path("ride", entry.key))
    assert held.orphaned([]) == ()  # it was asked for
    assert is_committed(store, "ride", entry.key)
    assert find_clips(store, entry.fingerprint.film_key).clips.shape == (4, 16)
    assert verify(store) == ()


def test_the_same_content_is_not_committed_again(store):
    before = entry_paths(store)
    commit(store, made_segment(seconds=6.0))
    assert entry_paths(store) == before


def test_an_old_entry_gives_way_to_a_later_segment(store):
    key = commit(store, made_segment(seconds=8.0))
    assert entry_paths(store) == [entry_path("ride", key)]
    assert gc(store, grace_seconds=0.0)
    assert verify(store) == ()


def test_what_another_process_has_taken_out_since_is_not_committed(store):
    entry = committed(store)[0]
    assert is_committed(store, "ride", entry.key)
    store.delete(entry.path)
    assert not is_committed(store, "ride", entry.key)


def test_old_entries_are_rewritten_in_the_present_form_and_nothing_else_changes(store):
    before, key = content(store), committed(store)[0].key
    assert rewrite_older(store) == 1
    assert rewrite_older(store) == 0
    gc(store)
    assert entry_paths(store) == [entry_path("ride", key)]
    assert content(store) == before
    assert verify(store) == ()
    assert find_clips(store, committed(store)[0].fingerprint.film_key) is not None
    commit(store, with_other_sync(made_segment(seconds=6.0)))
    assert [entry.generation for entry in committed(store)] == [1]


def test_a_kill_between_an_entry_and_the_one_it_is_rewritten_from_shows_one_segment(store, monkeypatch):
    before = content(store)

    def killed(_path):
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "delete", killed)
    with pytest.raises(KeyboardInterrupt):
        rewrite_older(store)
    monkeypatch.undo()
    assert len(entry_paths(store)) == 2
    assert len(committed(store)) == 1
    assert content(store) == before
    gc(store, grace_seconds=0.0)
    assert entry_paths(store) == [committed(store)[0].path]
    assert verify(store) == ()


def test_a_cut_old_entry_is_refused(store):
    path = store.list("man")[0].path
    store.put(path, store.get(path)[:-40])
    with pytest.raises(BadInput, match="damaged manifest"):
        committed(store)
    assert next(fault.kind for fault in verify(store)) == "manifest"
