"""Embeddings of recordings as a table: the student's own numbers, row by row, and where they come from."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.data.manifest.load import load_sensors
from equigait.data.resample import to_grid
from equigait.pipeline.embed import write_embeddings
from equigait.pipeline.recipe import load_run_recipe
from equigait.pipeline.training.checkpoint import load_student
from rides import ride_run, write_ride

HOP, STEPS = 125, 250


def expected_of(ride: Path, *, run: Path) -> np.ndarray:
    """The student asked window by window, cut by hand."""
    grid, student = to_grid(load_sensors(ride), spec=load_run_recipe(run).grid), load_student(run).eval()
    starts = range(0, len(grid.imu) - STEPS + 1, HOP)
    with torch.no_grad():
        return np.stack([student(torch.from_numpy(grid.imu[s : s + STEPS].T.copy())[None])[0].numpy() for s in starts])


def values_of(table: pyarrow.Table) -> np.ndarray:
    return np.stack([table.column(f"e{n}").to_numpy() for n in range(table.num_columns - 4)], axis=1)


def test_a_row_is_what_the_student_makes_of_its_window(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h6")
    with caplog.at_level("INFO"):
        found = write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out")
    table = pyarrow.parquet.read_table(found.file)
    assert found.file == tmp_path / "out" / "embeddings.parquet"
    assert table.column_names[:5] == ["recording", "horse", "start_s", "stop_s", "e0"]
    assert set(table.column("recording").to_pylist()) == {"mare"}
    assert set(table.column("horse").to_pylist()) == {"h6"}
    assert table.column("start_s").to_numpy()[:3] == pytest.approx([0.0, 2.5, 5.0], abs=1e-3)
    assert table.column("stop_s").to_numpy() == pytest.approx(table.column("start_s").to_numpy() + 5.0)
    np.testing.assert_allclose(values_of(table), expected_of(ride, run=ride_run()), atol=1e-5)
    assert str(found).splitlines() == [f"mare: {table.num_rows} windows", f"table: {found.file}"]
    assert caplog.messages == [f"[1/1] {ride / 'recording.yaml'}"]


def test_the_parquet_file_names_the_checkpoint_that_made_it(tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "mare", horse="h6")
    found = write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out")
    metadata = pyarrow.parquet.read_schema(found.file).metadata
    checkpoint = (ride_run() / "checkpoint.safetensors").read_bytes()
    assert metadata[b"equigait.checkpoint_sha256"].decode() == hashlib.sha256(checkpoint).hexdigest()


def test_csv_holds_the_same_numbers(tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "mare", horse="h6")
    table = pyarrow.parquet.read_table(write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out").file)
    found = write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out", format="csv")
    with found.file.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == table.num_rows
    assert float(rows[7]["e3"]) == pytest.approx(table.column("e3")[7].as_py(), rel=1e-6)


def test_windows_that_are_not_valid_have_no_row_and_are_counted(tmp_path: Path) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h5")
    whole = pyarrow.parquet.read_table(write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out").file)
    lines = (ride / "sacrum.csv").read_text().splitlines()
    (ride / "sacrum.csv").write_text("\n".join(lines[:3001] + lines[3101:]) + "\n")  # one second at 30 s is lost
    found = write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out")
    table = pyarrow.parquet.read_table(found.file)
    start = table.column("start_s").to_numpy()
    assert not np.any((start < 31) & (start + 5 > 30))
    assert f"{whole.num_rows - table.num_rows} of {whole.num_rows} not valid" in str(found)


def test_a_recording_without_one_valid_window_has_no_row_and_stops_nothing(tmp_path: Path) -> None:
    lost = write_ride(tmp_path / "data" / "lost", horse="h5")
    header, *lines = (lost / "sacrum.csv").read_text().splitlines()
    kept = [line for number, line in enumerate(lines) if number % 400 < 300]  # a second of every four is lost
    (lost / "sacrum.csv").write_text("\n".join([header, *kept]) + "\n")
    write_ride(tmp_path / "data" / "mare", horse="h6")
    found = write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out")
    assert set(pyarrow.parquet.read_table(found.file).column("recording").to_pylist()) == {"mare"}
    assert str(found).startswith("lost: 0 windows, ")


def test_a_recording_that_cannot_be_read_is_named_and_the_others_are_embedded(tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "good", horse="h6")
    bad = write_ride(tmp_path / "data" / "bad", horse="h5")
    (bad / "recording.yaml").write_text((bad / "recording.yaml").read_text().replace("site: sacrum", "site: poll"))
    found = write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out")
    assert [each.recording for each in found.embedded] == ["good"]
    (reason,) = found.failed.values()
    assert f"left out: {reason}" in str(found)
    with pytest.raises(BadInput, match="no sensor at sacrum"):
        write_embeddings(bad, run=ride_run(), out=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_sensor_that_was_not_worn_may_be_left_blank(tmp_path: Path) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h6")
    (ride / "recording.yaml").write_text((ride / "recording.yaml").read_text().replace("site: sacrum", "site: girth"))
    found = write_embeddings(tmp_path / "data", run=ride_run(), out=tmp_path / "out", allow_missing=True)
    assert np.isfinite(values_of(pyarrow.parquet.read_table(found.file))).all()
    assert str(found).splitlines()[0].endswith("without sacrum")
