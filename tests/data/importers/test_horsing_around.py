"""Horsing Around on files of its shape: gaits, the gyroscope's unit, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.importers.horsing_around import import_horsing_around, rate_unit
from equigait.data.manifest.files import read_manifest
from equigait.data.manifest.load import load_recording
from equigait.data.recording import Bout
from sensor_files import walking

LABELS = ["null", "grazing", "standing", "walking-natural", "walking-rider", "trotting-rider", "galloping-natural"]
GAITS = ("stand", "walk", "trot", "canter")


def write(
    folder: Path, name: str = "subject_1_Viva.part_1.csv", *, degrees: bool, horse: str = "Viva", quiet: float = 1.0
) -> Path:
    """Two seconds of each label at 100 Hz; magnetometer missing, as often in the set."""
    _, signals = walking(2.0 * len(LABELS))
    signals[:, 3:] *= quiet * (180 / np.pi if degrees else 1.0)
    lines = ["Ax,Ay,Az,Gx,Gy,Gz,Mx,My,Mz,A3D,G3D,M3D,label,segment,subject"]
    for row, values in enumerate(signals):
        label = LABELS[row // 200]
        norms = f"{np.linalg.norm(values[:3]):.4f},{np.linalg.norm(values[3:]):.4f},"
        lines.append(",".join(f"{value:.6f}" for value in values) + f",,,,{norms},{label},{row // 200},{horse}")
    (folder / name).write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize("degrees", [True, False])
def test_gaits_come_out_and_the_unit_of_the_gyroscope_is_told_by_the_data(tmp_path: Path, degrees: bool) -> None:
    manifest = import_horsing_around(write(tmp_path, degrees=degrees), out=tmp_path / "out")[0]
    declared = read_manifest(manifest).sensors[0].angular_rate
    assert declared is not None
    assert declared.unit == ("deg/s" if degrees else "rad/s")
    recording = load_recording(manifest, vocabulary=GAITS)
    assert (recording.horse, recording.id) == ("Viva", "subject_1_Viva.part_1")
    assert [stream.site for stream in recording.streams] == ["neck"]
    signals = walking(2.0 * len(LABELS))[1]
    np.testing.assert_allclose(recording.streams[0].specific_force, signals[:, :3], atol=1e-5)
    np.testing.assert_allclose(recording.streams[0].angular_rate, signals[:, 3:], atol=1e-5)
    assert recording.bouts == (
        Bout(4.0, 6.0, "stand"),
        Bout(6.0, 8.0, "walk"),
        Bout(8.0, 10.0, "walk"),
        Bout(10.0, 12.0, "trot"),
        Bout(12.0, 14.0, "canter"),
    )


def test_all_files_together_tell_the_unit(tmp_path: Path) -> None:
    write(tmp_path, degrees=True)
    write(tmp_path, "subject_2_Galoway.csv", degrees=True, horse="Galoway", quiet=0.01)
    manifests = import_horsing_around(tmp_path, out=tmp_path / "out")
    units = {
        sensor.angular_rate.unit for path in manifests for sensor in read_manifest(path).sensors if sensor.angular_rate
    }
    assert units == {"deg/s"}


@pytest.mark.parametrize(("fast", "unit"), [([3.0, 120.0], "deg/s"), ([0.4, 5.0, float("nan")], "rad/s")])
def test_the_fastest_file_decides(fast: list[float], unit: str) -> None:
    assert rate_unit(fast, source=Path("horses")) == unit


@pytest.mark.parametrize("fast", [[20.0], [0.0], [], [float("nan")]])
def test_a_unit_that_the_data_leave_open_is_refused(fast: list[float]) -> None:
    with pytest.raises(BadInput, match="99th percentile"):
        rate_unit(fast, source=Path("horses"))


def test_a_behaviour_that_is_no_gait_is_left_out_by_the_map_where_it_can_be_named(tmp_path: Path) -> None:
    labels = read_manifest(import_horsing_around(write(tmp_path, degrees=True), out=tmp_path / "out")[0]).labels
    assert labels is not None
    assert labels.map["grazing"] is None
    assert labels.map["galloping-rider"] == "canter"
    assert "grazing" in (tmp_path / "out" / "subject_1_Viva.part_1" / "labels.csv").read_text()


def test_a_last_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path, degrees=True) / "subject_1_Viva.part_1.csv"
    path.write_text(path.read_text()[:-40])
    recording = load_recording(import_horsing_around(tmp_path, out=tmp_path / "out")[0])
    assert len(recording.streams[0].time_seconds) == 1399


def test_two_horses_in_one_file_and_a_folder_without_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(BadInput, match="no file of Horsing Around"):
        import_horsing_around(tmp_path, out=tmp_path / "out")
    path = write(tmp_path, degrees=True) / "subject_1_Viva.part_1.csv"
    path.write_text(path.read_text()[:-5] + "Zonnerante\n")
    with pytest.raises(BadInput, match="Viva, Zonnerante"):
        import_horsing_around(tmp_path, out=tmp_path / "out")


def test_a_file_of_the_same_name_in_another_folder_is_left_out_by_name(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, degrees=True)
    refused: list[BadInput] = []
    assert len(import_horsing_around(tmp_path, out=tmp_path / "out", refused=refused)) == 1
    assert "a second subject_1_Viva.part_1 beside" in str(refused[0])
