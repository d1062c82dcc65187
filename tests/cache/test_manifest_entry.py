"""Manifest entries: they say what was committed, and any damage to one is found."""

import hashlib
import json

import pytest
from equigait.cache.fingerprint import canonical_json, json_digest
from equigait.cache.manifest_entry import OtherVersion, encode_entry, entry_path, read_entry
from equigait.cache.reader import committed
from equigait.cache.store import open_store
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from made_segments import made_segment


@pytest.fixture
def store():
    store = open_store("memory://")
    commit(store, made_segment(seconds=6.0))
    return store


def test_an_entry_tells_the_entry_it_was_made_from(store):
    entry = committed(store)[0]
    assert read_entry(store, entry_path("ride", entry.key)) == entry
    assert entry.recording_id == "ride"
    assert (entry.rows, entry.windows, entry.clips) == (300, 1, 4)


def test_any_json_reader_opens_it(store):
    entry = committed(store)[0]
    row = json.loads(encode_entry(entry))
    assert row["horse"] == "horse of ride"
    name, size, sha256 = row["objects"].split(";")[0].split(" ")
    data = store.get(f"seg/{entry.key}/{entry.attempt}/{name}")
    assert (int(size), sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_a_flipped_bit_anywhere_is_refused(store):
    entry = committed(store)[0]
    path, data = entry.path, encode_entry(entry)
    for byte in range(len(data)):
        flipped = bytearray(data)
        flipped[byte] ^= 1 << byte % 8
        store.put(path, bytes(flipped))
        with pytest.raises(BadInput, match="damaged manifest entry"):
            read_entry(store, path)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 0.9999])
def test_a_truncated_entry_is_refused_with_a_way_out(store, share):
    entry = committed(store)[0]
    path, data = entry.path, encode_entry(entry)
    store.put(path, data[: int(share * len(data))])
    with pytest.raises(BadInput, match=r"Run `equigait-cli verify memory:// --repair`, then extract-teacher"):
        committed(store)


def test_a_cache_of_another_format_version_is_refused(store):
    entry = committed(store)[0]
    row = json.loads(encode_entry(entry)) | {"version": 3}
    row.pop("sha256")
    store.put(entry.path, canonical_json({**row, "sha256": json_digest(row)}).encode())
    with pytest.raises(OtherVersion, match=r"found cache format version 3; expected version 2 or 1"):
        read_entry(store, entry.path)


def test_an_entry_under_another_name_is_refused(store):
    entry = committed(store)[0]
    elsewhere = entry_path("ride", "0" * 64)
    store.put(elsewhere, encode_entry(entry))
    with pytest.raises(BadInput, match="damaged manifest"):
        read_entry(store, elsewhere)
