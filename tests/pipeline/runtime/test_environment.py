"""The doctor's facts: complete on a sound machine, with a way out where something is missing."""

from pathlib import Path

import pytest
from equigait.pipeline.runtime import environment
from equigait.pipeline.runtime.environment import check_environment


def by_name(**options: str) -> dict[str, environment.Check]:
    return {check.name: check for check in check_environment(**options)}


def test_a_sound_installation_has_nothing_to_mend_but_perhaps_disk() -> None:
    faults = [check for name, check in by_name().items() if check.remedy and name != "disk"]
    assert not faults


def test_every_dependency_of_the_project_is_told_with_its_version() -> None:
    import tomllib

    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    for line in project["dependencies"]:
        name = line.split(">")[0].split("=")[0].strip()
        assert f"{name} " in by_name()["packages"].found, name


def test_a_missing_package_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    found = environment._version
    monkeypatch.setattr(environment, "_version", lambda name: None if name == "zarr" else found(name))
    assert "zarr" in by_name()["packages"].remedy


def test_weights_that_the_hub_left_on_disk_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models--MCG-NJU--videomae-base").mkdir()
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert by_name()["Hub"].found.startswith("offline")
    assert by_name()["Hub"].found.endswith("MCG-NJU/videomae-base")


def test_a_cache_that_is_none_is_a_fault_with_a_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no cache")
    assert "extract-teacher" in by_name(cache=str(tmp_path / "file"))["cache"].remedy


def test_a_cache_without_a_recording_is_something_to_mend(tmp_path: Path) -> None:
    assert "Check the path" in by_name(cache=str(tmp_path / "nowhere"))["cache"].remedy
