"""Stores: a folder and memory behave alike; looking changes nothing; what cannot be done is said in a line."""

import errno
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from equigait.cache.reader import committed, read_segment
from equigait.cache.store import CacheUnusable, open_store
from equigait.cache.verify import gc, verify
from equigait.cache.writer import commit
from equigait.data.errors import BadInput
from made_segments import made_segment


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    return open_store(tmp_path / "cache" if request.param == "folder" else "memory://")


def test_objects_are_put_listed_got_and_deleted(store):
    store.put("b/two", b"22")
    store.put("a/one", b"1")
    store.put("b/two", b"333")
    assert [(one.path, one.size) for one in store.list("b")] == [("b/two", 3)]
    assert [one.path for one in store.list("")] == ["a/one", "b/two"]
    assert store.get("b/two") == b"333"
    store.delete("b/two")
    store.delete("b/two")
    assert store.list("b") == ()
    with pytest.raises(FileNotFoundError):
        store.get("b/two")


def test_names_are_given_below_a_prefix_alone_and_folders_without_what_lies_in_them(store):
    for path in ("man/v2/abc/x.json", "man/v2/abd/y.json", "man/ab/z.json", "mankind/w"):
        store.put(path, b"")
    assert sorted(store.names("man")) == ["man/ab/z.json", "man/v2/abc/x.json", "man/v2/abd/y.json"]
    assert list(store.names("man/v2/abd")) == ["man/v2/abd/y.json"]
    assert list(store.names("nothing/there")) == []
    assert store.folders("man") == ("ab", "v2")
    assert store.folders("nothing") == ()


def test_a_file_that_is_being_written_is_not_listed_and_a_folder_is_no_object(tmp_path):
    store = open_store(tmp_path / "cache")
    store.put("seg/one", b"1")
    (tmp_path / "cache" / "seg" / "two#1").write_bytes(b"half of it")
    assert [one.path for one in store.list("seg")] == list(store.names("seg")) == ["seg/one"]
    for path in ("seg", "seg/one/below", "seg/two"):
        with pytest.raises(FileNotFoundError):
            store.get(path)


def test_a_new_version_shows_in_the_listing(store):
    store.put("a", b"1")
    before = store.list("")[0].version
    store.put("a", b"2")
    assert store.list("")[0].version != before


def test_put_once_writes_what_is_not_there_and_nothing_else(store):
    assert store.put_once("man/a", b"first")
    assert not store.put_once("man/a", b"second")
    assert store.get("man/a") == b"first"
    assert [one.path for one in store.list("")] == ["man/a"]  # nothing of the staging is left


def test_of_many_threads_that_put_once_exactly_one_does(store):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda number: store.put_once("man/a", b"%d" % number), range(40)))
    assert won.count(True) == 1
    assert store.get("man/a") == b"%d" % won.index(True)


@pytest.fixture(params=[errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def without_links(request, tmp_path, monkeypatch):
    """A cache on a file system that knows no hard links and syncs no folders."""

    def refuse(*_names):
        raise OSError(request.param, os.strerror(request.param))

    def files_alone(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            refuse()

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "fsync", files_alone)
    return open_store(tmp_path / "cache")


def test_put_once_does_without_hard_links(without_links):
    assert without_links.put_once("man/a", b"first")
    assert not without_links.put_once("man/a", b"second")
    assert without_links.get("man/a") == b"first"
    assert [one.path for one in without_links.list("")] == ["man/a"]


def test_a_kill_before_the_name_is_given_leaves_no_entry_without_hard_links(without_links, monkeypatch):
    def killed(*_names):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        commit(without_links, made_segment())
    monkeypatch.undo()
    assert committed(without_links) == ()


def test_writers_that_race_without_hard_links_leave_one_whole_segment(without_links):
    segment = made_segment()
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: commit(open_store(without_links.folder), segment), range(8)))
    (entry,) = committed(without_links)
    assert {entry.key} == keys
    assert {fault.kind for fault in verify(without_links)} <= {"orphan"}
    gc(without_links, grace_seconds=-1.0)
    assert verify(without_links) == ()
    assert read_segment(without_links, entry).recording_id == segment.recording_id


def test_another_refusal_of_the_link_is_said(tmp_path, monkeypatch):
    def full(*_names):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(CacheUnusable, match="No space left on device"):
        open_store(tmp_path / "cache").put_once("man/a", b"1")


def test_delete_under_removes_one_folder_and_not_its_namesake(store):
    for path in ("seg/a/1/x", "seg/a/1/y/z", "seg/a/11/x"):
        store.put(path, b"")
    store.settle("seg/a/1")
    store.delete_under("seg/a/1")
    assert [one.path for one in store.list("seg")] == ["seg/a/11/x"]


def test_looking_at_a_mistyped_folder_does_not_make_it(tmp_path):
    store = open_store(tmp_path / "no such cache")
    assert committed(store) == ()
    with pytest.raises(FileNotFoundError):
        store.get("a")
    assert not (tmp_path / "no such cache").exists()


def test_a_file_is_no_cache(tmp_path):
    (tmp_path / "cache").write_text("")
    with pytest.raises(BadInput, match="found a file; expected a folder"):
        open_store(tmp_path / "cache")


@pytest.mark.parametrize("location", ["nosuch://bucket/prefix", "s3://"])
def test_a_url_that_no_store_knows_is_refused(location):
    with pytest.raises(BadInput, match="expected a folder, or a URL such as"):
        open_store(location)


def test_a_folder_that_cannot_be_written_can_be_read_and_says_why_it_cannot_be_written():
    folder = Path(tempfile.mkdtemp(prefix="equigait-read-only-"))  # not tmp_path: its parents are closed to other users
    try:
        commit(open_store(folder), made_segment())
        for below in (folder, *folder.rglob("*")):
            below.chmod(0o555 if below.is_dir() else 0o444)
        script = f"from made_segments import try_read_only; try_read_only({str(folder)!r})"
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1] / "support"), *sys.path])},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.startswith(f"1\n{folder}: found ")
        assert "Permission denied" in done.stdout
        assert "expected a writable cache" in done.stdout
        assert done.stdout.count("\n") == 2
    finally:
        for below in (folder, *folder.rglob("*")):
            below.chmod(0o755)
        shutil.rmtree(folder)
