"""What a recording is read from is never written over, under whatever name."""

import os
from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.outputs import refuse_inputs

INPUTS = ("recording.yaml", "film.mp4", "withers.csv", "labels.csv")


@pytest.fixture
def ride(tmp_path: Path) -> Path:
    """A recording whose files hold nothing: their names alone count."""
    folder = tmp_path / "rides" / "monday"
    folder.mkdir(parents=True)
    for name in INPUTS:
        (folder / name).touch()
    sensors = "sensors: [{site: withers, path: withers.csv}]"
    manifest = f"horse: bella\nfilm: film.mp4\nlabels: {{path: labels.csv, time: imu}}\n{sensors}\n"
    (folder / "recording.yaml").write_text(manifest)
    return folder


@pytest.mark.parametrize("name", INPUTS)
def test_each_file_of_a_recording_is_refused_as_a_place_to_write_to(ride: Path, name: str) -> None:
    with pytest.raises(BadInput, match=rf"{name}: found a file that a recording is read from.* Give another name"):
        refuse_inputs([ride / "new.csv", ride / name], dataset=ride.parent)


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_to_an_input_is_that_input(ride: Path, link: object) -> None:
    assert callable(link)
    link(ride / "film.mp4", ride / "other.mp4")
    with pytest.raises(BadInput, match=r"other\.mp4: found a file that a recording is read from"):
        refuse_inputs([ride / "other.mp4"], dataset=ride)


def test_new_files_and_files_that_no_recording_names_may_be_written(ride: Path) -> None:
    (ride / "timeline.csv").touch()
    refuse_inputs([ride / "timeline.csv", ride / "nothing-yet.csv"], dataset=ride)


def test_a_manifest_that_cannot_be_read_is_an_input_all_the_same(ride: Path) -> None:
    (ride / "recording.yaml").write_text("horse: [")
    with pytest.raises(BadInput, match=r"recording\.yaml: found a file that a recording is read from"):
        refuse_inputs([ride / "recording.yaml"], dataset=ride)
