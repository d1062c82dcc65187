"""The task of a manifest: its files are stamped before the manifest is parsed."""

import time
from pathlib import Path
from unittest.mock import Mock

import pytest
from equigait.cache import change_index
from equigait.cache.change_index import stamp
from equigait.data.manifest.files import read_manifest
from equigait.data.manifest.schema import Manifest
from equigait.pipeline.extraction import task as task_module
from equigait.pipeline.extraction.task import read_task

TEXT = "horse: bella\nfilm: film.mp4\nsensors: [{site: sacrum, path: a.csv}]\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    for name in ("film.mp4", "a.csv"):
        (tmp_path / name).write_bytes(b"content")
    (tmp_path / "recording.yaml").write_text(TEXT)
    return tmp_path / "recording.yaml"


def test_the_stamps_are_of_the_manifest_and_all_that_it_names(path: Path) -> None:
    before = time.time_ns()
    task = read_task(path)
    assert task.files == tuple(stamp(path.with_name(name)) for name in ("recording.yaml", "a.csv", "film.mp4"))
    assert before <= task.read_at_ns <= time.time_ns()


def test_a_manifest_edited_once_it_was_parsed_is_not_taken_for_the_one_that_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_index, "SETTLED_SECONDS", 0.0)

    def parse_then_edit(path: Path) -> Manifest:
        manifest = read_manifest(path)
        path.write_text(TEXT.replace("bella", "bella-2"))
        return manifest

    monkeypatch.setattr(task_module, "read_manifest", parse_then_edit)
    task = read_task(path)
    assert task.manifest is not None
    assert task.manifest.horse == "bella"
    assert task.files[0] != stamp(path)


def test_a_manifest_that_is_not_there_when_stamped_leaves_nothing_to_trust(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_module, "stamp", Mock(return_value=None))
    assert read_task(path).files == ()
