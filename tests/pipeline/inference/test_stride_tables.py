"""The tables of strides: the field's column names, units beside them, a reason for what is absent."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from equigait.data.recording import Bout
from equigait.data.simulate import imu_streams
from equigait.pipeline.inference.stride_analysis import analyse_bouts
from equigait.pipeline.inference.stride_tables import RecordingStrides, write_stride_tables
from moving_horses import bout_of, ride_of


@pytest.fixture(scope="module")
def recordings() -> list[RecordingStrides]:
    found = []
    for gait in ("trot", "canter"):
        ride = ride_of(gait, horse=1)
        bouts = (bout_of(ride), Bout(ride.spec.seconds, ride.spec.seconds + 1.0, "stand"))
        analysed = analyse_bouts(imu_streams(ride), clock=ride.clock, bouts=bouts)
        found.append(RecordingStrides(gait, ride.horse.name, analysed))
    return found


def test_parquet_keeps_the_names_and_the_units_in_the_schema(
    recordings: list[RecordingStrides], tmp_path: Path
) -> None:
    paths = write_stride_tables(recordings, out=tmp_path, format="parquet")
    assert [path.name for path in paths] == ["strides.parquet", "stride_bouts.parquet", "symmetry.parquet"]
    schema = pa.parquet.read_schema(paths[0])
    units = {"stride_dur": b"s", "stride_freq": b"Hz", "MinDiff_head": b"mm", "SIUp_sac": b"1", "HHD": b"mm"}
    assert {name: schema.field(name).metadata[b"unit"] for name in units} == units


def test_csv_has_the_units_in_its_header(recordings: list[RecordingStrides], tmp_path: Path) -> None:
    strides = write_stride_tables(recordings, out=tmp_path, format="csv")[0]
    header = strides.read_text().splitlines()[0]
    assert '"stride_dur [s]"' in header
    assert '"MaxDiff_sac [mm]"' in header


def test_there_is_a_row_a_stride_a_row_a_bout_and_a_row_a_measure(
    recordings: list[RecordingStrides], tmp_path: Path
) -> None:
    strides, bouts, symmetry = (
        pa.parquet.read_table(path).to_pylist()
        for path in write_stride_tables(recordings, out=tmp_path, format="parquet")
    )
    assert len(strides) == sum(len(bout.strides) for each in recordings for bout in each.bouts)
    assert len(bouts) == 4
    assert len(symmetry) == 32
    trot, canter = strides[0], strides[-1]
    assert trot["gait"] == "trot"
    assert trot["lead"] is None
    assert trot["stride_freq"] == pytest.approx(1.0 / trot["stride_dur"], rel=1e-3)
    assert canter["lead"] in ("left", "right")
    assert canter["MinDiff_sac"] is None


def test_what_is_absent_has_its_reason_and_nothing_is_called_a_diagnosis(
    recordings: list[RecordingStrides], tmp_path: Path
) -> None:
    paths = write_stride_tables(recordings, out=tmp_path, format="csv")
    bouts = pa.csv.read_csv(paths[1]).to_pylist()
    assert "not for stand" in bouts[1]["absent"]
    symmetry = pa.csv.read_csv(paths[2]).to_pylist()
    assert {row["absent"] for row in symmetry if row["recording"] == "canter"} == {"no trot"}
    assert all(row["reference_source"] for row in symmetry if row["reference_low"] is not None)
    assert not any("lame" in path.read_text().lower() for path in paths)
