"""What earlier runs remember: only files that lie still, only for the same making, and never at a run's cost."""

import os
import pickle
import time
from pathlib import Path
from unittest.mock import Mock

import pytest
from equigait.cache import change_index
from equigait.cache.change_index import ChangeIndex, IndexEntry, IndexUpdate, stamp
from equigait.cache.store import CacheStore, open_store
from equigait.data.files import file_digest

MAKING = {"windows": 1}
LONG_AGO_NS = -10_000_000_000


@pytest.fixture
def store() -> CacheStore:
    return open_store("memory://")


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "film.mp4").write_bytes(b"film")
    (tmp_path / "recording.yaml").write_text("horse: bella\n")
    return tmp_path / "recording.yaml"


def known(manifest: Path) -> IndexEntry:
    return IndexEntry("ride", "key", "", tuple(map(stamp, (manifest, manifest.with_name("film.mp4")))))  # type: ignore[arg-type]


def opened(store: CacheStore, manifest: Path, **making: int) -> ChangeIndex:
    return ChangeIndex(store, dataset=manifest.parent, making=making or MAKING)


def remember(store: CacheStore, manifest: Path) -> ChangeIndex:
    index = opened(store, manifest)
    index.note(manifest, known(manifest), read_at_ns=time.time_ns() - LONG_AGO_NS)
    index.save()
    return index


def test_an_untouched_recording_is_remembered_by_the_next_run(store: CacheStore, manifest: Path) -> None:
    remember(store, manifest)
    assert opened(store, manifest).recall(manifest) == known(manifest)


@pytest.mark.parametrize("change", ["content", "date", "gone", "replaced"])
def test_any_file_that_changed_makes_it_unknown(store: CacheStore, manifest: Path, change: str) -> None:
    remember(store, manifest)
    film = manifest.with_name("film.mp4")
    dates = film.stat()
    if change == "gone":
        film.unlink()
    elif change == "date":
        os.utime(film, ns=(1, 1))
    elif change == "content":
        film.write_bytes(b"Film")
        os.utime(film, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    else:
        other = film.with_name("other")
        other.write_bytes(b"film")
        other.rename(film)
    assert opened(store, manifest).recall(manifest) is None


def test_a_file_that_changed_just_before_it_was_read_is_not_trusted(store: CacheStore, manifest: Path) -> None:
    index = opened(store, manifest)
    index.note(manifest, known(manifest), read_at_ns=time.time_ns())
    assert index.recall(manifest) is None


def test_of_another_making_or_data_set_nothing_is_remembered(store: CacheStore, manifest: Path) -> None:
    remember(store, manifest)
    assert opened(store, manifest, windows=2).recall(manifest) is None
    assert ChangeIndex(store, dataset=manifest.parent / "other", making=MAKING).recall(manifest) is None


def test_a_damaged_memo_is_as_good_as_none(store: CacheStore, manifest: Path) -> None:
    remember(store, manifest)
    (path,) = (one.path for one in store.list("memo"))
    for damage in (b"", b"[]", b'{"version": 1}', b'{"version": 1, "digests": [[1]], "recordings": {}}'):
        store.put(path, damage)
        assert opened(store, manifest).recall(manifest) is None


def test_what_is_forgotten_stays_forgotten(store: CacheStore, manifest: Path) -> None:
    index = remember(store, manifest)
    index.forget(manifest)
    index.save()
    assert opened(store, manifest).recall(manifest) is None


def test_a_file_is_hashed_once_until_it_changes(
    store: CacheStore, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashing = Mock(side_effect=file_digest)
    monkeypatch.setattr(change_index, "file_digest", hashing)
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", -1.0)
    index = opened(store, manifest)
    first = index.digest(manifest)
    index.save()
    assert opened(store, manifest, windows=2).digest(manifest) == first == file_digest(manifest)
    assert hashing.call_count == 1
    manifest.write_text("horse: Bella\n")
    assert index.digest(manifest) == file_digest(manifest) != first


def test_what_one_memo_learned_another_takes_over_and_keeps(store: CacheStore, manifest: Path) -> None:
    worker, driver = opened(store, manifest), opened(store, manifest)
    worker.note(manifest, known(manifest), read_at_ns=time.time_ns() - LONG_AGO_NS)
    driver.merge(pickle.loads(pickle.dumps(worker.drain())))
    assert worker.drain() == driver.drain() == IndexUpdate()  # what is merged is not given on a second time
    driver.save()
    assert opened(store, manifest).recall(manifest) == known(manifest)


def test_a_run_that_learned_nothing_writes_nothing(store: CacheStore, manifest: Path) -> None:
    opened(store, manifest).save()
    assert store.list("") == ()


def test_folders_and_missing_files_have_no_stamp(tmp_path: Path) -> None:
    assert stamp(tmp_path) is None
    assert stamp(tmp_path / "none") is None


def test_a_stamp_that_is_read_back_equals_the_one_taken(store: CacheStore, manifest: Path) -> None:
    remember(store, manifest)
    found = opened(store, manifest).recall(manifest)
    assert found is not None
    assert found._replace(files=()) == IndexEntry("ride", "key", "", ())
    assert [Path(file.path).name for file in found.files] == ["recording.yaml", "film.mp4"]


def test_what_is_learned_is_kept_in_small_parts_that_the_next_whole_takes_in(
    store: CacheStore, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that is killed never saves; what it learned before the last half minute is there all the same."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    index, long_ago_ns = opened(store, manifest), time.time_ns() - LONG_AGO_NS
    film = stamp(manifest.with_name("film.mp4"))
    index.note_digest(film, "a" * 64, read_at_ns=long_ago_ns)
    assert store.list("") == ()
    now[0] = 31.0
    index.note(manifest, known(manifest), read_at_ns=long_ago_ns)
    (part,) = store.list("memo")
    now[0] = 62.0
    index.note_digest(stamp(manifest), "b" * 64, read_at_ns=long_ago_ns)
    first, second = store.list("memo")
    assert second.size < part.size == first.size  # each holds what is new alone
    after = opened(store, manifest)
    assert after.recall(manifest) == known(manifest)
    assert [after.known_digest(path) for path in (manifest.with_name("film.mp4"), manifest)] == ["a" * 64, "b" * 64]
    after.save()
    (whole,) = store.list("memo")
    assert whole.path.count("/") == 1
    assert opened(store, manifest).recall(manifest) == known(manifest)
