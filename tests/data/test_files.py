"""Files told apart by their bytes, and written whole or not at all: what fails or is killed in mid-write leaves the old
one, alone and as it was."""

import hashlib
import os
import stat
import threading
from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.files import file_digest, refuse_link_away, write_atomically
from full_disk import no_file_beyond


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_named_by_its_bytes(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(bytes(range(256)) * 5000)
    assert file_digest(film) == hashlib.sha256(film.read_bytes()).hexdigest()


@pytest.mark.parametrize("content", ["grüßt\n", "grüßt\n".encode()], ids=["text", "bytes"])
def test_text_is_written_as_utf8_and_bytes_as_they_are(tmp_path: Path, content: bytes | str) -> None:
    write_atomically(tmp_path / "a.txt", content)
    assert (tmp_path / "a.txt").read_bytes() == "grüßt\n".encode()


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", "new")
    (tmp_path / "b.txt").write_text("new")
    assert mode_of(tmp_path / "a.txt") == mode_of(tmp_path / "b.txt")


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_a_file_that_is_there_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(mode)
    write_atomically(path, "new")
    assert path.read_text() == "new"
    assert mode_of(path) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_a_file_that_root_writes_stays_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    os.chown(path, 1234, 5678)
    write_atomically(path, "new")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 5678)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
def test_a_file_that_may_not_be_written_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(0o444)
    with pytest.raises(PermissionError):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_the_file_it_names_is_written(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    file, link = tmp_path / "disk" / "real.txt", tmp_path / "a.txt"
    file.write_text("old")
    link.symlink_to("disk/real.txt")
    write_atomically(link, "new")
    assert link.is_symlink()
    assert file.read_text() == "new"
    assert sorted(tmp_path.rglob("*")) == sorted([link, file.parent, file])


def test_a_link_to_nothing_yet_makes_the_file_it_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to("real.txt")
    write_atomically(tmp_path / "a.txt", "new")
    assert (tmp_path / "a.txt").is_symlink()
    assert (tmp_path / "real.txt").read_text() == "new"


def test_a_write_that_fails_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old " * 10)
    with no_file_beyond(50), pytest.raises(OSError, match="too large"):
        write_atomically(path, "new " * 100)
    assert path.read_text() == "old " * 10
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_on_the_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "a.txt", list[bytes]()
    path.write_text("old")

    def synced(descriptor: int) -> None:
        drafts = [file for file in tmp_path.iterdir() if file != path]
        assert os.path.samestat(os.fstat(descriptor), drafts[0].stat())
        seen.extend([path.read_bytes(), *(draft.read_bytes() for draft in drafts)])

    monkeypatch.setattr(os, "fsync", synced)
    write_atomically(path, "new")
    assert seen == [b"old", b"new"]
    assert path.read_text() == "new"


def test_of_two_that_write_one_file_at_a_time_each_has_a_draft_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, both_written = tmp_path / "a.txt", threading.Barrier(2)
    monkeypatch.setattr(os, "fsync", lambda _: both_written.wait(timeout=30))
    texts = ["one " * 1000, "two " * 1000]
    writers = [threading.Thread(target=write_atomically, args=(path, text)) for text in texts]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_text() in texts
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_atomically(pipe, "new")
    assert os.read(read, 10) == b"new"
    os.close(read)
    assert pipe.is_fifo()


def test_folders_on_the_way_are_made(tmp_path: Path) -> None:
    write_atomically(tmp_path / "scores" / "of today" / "x.json", "{}")
    assert (tmp_path / "scores" / "of today" / "x.json").read_text() == "{}"


def test_beside_a_recording_a_link_may_lead_to_its_own_folder_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "ride"
    (folder / "below").mkdir(parents=True)
    (folder / "inside").symlink_to("below/file")
    (folder / "away").symlink_to(tmp_path / "precious")
    (folder / "up").symlink_to("../precious")
    for name in ("inside", "no link"):
        refuse_link_away(folder / name)
    for name in ("away", "up"):
        with pytest.raises(
            BadInput, match=r"found a link to .*precious; expected a file of this folder.*Delete the link"
        ):
            refuse_link_away(folder / name)
