"""Manifests below a folder: found wherever they lie, but not in caches, and each recording used once."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.files import find_recordings
from equigait.data.manifest.load import map_recordings


def test_recordings_are_found_below_a_folder_but_not_in_a_cache(tmp_path: Path) -> None:
    for name in ("b/ride2", "b/ride1", "a", "cache/x", "a/cache/y"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "recording.yaml").touch()
    found = [path.relative_to(tmp_path).parent.as_posix() for path in find_recordings(tmp_path)]
    assert found == ["a", "b/ride1", "b/ride2"]
    assert find_recordings(tmp_path / "a" / "recording.yaml") == [tmp_path / "a" / "recording.yaml"]
    assert find_recordings(tmp_path / "b" / "ride1") == [tmp_path / "b" / "ride1" / "recording.yaml"]


def test_of_two_recordings_with_one_id_the_second_is_left_out(tmp_path: Path) -> None:
    for name, identity in (("a", "monday"), ("b", "monday"), ("c", "tuesday")):
        (tmp_path / name).mkdir()
        sensors = "sensors: [{site: withers, path: w.csv}]"
        (tmp_path / name / "recording.yaml").write_text(f"id: {identity}\nhorse: bella\n{sensors}\n")
    used, failed = map_recordings(tmp_path, lambda path, _: path.parent.name)
    assert used == ["a", "c"]
    ((path, reason),) = failed.items()
    assert path.endswith("b/recording.yaml")
    assert "monday, a second time" in reason


def test_a_data_set_inside_a_folder_named_cache_is_found_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "cache" / "a").mkdir(parents=True)
    (tmp_path / "cache" / "a" / "recording.yaml").touch()
    assert len(find_recordings(tmp_path / "cache")) == 1


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no recording\.yaml in it or below"):
        find_recordings(tmp_path)
    with pytest.raises(BadInput, match="no such folder"):
        find_recordings(tmp_path / "nowhere")
