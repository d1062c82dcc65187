"""MovingReality on folders of its shape: units found by either spelling, and what is refused."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.importers.movingreality import import_movingreality
from equigait.data.manifest.load import load_recording
from sensor_files import xsens_text

UNITS = {
    "leftfoot": "00B4778E",
    "rightfoot": "00B47793",
    "leftshank": "00B47786",
    "rightshank": "00B47795",
    "lumbar": "00B47791",
}


def trial(source: Path, *, short: bool = False, spec_name: str = "sensorspec.json", rows: int = 300) -> Path:
    """A trial's folder; its lumbar unit starts a packet late."""
    folder = source / "1019_pp03" / "Xsens" / "exported007"
    folder.mkdir(parents=True)
    spec = {site: f"{unit[3:] if short else unit}.txt" for site, unit in UNITS.items()}
    (folder / spec_name).write_text(json.dumps(spec))
    for site, unit in UNITS.items():
        counters = range(65400 + (site == "lumbar"), 65400 + rows)
        text = xsens_text([counter % 65536 for counter in counters], device=unit)
        (folder / f"MT_0120039D_007-000_{unit}.txt").write_text(text)
    return folder


@pytest.mark.parametrize("short", [True, False])
@pytest.mark.parametrize("spec_name", ["sensorspec.json", "sensorspec.json.txt"])
def test_a_trial_becomes_a_recording_of_five_units_on_one_clock(tmp_path: Path, short: bool, spec_name: str) -> None:
    trial(tmp_path / "set", short=short, spec_name=spec_name)
    recording = load_recording(import_movingreality(tmp_path / "set", out=tmp_path / "out")[0])
    assert (recording.id, recording.horse) == ("pp03-exported007", "pp03")
    sites = {stream.site: stream.time_seconds for stream in recording.streams}
    assert list(sites) == ["lumbar", "left_shank", "right_shank", "left_foot", "right_foot"]
    np.testing.assert_allclose(sites["left_foot"], (65400 + np.arange(300)) / 100.0)
    np.testing.assert_array_equal(sites["lumbar"], sites["left_foot"][1:])


def test_a_missing_unit_and_a_unit_that_nobody_wore_are_refused(tmp_path: Path) -> None:
    folder = trial(tmp_path / "set")
    (folder / "MT_0120039D_007-000_00B47791.txt").unlink()
    with pytest.raises(BadInput, match="0 files of the unit 00B47791 for lumbar"):
        import_movingreality(tmp_path / "set", out=tmp_path / "out")
    (folder / "sensorspec.json").write_text(json.dumps({"leftfoot": "00B4778E.txt"}))
    with pytest.raises(BadInput, match=r"the unit \(none\) for"):
        import_movingreality(tmp_path / "set", out=tmp_path / "out")


def test_a_bad_trial_is_named_at_the_end_and_the_others_are_imported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = trial(tmp_path / "set")
    bad = tmp_path / "set" / "1019_pp04" / "Xsens" / "exported000"
    bad.mkdir(parents=True)
    (bad / "sensorspec.json").write_text("{}")
    refused: list[BadInput] = []
    manifests = import_movingreality(tmp_path / "set", out=tmp_path / "out", refused=refused)
    assert [path.parent.name for path in manifests] == [f"pp03-{good.name}"]
    assert len(refused) == 1
    assert str(bad) in str(refused[0])
    assert caplog.messages[-2:] == [
        f"left out: {refused[0]}",
        "movingreality: 1 of 2 recordings left out, the others are imported",
    ]


def test_one_unit_at_two_sites_is_refused(tmp_path: Path) -> None:
    folder = trial(tmp_path / "set")
    (folder / "sensorspec.json").write_text(json.dumps(dict.fromkeys(UNITS, "00B47791.txt")))
    with pytest.raises(BadInput, match="one unit at two sites"):
        import_movingreality(tmp_path / "set", out=tmp_path / "out")


@pytest.mark.parametrize("text", ["", "{", "[1, 2]"])
def test_a_sensorspec_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (trial(tmp_path / "set") / "sensorspec.json").write_text(text)
    with pytest.raises(BadInput, match="a JSON object of sites and units"):
        import_movingreality(tmp_path / "set", out=tmp_path / "out")


def test_two_sensorspecs_no_trial_and_no_person_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no trial of MovingReality"):
        import_movingreality(tmp_path, out=tmp_path / "out")
    folder = trial(tmp_path / "set")
    folder.rename(tmp_path / "set" / "exported007")
    with pytest.raises(BadInput, match="no person's number"):
        import_movingreality(tmp_path / "set", out=tmp_path / "out")
    spec = tmp_path / "set" / "exported007" / "sensorspec.json"
    spec.with_name("sensorspec.json.txt").write_text(spec.read_text())
    with pytest.raises(BadInput, match="two sensorspecs"):
        import_movingreality(tmp_path / "set", out=tmp_path / "out")


def test_a_second_trial_of_one_person_and_number_is_left_out_by_name(tmp_path: Path) -> None:
    first = trial(tmp_path / "set")
    shutil.copytree(first, tmp_path / "set" / "1103_pp03" / "Xsens" / first.name)
    refused: list[BadInput] = []
    assert len(import_movingreality(tmp_path / "set", out=tmp_path / "out", refused=refused)) == 1
    assert "a second pp03-exported007 beside" in str(refused[0])
