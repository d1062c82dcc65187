"""`strides`: from recordings with labels, or from a prediction's bouts, to tables; bad input is refused."""

from pathlib import Path

import pyarrow.csv
import pytest
import yaml
from equigait.data.errors import BadInput
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.inference.table_files import write_table
from equigait.pipeline.strides import find_strides, read_bout_table


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("yard")
    simulate_yard(out, spec=YardSpec(horses=2, seconds=40.0, film=False, imu_rate_hz=(100.0, 100.0)))
    return out


def bout_table(folder: Path, rows: list[tuple[str, float, float, str]]) -> Path:
    import pyarrow as pa

    columns = dict(zip(("recording", "start_s", "stop_s", "label"), map(list, zip(*rows, strict=True)), strict=True))
    return write_table(pa.table(columns), out=folder, name="bouts", format="csv")


def test_labelled_recordings_give_their_strides(yard: Path, tmp_path: Path) -> None:
    result = find_strides(yard, out=tmp_path)
    assert [path.name for path in result.files] == ["strides.csv", "stride_bouts.csv", "symmetry.csv"]
    rows = pyarrow.csv.read_csv(result.files[0]).to_pylist()
    assert {row["recording"] for row in rows} == {"h000-r00", "h001-r00"}
    assert "no diagnosis" in str(result)


def test_a_table_of_bouts_serves_recordings_without_labels(yard: Path, tmp_path: Path) -> None:
    labelled = find_strides(yard, out=tmp_path / "labelled")
    rows = [
        (each.recording, bout.bout.start_seconds, bout.bout.stop_seconds, bout.bout.label)
        for each in labelled.recordings
        for bout in each.bouts
    ]
    again = find_strides(yard, out=tmp_path / "again", bouts=bout_table(tmp_path, rows))
    assert again.files[0].read_bytes() == labelled.files[0].read_bytes()


def test_a_recording_that_the_table_lacks_is_left_out_with_the_reason(yard: Path, tmp_path: Path) -> None:
    table = bout_table(tmp_path, [("h000-r00", 5.0, 15.0, "walk")])
    result = find_strides(yard, out=tmp_path, bouts=table)
    assert len(result.recordings) == 1
    assert "no bout of h001-r00" in next(iter(result.failed.values()))


def test_a_recording_without_labels_is_refused_with_the_way_out(yard: Path, tmp_path: Path) -> None:
    source = yard / "h000-r00" / "recording.yaml"
    manifest = yaml.safe_load(source.read_text())
    del manifest["labels"]
    for sensor in manifest["sensors"]:
        sensor["path"] = str(source.parent / sensor["path"])
    (tmp_path / "recording.yaml").write_text(yaml.safe_dump(manifest))
    with pytest.raises(BadInput, match="--bouts"):
        find_strides(tmp_path, out=tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "found"),
    [("a,b\n1,2\n", "the columns a, b"), ("recording,start_s,stop_s,label\nx,5,4,walk\n", "the row"), ("", "mpty")],
)
def test_another_table_is_refused(text: str, found: str, tmp_path: Path) -> None:
    path = tmp_path / "bouts.csv"
    path.write_text(text)
    with pytest.raises(BadInput, match=found):
        read_bout_table(path)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such file"):
        read_bout_table(tmp_path / "bouts.csv")
