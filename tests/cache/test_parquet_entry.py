"""Manifest entries in Parquet, as earlier releases wrote them, are still read, verified and retired."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from equigait.cache.fingerprint import canonical_json, json_digest
from equigait.cache.manifest_entry import encode_entry, entry_path
from equigait.cache.reader import committed, has_entry, is_committed
from equigait.cache.store import open_store
from equigait.cache.verify import gc, verify
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from made_segments import made_segment


@pytest.fixture
def store():
    """A cache whose one entry is written as before."""
    store = open_store("memory://")
    commit(store, made_segment(seconds=6.0))
    entry = committed(store)[0]
    row = json.loads(encode_entry(entry))
    version, _ = str(row.pop("version")), row.pop("sha256")
    row |= {name: canonical_json(row[name]) for name in ("teacher", "clip_spec")}
    table = pa.Table.from_pylist([{**row, "digest": json_digest(row)}])
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"equigait_cache_version": version}), sink)
    store.put(entry_path(entry.key, file_format="parquet"), sink.getvalue())
    store.delete(entry_path(entry.key))
    return store


def test_an_old_entry_is_read_as_it_was_committed(store):
    entry = committed(store)[0]
    assert entry.file_format == "parquet"
    assert (entry.recording_id, entry.rows, entry.windows, entry.clips) == ("ride", 300, 1, 4)
    assert has_entry(store, entry.key)
    assert is_committed(store, entry.key)
    assert verify(store) == ()


def test_the_same_content_is_not_committed_again(store):
    commit(store, made_segment(seconds=6.0))
    assert [one.path for one in store.list("man")] == [entry_path(committed(store)[0].key, file_format="parquet")]


def test_an_old_entry_gives_way_to_a_later_segment(store):
    key = commit(store, made_segment(seconds=8.0))
    assert [one.path for one in store.list("man")] == [entry_path(key)]
    assert gc(store, grace_seconds=0.0)
    assert verify(store) == ()


def test_a_cut_old_entry_is_refused(store):
    path = store.list("man")[0].path
    store.put(path, store.get(path)[:-40])
    with pytest.raises(BadInput, match="damaged manifest"):
        committed(store)
    assert next(fault.kind for fault in verify(store)) == "manifest"
