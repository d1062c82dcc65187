"""Where weights are found, and what is said, at once, when they are not."""

import time
from pathlib import Path
from unittest.mock import Mock

import huggingface_hub
import pytest
from checkpoints import write_checkpoint
from equigait.data.errors import BadInput
from equigait.pipeline.teachers.settings import TeacherSettings
from equigait.pipeline.teachers.snapshot import FILES, read_json, snapshot_folder
from huggingface_hub import constants
from huggingface_hub.errors import LocalEntryNotFoundError


def test_a_local_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    write_checkpoint(tmp_path)
    assert snapshot_folder(TeacherSettings(name="videomae", weights=str(tmp_path))) == tmp_path


def test_without_network_the_base_teacher_is_refused_at_once_with_the_ways_out() -> None:
    began = time.monotonic()
    with pytest.raises(BadInput, match=r"MCG-NJU/videomae-base.*teacher\.weights=FOLDER.*--config demo"):
        snapshot_folder(TeacherSettings(name="videomae-base"))
    assert time.monotonic() - began < 5.0


def test_a_hub_out_of_reach_is_refused_within_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    model_info = Mock(side_effect=ConnectionError("Name or service not known"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", model_info)
    with pytest.raises(BadInput, match=r"does not give it \(Name or service not known\).*hf download"):
        snapshot_folder(TeacherSettings(name="videomae", weights="someone/no-such-model"))
    model_info.assert_called_once_with("someone/no-such-model", timeout=3.0)


def test_what_the_hub_has_is_fetched_when_this_machine_has_it_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_checkpoint(tmp_path)

    def download(name: str, *, allow_patterns: list[str], local_files_only: bool = False) -> str:
        if local_files_only:
            raise LocalEntryNotFoundError("not cached")
        assert name == "MCG-NJU/videomae-base"
        assert sorted(allow_patterns) == sorted(FILES)
        return str(tmp_path)

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.HfApi, "model_info", Mock())
    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert snapshot_folder(TeacherSettings(name="videomae-base")) == tmp_path


@pytest.mark.parametrize("weights", ["/no/such/folder", "./here/or/there", "~/nowhere", "models/of/mine"])
def test_a_path_that_does_not_exist_is_called_that(weights: str) -> None:
    with pytest.raises(BadInput, match="no such folder"):
        snapshot_folder(TeacherSettings(name="videomae", weights=weights))


def test_another_checkpoint_has_to_be_named() -> None:
    with pytest.raises(BadInput, match="videomae without weights"):
        snapshot_folder(TeacherSettings(name="videomae"))


@pytest.mark.parametrize("name", FILES)
def test_an_incomplete_folder_is_refused_with_what_it_lacks(tmp_path: Path, name: str) -> None:
    write_checkpoint(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BadInput, match=f"no {name}"):
        snapshot_folder(TeacherSettings(name="videomae", weights=str(tmp_path)))


@pytest.mark.parametrize("text", ["{broken", "[1, 2]"])
def test_a_broken_description_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(BadInput, match=r"config\.json"):
        read_json(tmp_path / "config.json")
