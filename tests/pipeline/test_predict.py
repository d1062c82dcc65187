"""Gaits of sensor files that nobody has labelled, from folder to tables."""

import csv
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
import torch
from equigait.data.errors import BadInput
from equigait.data.labels import FORMATS
from equigait.data.manifest.load import load_sensors
from equigait.data.resample import to_grid
from equigait.pipeline.datasets.recording_windows import recorded_windows
from equigait.pipeline.inference.bouts import find_bouts
from equigait.pipeline.inference.prediction import RecordingPrediction
from equigait.pipeline.inference.settings import PredictionSettings
from equigait.pipeline.inference.timeline import Timeline
from equigait.pipeline.predict import Prediction, predict
from equigait.pipeline.probing.probe_file import load_probe
from equigait.pipeline.probing.student_probe import network_of
from equigait.pipeline.recipe import load_run_recipe
from equigait.pipeline.students.embedding import embed
from equigait.pipeline.training.checkpoint import load_student
from rides import probed_run, ride_recipe, write_ride


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed_run(tmp_path_factory.mktemp("predict"))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def test_bouts_of_an_unseen_horse_are_those_that_it_went(run: Path, tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "mare", horse="h6", gaits=(1, 0, 2))
    found = predict(tmp_path / "data", run=run, out=tmp_path / "out")
    assert [path.name for path in found.files] == [
        "timeline.csv",
        "bouts.csv",
        "summary.csv",
        "reins.csv",
        "transitions.csv",
    ]
    bouts = [(b.label, b.start_seconds, b.stop_seconds) for b in found.predicted[0].bouts]
    assert [bout[0] for bout in bouts] == ["trot", "walk", "canter"]
    assert [bout[1] for bout in bouts] == pytest.approx([0, 20, 40], abs=2.5)
    assert found.failed == {}
    assert str(found).splitlines()[0] == "mare: walk 0.3 min, trot 0.3 min, canter 0.3 min"


def test_a_gait_of_a_moment_is_given_in_seconds() -> None:
    starts = np.array([0.0, 1.0, 2.0])
    sure = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]])  # middles at 1, 2 and 3 s
    timeline = Timeline("mare", "h6", ("walk", "trot"), starts, starts + 2.0, np.ones(3, dtype=bool), sure, np.zeros(3))
    predicted = RecordingPrediction(timeline, find_bouts(timeline))
    prediction = Prediction((predicted,), (), {})
    assert [(bout.label, bout.start_seconds, bout.stop_seconds) for bout in predicted.bouts] == [
        ("walk", 0.0, 2.5),
        ("trot", 2.5, 4.0),
    ]
    assert str(prediction).splitlines()[0] == "mare: walk 2.5 s, trot 1.5 s"


def test_of_a_long_ride_windows_are_left_out_where_nothing_changes(run: Path, tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "mare", horse="h6", gaits=(1, 0, 2))
    (dense,) = predict(tmp_path / "data", run=run, out=tmp_path / "dense").predicted
    settings = PredictionSettings(dense_seconds=30.0)
    (some,) = predict(tmp_path / "data", run=run, out=tmp_path / "some", settings=settings).predicted
    rows = np.searchsorted(dense.timeline.start_seconds, some.timeline.start_seconds)
    assert len(rows) < 0.6 * len(dense.timeline.valid)
    assert np.diff(rows).max() == 8  # 4 s, and at changes of gait each
    np.testing.assert_array_equal(some.timeline.start_seconds, dense.timeline.start_seconds[rows])
    np.testing.assert_allclose(some.timeline.probability, dense.timeline.probability[rows], atol=1e-6)
    assert [bout.label for bout in some.bouts] == ["trot", "walk", "canter"]
    starts = [[bout.start_seconds for bout in each.bouts] for each in (some, dense)]
    assert starts[0] == pytest.approx(starts[1], abs=0.5)


def test_the_tables_say_the_same_as_the_prediction(run: Path, tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "mare", horse="h6")
    found = predict(tmp_path / "data", run=run, out=tmp_path / "out")
    windows, bouts, summary, reins, transitions = (rows_of(path) for path in found.files)
    timeline = found.predicted[0].timeline
    assert len(windows) == len(timeline.label) == 111
    assert [row["label"] for row in windows] == list(timeline.label)
    assert float(windows[3]["p_trot"]) == pytest.approx(timeline.probability[3, 1])
    assert [float(row["start_s"]) for row in windows] == pytest.approx(timeline.start_seconds, abs=1e-3)
    assert [row["label"] for row in bouts] == [bout.label for bout in found.predicted[0].bouts]
    assert sum(float(row["percent"]) for row in summary) == pytest.approx(100)
    assert sum(float(row["minutes"]) for row in summary) == pytest.approx(1.0, abs=0.01)
    for gait in ("walk", "trot", "canter"):
        (whole,) = (float(row["minutes"]) for row in summary if row["label"] == gait)
        assert sum(float(row["minutes"]) for row in reins if row["gait"] == gait) == pytest.approx(whole, abs=1e-9)
    assert [(row["from"], row["to"]) for row in transitions] == [("walk", "trot"), ("trot", "canter")]
    assert [float(row["at_s"]) for row in transitions] == [float(row["start_s"]) for row in bouts[1:]]


def test_a_gap_is_not_valid_and_gets_no_label(run: Path, tmp_path: Path) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h5")
    lines = (ride / "sacrum.csv").read_text().splitlines()
    (ride / "sacrum.csv").write_text("\n".join(lines[:3001] + lines[3101:]) + "\n")  # one second at 30 s is lost
    found = predict(tmp_path / "data", run=run, out=tmp_path / "out")
    rows = rows_of(found.files[0])
    lost = [row for row in rows if float(row["start_s"]) < 31 and float(row["stop_s"]) > 30]
    assert lost
    assert {(row["valid"], row["label"], row["p_walk"]) for row in lost} == {("false", "", "")}
    assert {row["valid"] for row in rows if row not in lost} == {"true"}
    assert f"{len(lost)} of {len(rows)} windows not valid" in str(found)


def test_tables_come_as_parquet_too(run: Path, tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "mare", horse="h6")
    found = predict(tmp_path / "data", run=run, out=tmp_path / "out", format="parquet")
    table = pyarrow.parquet.read_table(found.files[0])
    assert table.column("recording").to_pylist() == ["mare"] * 111
    assert np.array(table.column("p_walk").to_pylist())[:3] == pytest.approx(
        found.predicted[0].timeline.probability[:3, 0]
    )


def test_a_film_or_labels_named_in_the_manifest_need_not_be_there(run: Path, tmp_path: Path) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h6")
    with (ride / "recording.yaml").open("a") as file:
        file.write("film: gone.mp4\nclock: {origin: by-hand, offset_seconds: 100.0}\n")
    found = predict(tmp_path / "data", run=run, out=tmp_path / "out")
    assert found.predicted[0].timeline.start_seconds[0] == pytest.approx(100.0)


def test_a_recording_without_the_sites_is_named_and_the_others_are_predicted(run: Path, tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "good", horse="h6")
    bad = write_ride(tmp_path / "data" / "bad", horse="h5")
    manifest = bad / "recording.yaml"
    manifest.write_text(manifest.read_text().replace("site: sacrum", "site: poll"))
    found = predict(tmp_path / "data", run=run, out=tmp_path / "out")
    assert [each.timeline.recording for each in found.predicted] == ["good"]
    (reason,) = found.failed.values()
    assert "sacrum" in reason
    assert f"left out: {reason}" in str(found)


def test_a_sensor_that_stops_may_be_left_blank_from_there_on(run: Path, tmp_path: Path) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h6", gaits=(1, 0, 2))
    file = ride / "sacrum.csv"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[: 2 * len(lines) // 3]))
    strict = predict(tmp_path / "data", run=run, out=tmp_path / "out").predicted[0].timeline
    loose = predict(tmp_path / "data", run=run, out=tmp_path / "out", allow_missing=True).predicted[0].timeline
    assert 0 < strict.valid.sum() < loose.valid.sum() == len(loose.valid)
    np.testing.assert_allclose(loose.probability[strict.valid], strict.probability[strict.valid], atol=1e-6)


def test_a_sensor_that_is_missing_may_be_left_blank(run: Path, tmp_path: Path) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h6", gaits=(1, 0, 2))
    manifest = ride / "recording.yaml"
    manifest.write_text(manifest.read_text().replace("site: sacrum", "site: girth"))
    with pytest.raises(BadInput, match=r"no sensor at sacrum; there are withers, girth.*--allow-missing"):
        predict(tmp_path / "data", run=run, out=tmp_path / "out")
    found = predict(tmp_path / "data", run=run, out=tmp_path / "out", allow_missing=True)
    assert found.predicted[0].missing == ("sacrum",)
    assert str(found).splitlines()[0].endswith("without sacrum")
    assert {row["missing_sites"] for row in rows_of(found.files[2])} == {"sacrum"}
    assert found.predicted[0].timeline.valid.all()
    manifest.write_text(manifest.read_text().replace("site: girth", "site: sacrum"))
    grid = to_grid(load_sensors(ride), spec=load_run_recipe(run).grid)
    starts = np.arange(len(found.predicted[0].timeline.valid)) * 25  # a hop of 0.5 s
    windows = np.stack([grid.imu[start : start + 250].T for start in starts])
    windows[:, 6:] = np.nan  # the second site's channels
    classifier = load_probe(run)
    network = network_of(load_student(run), classifier=classifier, rate_hz=50.0)
    expected = classifier.probabilities(embed(network, torch.from_numpy(windows)))
    assert found.predicted[0].timeline.probability == pytest.approx(expected, abs=1e-6)


def test_a_ride_without_any_of_the_sensors_is_refused_all_the_same(run: Path, tmp_path: Path) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h6")
    manifest = ride / "recording.yaml"
    text = manifest.read_text().replace("site: sacrum", "site: girth").replace("site: withers", "site: tail")
    manifest.write_text(text)
    with pytest.raises(BadInput, match="no sensor at withers, sacrum"):
        predict(tmp_path / "data", run=run, out=tmp_path / "out", allow_missing=True)


def test_when_nothing_can_be_predicted_the_first_reason_is_raised(run: Path, tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "slow", horse="h6", rate_hz=20.0)
    with pytest.raises(BadInput, match="20"):
        predict(tmp_path / "data", run=run, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_second_recording_of_one_name_is_left_out_and_named_so_that_no_table_mixes_the_two(
    run: Path, tmp_path: Path
) -> None:
    for folder, gait in (("a", 0), ("b", 1)):
        write_ride(tmp_path / "data" / folder / "ride", horse="h6", gaits=(gait,))
    found = predict(tmp_path / "data", run=run, out=tmp_path / "out")
    assert [{bout.label for bout in each.bouts} for each in found.predicted] == [{"walk"}]
    assert len(found.failed) == 1
    assert str(Path("b") / "ride") in "".join(found.failed.values())


def test_tables_without_rows_have_their_columns(run: Path, tmp_path: Path) -> None:
    ride = write_ride(tmp_path / "data" / "mare", horse="h5")
    header, *lines = (ride / "sacrum.csv").read_text().splitlines()
    kept = [line for number, line in enumerate(lines) if number % 400 < 300]  # a second of every four is lost
    (ride / "sacrum.csv").write_text("\n".join([header, *kept]) + "\n")
    for format in ("csv", "parquet"):
        found = predict(tmp_path / "data", run=run, out=tmp_path / "out", format=format)
        assert not found.predicted[0].timeline.valid.any()
    assert (tmp_path / "out" / "bouts.csv").read_text().startswith('"recording","horse","start_s"')
    assert pyarrow.parquet.read_table(tmp_path / "out" / "bouts.parquet").num_rows == 0


def test_parquet_tables_say_the_units_of_their_columns(run: Path, tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "mare", horse="h6", gaits=(1,))
    predict(tmp_path / "data", run=run, out=tmp_path / "out", format="parquet")
    units = {"timeline": ("start_s", b"s"), "bouts": ("confidence", b"1"), "summary": ("minutes", b"min")}
    for table, (column, unit) in units.items():
        schema = pyarrow.parquet.read_schema(tmp_path / "out" / f"{table}.parquet")
        assert schema.field(column).metadata[b"unit"] == unit
    walk = pyarrow.parquet.read_schema(tmp_path / "out" / "timeline.parquet").field("p_walk")
    assert walk.metadata[b"unit"] == b"1"


def test_bouts_are_written_as_labels_that_read_back_the_same(run: Path, tmp_path: Path) -> None:
    write_ride(tmp_path / "data" / "mare", horse="h6", gaits=(1, 0, 2))
    found = predict(
        tmp_path / "data", run=run, out=tmp_path / "out", settings=PredictionSettings(label_formats=("elan", "csv"))
    )
    assert [path.name for path in found.files[5:]] == ["mare.eaf", "mare.csv"]
    bouts = [(round(b.start_seconds, 3), round(b.stop_seconds, 3), b.label) for b in found.predicted[0].bouts]
    for path, reader in zip(found.files[5:], ("elan", "csv"), strict=True):
        read = [(span.start_seconds, span.stop_seconds, span.label) for span in FORMATS[reader](path)]
        assert read == [(pytest.approx(start), pytest.approx(stop), label) for start, stop, label in bouts]
    with pytest.raises(BadInput, match="one of csv, elan"):
        predict(tmp_path / "data", run=run, out=tmp_path / "out", settings=PredictionSettings(label_formats=("srt",)))


def test_a_sensor_without_gyroscope_is_refused_with_a_way_out_for_a_run_that_is_done(tmp_path: Path) -> None:
    """`--set grid.signals=...`, as phase one is told, is no option of `predict`."""
    ride = write_ride(tmp_path / "rides" / "cora", horse="h5")
    manifest = ride / "recording.yaml"
    turning = "    angular_rate: {columns: [gx, gy, gz], unit: rad/s}"
    manifest.write_text(manifest.read_text().replace(turning, "    angular_rate: none"))
    with pytest.raises(
        BadInput, match=r"no angular rate at withers.*as in the run's training.*pretrain a run"
    ) as refusal:
        recorded_windows(load_sensors(ride), settings=ride_recipe())
    assert "--set" not in str(refusal.value)
