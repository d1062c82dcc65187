"""Manifest fragments: they say what was committed, and any damage to one is found."""

import io

import numpy as np
import pyarrow.parquet as pq
import pytest
from equigait.cache.manifest_entry import OtherVersion, encode_fragment, fragment_path, is_sealed, read_fragment
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


def test_a_fragment_tells_the_entry_it_was_made_from(store):
    entry = committed(store)[0]
    assert read_fragment(store, fragment_path(entry.key)) == entry
    assert entry.recording_id == "ride"
    assert (entry.rows, entry.windows, entry.clips) == (300, 1, 4)


def test_any_parquet_reader_opens_it(store):
    entry = committed(store)[0]
    row = pq.read_table(io.BytesIO(encode_fragment(entry))).to_pylist()[0]
    assert row["horse"] == "horse of ride"
    assert len(row["objects"]) == len(entry.objects)
    assert row["objects"][0]["path"].startswith(f"seg/{entry.key}/{entry.attempt}/")


def test_a_flipped_bit_is_refused_or_changes_nothing(store):
    entry = committed(store)[0]
    path, data = fragment_path(entry.key), encode_fragment(entry)
    rng = np.random.default_rng(0)
    refused = 0
    for byte in rng.choice(len(data), size=120, replace=False):
        flipped = bytearray(data)
        flipped[byte] ^= 1 << rng.integers(8)
        store.put(path, bytes(flipped))
        try:
            assert read_fragment(store, path) == entry
        except BadInput:
            refused += 1
    assert refused > 40  # Parquet carries notes and statistics that say nothing about the entry


def test_a_flipped_bit_anywhere_breaks_the_seal(store):
    data = encode_fragment(committed(store)[0])
    assert is_sealed(data)
    for byte in range(len(data)):
        flipped = bytearray(data)
        flipped[byte] ^= 1 << byte % 8
        assert not is_sealed(bytes(flipped)), byte


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99, 0.9999])
def test_a_truncated_fragment_is_refused_with_a_way_out(store, share):
    entry = committed(store)[0]
    path, data = fragment_path(entry.key), encode_fragment(entry)
    store.put(path, data[: int(share * len(data))])
    with pytest.raises(BadInput, match=r"Run `equigait-cli verify memory:// --repair`, then extract-teacher"):
        committed(store)


def test_a_cache_of_another_format_version_is_refused(store, monkeypatch):
    monkeypatch.setattr("equigait.cache.manifest_entry.SCHEMA_VERSION", 2)
    with pytest.raises(OtherVersion, match=r"found cache format version 1; expected version 2"):
        read_fragment(store, fragment_path(committed(store)[0].key))


def test_a_fragment_under_another_name_is_refused(store):
    entry = committed(store)[0]
    elsewhere = fragment_path("0" * 64)
    store.put(elsewhere, encode_fragment(entry))
    with pytest.raises(BadInput, match="damaged manifest"):
        read_fragment(store, elsewhere)
