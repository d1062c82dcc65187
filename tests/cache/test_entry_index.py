"""The index of entries: many are opened by a few large objects, and whatever lies there is what readers see."""

from dataclasses import replace
from unittest.mock import patch

import pytest
from equigait.cache import entry_index, reader
from equigait.cache.entry_index import PARTS, EntryIndex
from equigait.cache.manifest_entry import encode_entry
from equigait.cache.reader import committed, index_entries
from equigait.cache.schema import Entry
from equigait.cache.store import CacheStore, CacheUnusable, open_store
from fleets import entry_of, write_entries

LEAST_NEW, MANY = 10, 30


@pytest.fixture(autouse=True)
def _few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (entry_index, reader):
        monkeypatch.setattr(module, "LEAST_NEW", LEAST_NEW)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CacheStore:
    """A cache of many recordings, some of sensors alone, opened once by something that writes the index."""
    store = open_store(tmp_path_factory.mktemp("cache") if request.param == "folder" else "memory://")
    write_entries(store, range(20, MANY))
    write_entries(store, range(20), film=False)
    committed(store, indexing=True)
    store.known.clear()
    return store


@pytest.fixture
def entries() -> tuple[Entry, ...]:
    return tuple(entry_of(number, film=number >= 20) for number in range(MANY))


def parts(store: CacheStore) -> list[str]:
    return sorted(store.names(PARTS))


def opened_by_parts_alone(store: CacheStore) -> tuple[Entry, ...]:
    with patch("equigait.cache.reader.read_entry", side_effect=AssertionError("an entry was read by itself")):
        return committed(store)


def test_many_entries_are_opened_without_reading_any_by_itself(store: CacheStore, entries: tuple[Entry, ...]) -> None:
    found = opened_by_parts_alone(store)
    assert found == entries
    assert [(one.path, one.objects) for one in found] == [(one.path, one.objects) for one in entries]
    assert len(parts(store)) == 1


def test_what_was_committed_since_is_seen_and_what_was_retired_is_not(store: CacheStore) -> None:
    write_entries(store, [MANY])
    store.delete(entry_of(25).path)
    found = [entry.recording_id for entry in committed(store)]
    assert found == [entry_of(number).recording_id for number in range(MANY + 1) if number != 25]


def test_an_entry_that_was_written_anew_is_read_anew(store: CacheStore) -> None:
    again = replace(entry_of(25), attempt="f" * 32)
    store.put(again.path, encode_entry(again))
    assert committed(store)[25].attempt == "f" * 32


@pytest.mark.parametrize("damage", ["bytes", "empty", "version", "gone"])
def test_a_part_that_is_damaged_or_gone_is_as_none(
    store: CacheStore, entries: tuple[Entry, ...], damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = parts(store)
    data = store.get(path)
    if damage == "version":
        monkeypatch.setattr("equigait.cache.entry_index.INDEX_VERSION", 2)
    elif damage == "gone":
        store.delete(path)
    else:
        store.put(path, data.replace(b"ride000025", b"ride000026") if damage == "bytes" else b"")
    assert EntryIndex(store).known == {}
    assert committed(store) == entries


def test_it_grows_by_many_at_a_time_and_few_are_read_beside_it(store: CacheStore) -> None:
    write_entries(store, range(MANY, MANY + LEAST_NEW - 1))
    committed(store, indexing=True)
    assert len(parts(store)) == 1
    write_entries(store, [MANY + LEAST_NEW])
    store.known.clear()
    committed(store, indexing=True)
    assert len(parts(store)) == 2
    store.known.clear()
    assert len(opened_by_parts_alone(store)) == MANY + LEAST_NEW


def test_what_a_process_knows_already_as_it_has_committed_it_is_taken_in_too(store: CacheStore) -> None:
    write_entries(store, range(MANY, 2 * MANY))
    committed(store)
    assert len(parts(store)) == 1
    index_entries(store, new=MANY, of=2 * MANY)
    assert len(parts(store)) == 2


def test_it_is_written_anew_once_most_of_it_has_gone(store: CacheStore) -> None:
    old = parts(store)
    for number in range(MANY):
        store.delete(entry_of(number, film=number >= 20).path)
    write_entries(store, range(MANY, 2 * MANY))
    committed(store, indexing=True)
    assert len(parts(store)) == 1
    assert parts(store) != old
    store.known.clear()
    assert len(opened_by_parts_alone(store)) == MANY


def test_a_cache_that_takes_no_writing_is_opened_all_the_same(
    store: CacheStore, entries: tuple[Entry, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: str, _data: bytes) -> None:
        raise CacheUnusable(path, found="a full disk", expected="a writable cache", remedy="Make room.")

    store.delete(parts(store)[0])
    monkeypatch.setattr(store, "put", refused)
    assert committed(store, indexing=True) == entries
    assert parts(store) == []


def test_a_small_cache_has_no_index(tmp_path_factory: pytest.TempPathFactory) -> None:
    store = open_store(tmp_path_factory.mktemp("small"))
    write_entries(store, range(LEAST_NEW - 1))
    committed(store, indexing=True)
    assert parts(store) == []
