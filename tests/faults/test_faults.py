"""What can go wrong around phase one: each is told in a line, ends in an exit code, and damages nothing."""

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import command_line
import numpy as np
import pytest
from equigait.cache import change_index
from equigait.cache.store import open_store
from equigait.cache.verify import DAMAGE, verify
from equigait.pipeline.extraction import recording as phase
from equigait.pipeline.extraction.executors.settings import Lost
from equigait.pipeline.extraction.executors.table import EXECUTORS
from equigait.pipeline.extraction.task import ExtractionTask
from full_disk import no_file_beyond
from made_segments import content
from phase_one import IDS, filmed_yard

FIRST, SECOND, THIRD = IDS


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two recordings with small films, and their cache."""
    folder = filmed_yard(tmp_path_factory.mktemp("extracted") / "yard")
    shutil.rmtree(folder / THIRD)
    assert run(folder) == 0
    return folder


@pytest.fixture
def data(extracted: Path, tmp_path: Path) -> Path:
    """A copy of both, to damage."""
    return shutil.copytree(extracted, tmp_path / "data")


def run(data: Path, *options: str, command: str = "extract-teacher") -> int:
    """The exit code of a command on a data set, or on its cache."""
    given = [data, "--config", "demo"] if command == "extract-teacher" else [data / "cache"]
    return command_line.run(command, *given, *options)


def test_a_flipped_bit_in_any_kind_of_object_is_always_found(data: Path) -> None:
    cache, chance, kinds = data / "cache", np.random.default_rng(0), defaultdict(list)
    for path in sorted(path for part in ("seg", "man") for path in (cache / part).rglob("*") if path.is_file()):
        parts = path.relative_to(cache).parts
        kinds["manifest" if parts[0] == "man" else "/".join(parts[3:])].append(path)
    assert len(kinds) >= 20
    for paths in kinds.values():
        for path in chance.choice(np.array(paths, object), size=2):
            whole = path.read_bytes()
            flipped = bytearray(whole)
            flipped[chance.integers(len(whole))] ^= 1 << chance.integers(8)
            path.write_bytes(flipped)
            assert {fault.kind for fault in verify(open_store(cache))} & set(DAMAGE), path
            path.write_bytes(whole)
    assert verify(open_store(cache)) == ()


def test_verify_ends_in_an_exit_code_that_tells_damage(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(data, command="verify") == 0
    chunk = next((data / "cache" / "seg").rglob("clips/c/0/0"))
    chunk.write_bytes(chunk.read_bytes()[:-1])
    assert run(data, command="verify") == 1
    assert "damaged" in capsys.readouterr().out


def test_a_disk_that_fills_up_fails_each_recording_with_the_reason_and_keeps_the_rest(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(open_store(data / "cache"))
    with no_file_beyond(8192):
        assert run(data, "--set", "windows.hop_steps=100") == 2
    told = capsys.readouterr().out
    assert told.count("failed h") == 2
    assert "File too large" in told
    assert content(open_store(data / "cache")) == before
    assert {fault.kind for fault in verify(open_store(data / "cache"))} <= {"orphan"}
    assert run(data, "--set", "windows.hop_steps=100") == 0  # it was no recording's fault: all are tried again
    assert content(open_store(data / "cache")) != before


def test_a_disk_with_no_room_at_all_ends_the_run_in_one_line(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = content(open_store(data / "cache"))
    with no_file_beyond(0):
        code = run(data, "--set", "windows.hop_steps=100")
    error = capsys.readouterr().err
    assert code == 2
    assert "Traceback" not in error
    assert "expected a writable cache" in error.splitlines()[-1]
    assert content(open_store(data / "cache")) == before


def test_a_film_that_vanished_fails_its_recording_alone_and_what_was_cached_stays(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = content(open_store(data / "cache"))
    (data / FIRST / "film.mp4").unlink()
    assert run(data) == 3
    told = capsys.readouterr().out
    assert f"failed {FIRST}: " in told
    assert "film.mp4" in told
    assert "1 unchanged" in told
    assert content(open_store(data / "cache")) == before


def test_a_film_of_other_content_under_an_old_date_is_looked_at_anew(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    assert run(data) == 0
    before, film = content(open_store(data / "cache")), data / FIRST / "film.mp4"
    dates = film.stat()
    shutil.copyfile(data / SECOND / "film.mp4", film)
    os.utime(film, ns=(dates.st_atime_ns, dates.st_mtime_ns))
    run(data)
    after = content(open_store(data / "cache"))
    assert after[FIRST] != before[FIRST]
    assert after[SECOND] == before[SECOND]
    capsys.readouterr()
    os.utime(film)  # a new date alone is nothing new
    assert run(data) == 0
    assert "2 unchanged" in capsys.readouterr().out


def test_a_film_that_is_replaced_while_it_is_looked_at_is_not_cached_under_its_old_name(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(data / "cache")
    embed = phase.embed_video

    def replaced(video: object, **options: object) -> object:
        (data / FIRST / "film.mp4").touch()
        return embed(video, **options)

    monkeypatch.setattr(phase, "embed_video", replaced)
    assert run(data) == 3
    assert f"failed {FIRST}: " in (told := capsys.readouterr().out)
    assert "changed while it was read" in told
    assert set(content(open_store(data / "cache"))) == {SECOND}


def test_a_recording_that_no_worker_survives_is_set_aside_until_it_changes(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    shutil.rmtree(data / "cache")
    given: list[str] = []

    def deadly(
        work: Callable[[ExtractionTask], object], tasks: Iterable[ExtractionTask], **_: object
    ) -> Iterator[tuple[ExtractionTask, object]]:
        for task in tasks:
            given.append(task.recording_id)
            yield task, Lost("3 workers died of it") if task.recording_id == FIRST else work(task)

    monkeypatch.setitem(EXECUTORS, "ray", deadly)
    assert run(data, "--executor", "ray") == 3
    assert f"failed {FIRST}: 3 workers died of it" in capsys.readouterr().out
    assert given == [FIRST, SECOND]
    assert run(data, "--executor", "ray") == 3
    assert given == [FIRST, SECOND]
    assert run(data) == 3  # another executor does not make it harmless
    (data / FIRST / "film.mp4").touch()
    assert run(data) == 0


def test_what_failed_is_tried_again_once_something_changed_or_when_asked(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)
    film = data / FIRST / "film.mp4"
    whole = film.read_bytes()
    film.write_bytes(whole[:20_000])
    tried: list[Path] = []
    load = phase.load_recording
    monkeypatch.setattr(phase, "load_recording", lambda path, **options: tried.append(path) or load(path, **options))
    assert run(data) == 3
    assert film.parent / "recording.yaml" in tried
    tried.clear()
    assert run(data) == 3
    assert "(as before; --retry-failed tries again)" in capsys.readouterr().out
    assert tried == []
    assert run(data, "--retry-failed") == 3
    assert [path.parent.name for path in tried] == [FIRST]
    film.write_bytes(whole)
    assert run(data) == 0
