"""What a manifest calls its subject, what it knows to be absent, and times of rides whose sensors count from 1970."""

import logging
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.files import read_manifest
from equigait.data.manifest.load import load_recording, load_sensors, since_start
from equigait.data.quality.recording import inspect_recording
from sensor_files import sensor_entry, walking_table, write_csv, write_manifest_file

UNIX = 1_700_000_000.0


@pytest.fixture
def ride(tmp_path: Path) -> Path:
    """Eight seconds of sensors whose stamps count from 1970, and labels on the same clock."""
    folder = tmp_path / "monday"
    folder.mkdir()
    table = walking_table()
    write_csv(folder / "withers.csv", {**table, "time_s": table["time_s"] + UNIX})
    (folder / "labels.csv").write_text(f"start,end,label\n{UNIX + 1:.1f},{UNIX + 4:.1f},walk\n")
    write_manifest_file(folder, labels={"path": "labels.csv", "format": "csv", "time": "imu"})
    return folder


def test_times_since_1970_are_times_of_the_ride_where_there_is_no_film(
    ride: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="equigait")
    recording = load_sensors(ride)
    seconds = recording.clock.to_film(recording.streams[0].time_seconds)
    np.testing.assert_allclose(seconds, walking_table()["time_s"], atol=1e-6)
    assert caplog.messages == ["monday: times count from its first sample, at 1700000000.000 s of its own clock"]
    (bout,) = since_start(load_recording(ride)).bouts
    assert (bout.start_seconds, bout.stop_seconds) == pytest.approx((1.0, 4.0), abs=1e-6)


def test_times_of_a_short_clock_stay_as_they_are(ride: Path) -> None:
    table = walking_table()
    write_csv(ride / "withers.csv", {**table, "time_s": table["time_s"] + 5000.0})
    recording = load_sensors(ride)
    assert recording.clock.to_film(recording.streams[0].time_seconds[:1])[0] == 5000.0


def test_a_person_is_called_a_person(ride: Path) -> None:
    text = (ride / "recording.yaml").read_text().replace("horse:", "subject:")
    (ride / "recording.yaml").write_text(f"{text}words: {{subject: person, behaviour: action}}\n")
    manifest = read_manifest(ride)
    assert manifest.horse == "h01"
    assert (manifest.words.subjects, manifest.words.behaviours) == ("people", "actions")
    (ride / "recording.yaml").write_text(f"{text}horse: bella\n")
    with pytest.raises(BadInput, match="either `horse` or `subject`"):
        read_manifest(ride)


def test_a_sensor_that_is_known_to_be_absent_is_not_called_dead(ride: Path) -> None:
    empty = {name: np.full(800, np.nan) for name in ("ax", "ay", "az", "gx", "gy", "gz")}
    write_csv(ride / "withers.csv", {**walking_table(), **empty})
    write_manifest_file(ride, sensors=[sensor_entry()])
    assert any("dead" in remark for remark in inspect_recording(ride / "recording.yaml").sensors[0].remarks)
    write_manifest_file(ride, sensors=[sensor_entry(absent="frozen all through")])
    remarks = inspect_recording(ride / "recording.yaml").sensors[0].remarks
    assert remarks == ("absent: frozen all through",)
