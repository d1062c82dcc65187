"""HuGaDB on files of its shape: units, activities, ranges, frozen units, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.importers import import_dataset
from equigait.data.importers.hugadb import LABELS, RATE_HZ, SITES, frozen, import_hugadb
from equigait.data.manifest.load import load_recording

UNITS = ("rf", "rs", "rt", "lf", "ls", "lt")
ROWS = 900


def columns() -> dict[str, np.ndarray]:
    """Counts of six still units, gravity along x, a slow turn about z; ids of walking, then going up."""
    rng = np.random.default_rng(0)
    turn = np.round(16.384 * 20.0 * np.sin(np.arange(ROWS) / 30))
    table: dict[str, np.ndarray] = {}
    for unit in UNITS:
        table |= {f"acc_{unit}_{axis}": np.round(rng.normal(16384.0 * (axis == "x"), 40.0, ROWS)) for axis in "xyz"}
        table |= {f"gyro_{unit}_{axis}": np.round(rng.normal(0, 3, ROWS)) + turn * (axis == "z") for axis in "xyz"}
    return table | {"EMG_r": np.ones(ROWS), "EMG_l": np.ones(ROWS), "act": np.where(np.arange(ROWS) < 400, 1.0, 3.0)}


def write(folder: Path, table: dict[str, np.ndarray], name: str = "HuGaDB_v1_various_09_13.txt") -> Path:
    rows = ["\t".join(str(int(value)) for value in row) for row in zip(*table.values(), strict=True)]
    preamble = ["#Activity\twalking going_up ", "#ActivityID\t1 3 ", "#Date 09-09-18-04"]
    (folder / name).write_text("\n".join([*preamble, "\t".join(table), *rows]) + "\n")
    return folder


def test_a_file_becomes_a_recording_of_five_units_in_si_units(tmp_path: Path) -> None:
    table = columns()
    manifest = import_dataset(write(tmp_path, table), kind="hugadb", out=tmp_path / "out")[0]
    recording = load_recording(manifest, vocabulary=LABELS)
    assert (recording.id, recording.horse) == ("HuGaDB_v1_various_09_13", "s09")
    assert [stream.site for stream in recording.streams] == [site for site in SITES if site != "left_foot"]
    shin = recording.streams[1]
    np.testing.assert_allclose(shin.time_seconds, np.arange(ROWS) / RATE_HZ)
    np.testing.assert_allclose(shin.specific_force[:, 0], table["acc_rs_x"] / 16384 * 9.80665, rtol=1e-6)
    np.testing.assert_allclose(shin.angular_rate[:, 2], np.deg2rad(table["gyro_rs_z"] * 2000 / 32768), atol=1e-6)
    assert [bout.label for bout in recording.bouts] == ["walk", "up"]
    assert recording.bouts[0].start_seconds == 0.0
    assert recording.bouts[0].stop_seconds == pytest.approx(400 / RATE_HZ, abs=1e-6)
    assert recording.bouts[0].stop_seconds == recording.bouts[1].start_seconds


def test_which_unit_stays_away_is_an_option(tmp_path: Path) -> None:
    write(tmp_path, columns())
    six = load_recording(import_hugadb(tmp_path, out=tmp_path / "six", leave_out=None)[0])
    assert [stream.site for stream in six.streams] == list(SITES)
    five = load_recording(import_hugadb(tmp_path, out=tmp_path / "five", leave_out="right_thigh")[0])
    assert "right_thigh" not in [stream.site for stream in five.streams]
    with pytest.raises(BadInput, match="expected one of right_foot"):
        import_hugadb(tmp_path, out=tmp_path / "none", leave_out="neck")


def test_gyroscopes_at_the_narrow_range_get_their_true_scale_and_are_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    table = columns()
    for name in [name for name in table if name.startswith("gyro_l")]:
        table[name] = np.clip(table[name] * 8, -32768, 32767)
    manifest = import_hugadb(write(tmp_path, table), out=tmp_path / "out")[0]
    streams = {stream.site: stream for stream in load_recording(manifest).streams}
    for site in ("left_shin", "right_shin"):
        peak = np.rad2deg(np.abs(streams[site].angular_rate[:, 2]).max())
        assert peak == pytest.approx(20.0, abs=1.0)
    quality = json.loads(manifest.with_name("quality.json").read_text())
    assert quality["left_shin"]["gyroscope_at_250_deg_s"] == 1.0
    assert quality["right_shin"]["gyroscope_at_250_deg_s"] == 0.0
    assert "in 1 of 1 recordings gyroscopes ran at +-250 deg/s" in caplog.text


def test_readings_of_a_frozen_unit_become_nan(tmp_path: Path) -> None:
    table = columns()
    for axis in "xyz":
        table[f"gyro_rt_{axis}"][200:260] = 7
    manifest = import_hugadb(write(tmp_path, table), out=tmp_path / "out")[0]
    streams = {stream.site: stream for stream in load_recording(manifest).streams}
    assert np.flatnonzero(np.isnan(streams["right_thigh"].angular_rate[:, 0])).tolist() == list(range(200, 260))
    assert np.isnan(streams["right_thigh"].specific_force[200:260]).all()
    assert np.isfinite(streams["right_shin"].angular_rate).all()
    quality = json.loads(manifest.with_name("quality.json").read_text())
    assert quality["right_thigh"]["frozen"] == pytest.approx(60 / ROWS)


def test_half_a_second_without_a_change_is_frozen_and_less_is_not() -> None:
    counts = np.random.default_rng(0).integers(-500, 500, (200, 3)).astype(float)
    counts[50:79] = 1.0
    assert not frozen(counts).any()
    counts[79] = 1.0
    assert np.flatnonzero(frozen(counts)).tolist() == list(range(50, 80))


def test_an_activity_without_a_name_a_missing_column_and_an_empty_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no file of HuGaDB"):
        import_hugadb(tmp_path, out=tmp_path / "out")
    with pytest.raises(BadInput, match="the activity 13"):
        import_hugadb(write(tmp_path, columns() | {"act": np.full(ROWS, 13.0)}), out=tmp_path / "out")
    table = columns()
    del table["gyro_ls_y"]
    with pytest.raises(BadInput, match="a column gyro_ls_y"):
        import_hugadb(write(tmp_path, table), out=tmp_path / "out")


@pytest.mark.parametrize("kind", ["folder", "dangling link"])
def test_what_cannot_be_read_as_a_file_is_left_out_and_the_others_are_imported(kind: str, tmp_path: Path) -> None:
    source = tmp_path / "set"
    source.mkdir()
    write(source, columns())
    bad = source / "HuGaDB_v1_various_09_14.txt"
    if kind == "folder":
        bad.mkdir()
    else:
        bad.symlink_to(tmp_path / "nowhere.txt")
    refused: list[BadInput] = []
    manifests = import_hugadb(source, out=tmp_path / "out", refused=refused)
    assert [path.parent.name for path in manifests] == ["HuGaDB_v1_various_09_13"]
    assert [Path(fault.where) for fault in refused] == [bad]


def test_a_file_of_the_same_name_in_another_folder_is_left_out_by_name_and_not_written_over(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder, columns())
    refused: list[BadInput] = []
    assert len(import_hugadb(tmp_path, out=tmp_path / "out", refused=refused)) == 1
    assert "a second HuGaDB_v1_various_09_13 beside" in str(refused[0])
