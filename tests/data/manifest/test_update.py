"""A manifest takes another clock and other shifts without losing a word that a person wrote."""

from pathlib import Path

import pytest
from equigait.data.manifest.files import read_manifest
from equigait.data.manifest.schema import Clock
from equigait.data.manifest.update import update_manifest

SENSORS = """\
sensors:
  - site: withers   # under the saddle
    path: withers.csv
  - {site: poll, path: poll.csv}
"""
SYNC = Clock(origin="sync", offset_seconds=-0.257, drift_ppm=12.5, reference_seconds=60.0)


def manifest(folder: Path, text: str) -> Path:
    path = folder / "recording.yaml"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "",
            "clock:\n  origin: sync\n  offset_seconds: -0.257\n  drift_ppm: 12.5\n  reference_seconds: 60.0\n",
        ),
        (
            "clock: {origin: by-hand, offset_seconds: 0.5}   # clapped\n# the end",
            "clock: {origin: sync, offset_seconds: -0.257, drift_ppm: 12.5, reference_seconds: 60.0}"
            "   # clapped\n# the end",
        ),
        (
            "clock:\n    offset_seconds: 0.5 # clapped\n    drift_ppm: 0\n    origin: sync\n",
            "clock:\n    offset_seconds: -0.257 # clapped\n    drift_ppm: 12.5\n    origin: sync\n"
            "    reference_seconds: 60.0\n",
        ),
        (
            "clock: {origin: known,\n        offset_seconds: 1,  # clapped\n       }\n",
            "clock: {origin: sync,\n        offset_seconds: -0.257, drift_ppm: 12.5, reference_seconds: 60.0,"
            "  # clapped\n       }\n",
        ),
        ("clock:\n", "clock: {origin: sync, offset_seconds: -0.257, drift_ppm: 12.5, reference_seconds: 60.0}\n"),
    ],
)
def test_only_the_clock_changes(tmp_path: Path, before: str, after: str) -> None:
    head = f"# Monday\nhorse: 'bella'  # the grey one\n\n{SENSORS}"
    path = manifest(tmp_path, head + before)
    assert update_manifest(path, clock=SYNC, shifts={})
    assert path.read_text() == head + after
    assert read_manifest(path).clock == SYNC


def test_a_default_that_was_written_out_is_brought_up_to_date(tmp_path: Path) -> None:
    path = manifest(tmp_path, f"horse: b\n{SENSORS}clock: {{origin: sync, offset_seconds: 1, drift_ppm: 30.0}}\n")
    assert update_manifest(path, clock=Clock(origin="by-hand", offset_seconds=3.0), shifts={})
    assert path.read_text().endswith("clock: {origin: by-hand, offset_seconds: 3.0, drift_ppm: 0.0}\n")


def test_shifts_go_to_their_sensors_and_lines_end_as_they_did(tmp_path: Path) -> None:
    path = manifest(tmp_path, f"horse: b\n{SENSORS}".replace("\n", "\r\n"))
    assert update_manifest(path, clock=SYNC, shifts={"withers": -7.5, "poll": 2.0})
    text = path.read_bytes().decode()
    assert "path: withers.csv\r\n    shift_seconds: -7.5\r\n" in text
    assert "{site: poll, path: poll.csv, shift_seconds: 2.0}\r\n" in text
    assert "\n" not in text.replace("\r\n", "")
    assert "# under the saddle" in text
    assert [sensor.shift_seconds for sensor in read_manifest(path).sensors] == [-7.5, 2.0]


@pytest.mark.parametrize(
    "text",
    [
        "horse: b\nsensors: [&one {site: a, path: a.csv}, {<<: *one, site: b}]\n",
        "horse: b\nsensors:\n- &one\n  site: a\n  path: a.csv\n- <<: *one\n  site: b\n",
        "{horse: b, sensors: [{site: a, path: a.csv}, {site: b, path: a.csv}] # all\n}",
        "horse: b\nsensors:\n- {site: a, path: a.csv}\n- {site: b, path: a.csv}\n...\n",
        'horse: "b"\nsensors:\n- site: a\n  path: >\n   a.csv\n- site: b\n  path: |\n   a.csv\n\n\n',
        "? horse\n: b\n? sensors\n: - site: a\n    path: a.csv\n  - site: b\n    path: a.csv\n",
    ],
)
def test_however_odd_the_yaml_the_manifest_reads_as_it_should(tmp_path: Path, text: str) -> None:
    path = manifest(tmp_path, text)
    before = read_manifest(path)
    update_manifest(path, clock=SYNC, shifts={"a": 1.5})
    moved = [sensor.model_copy(update={"shift_seconds": 1.5 * (sensor.site == "a")}) for sensor in before.sensors]
    assert read_manifest(path) == before.model_copy(update={"clock": SYNC, "sensors": tuple(moved)})


def test_a_text_that_cannot_be_edited_is_written_anew_and_that_is_told(tmp_path: Path) -> None:
    clock = "clock: &c {origin: by-hand, offset_seconds: 0.5}"
    alias = f"sensors:\n- &one {{site: a, path: a.csv}}\n- {{<<: *one, site: b}}\nhorse: b # grey\n{clock}\n"
    path = manifest(tmp_path, alias)
    assert not update_manifest(path, clock=SYNC, shifts={"a": 1.5})
    assert "# grey" not in path.read_text()
    assert "id:" not in path.read_text()
    assert [sensor.shift_seconds for sensor in read_manifest(path).sensors] == [1.5, 0.0]
