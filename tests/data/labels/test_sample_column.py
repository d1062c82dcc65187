"""A label beside every sample: runs become spans, gaps and empty rows stay unlabelled."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from equigait.data.errors import BadInput
from equigait.data.labels.bouts import Labels, read_bouts
from equigait.data.recording import Bout, ClockMap
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vendor_files import damaged

SAMPLES = {"column": "gait", "time": {"column": "t", "unit": "ms"}}


def rows(*runs: tuple[int, int, str]) -> str:
    """Ten samples a second: from one sample to another, a label."""
    lines = [f"{100 * at},{0.5 * at},{label}" for begin, end, label in runs for at in range(begin, end)]
    return "\n".join(["t,ax,gait", *lines]) + "\n"


def bouts(path: Path, *, vocabulary: tuple[str, ...] | None = None, **samples: object) -> tuple[Bout, ...]:
    labels = Labels.model_validate({"path": path.name, "time": "imu", "samples": SAMPLES | samples})
    return read_bouts(labels, folder=path.parent, clock=ClockMap(offset_seconds=100.0), vocabulary=vocabulary)


def test_runs_last_until_the_next_sample_and_gaps_end_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(rows((0, 20, "walk"), (20, 30, ""), (30, 50, "trot"), (50, 60, "walk"), (90, 95, "walk")))
    expected = [(100.0, 102.0, "walk"), (103.0, 105.0, "trot"), (105.0, 106.0, "walk"), (109.0, 109.5, "walk")]
    found = [(round(bout.start_seconds, 6), round(bout.stop_seconds, 6), bout.label) for bout in bouts(path)]
    assert found == expected


def test_parquet_and_numbers_serve_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pa.parquet.write_table(pa.table({"t": list(range(0, 1000, 100)), "gait": [1] * 5 + [None] * 2 + [2] * 3}), path)
    assert [(bout.label, round(bout.stop_seconds, 6)) for bout in bouts(path)] == [("1", 100.5), ("2", 101.0)]


def test_a_steady_rate_gives_the_times(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(rows((0, 20, "walk"), (20, 30, "trot")))
    assert bouts(path, time={"rate_hz": 50.0})[1].start_seconds == pytest.approx(100.4)


def test_labels_outside_the_vocabulary_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(rows((0, 20, "walk"), (20, 30, "piaffe")))
    with pytest.raises(BadInput, match="the labels piaffe"):
        bouts(path, vocabulary=("walk", "trot"))


@pytest.mark.parametrize("missing", ["gait", "t"])
def test_a_missing_column_is_refused(tmp_path: Path, missing: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(rows((0, 20, "walk")).replace(missing, "other", 1))
    with pytest.raises(BadInput, match=f"expected a column {missing}"):
        bouts(path)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(damaged(rows((0, 20, "walk"), (20, 40, "trot")), data=data, longest=60))
    message, found = "", ()
    try:
        found = bouts(path)
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message
    assert all(bout.stop_seconds > bout.start_seconds for bout in found)


@pytest.mark.parametrize("time", [SAMPLES["time"], {"rate_hz": 10.0}])
def test_a_row_of_units_below_the_names_is_no_sample(tmp_path: Path, time: dict[str, object]) -> None:
    path = tmp_path / "a.csv"
    path.write_text(rows((0, 20, "walk"), (20, 30, "trot")).replace("gait\n", "gait\nms,m/s^2,-\n"))
    found = [(round(bout.start_seconds, 6), round(bout.stop_seconds, 6), bout.label) for bout in bouts(path, time=time)]
    assert found == [(100.0, 102.0, "walk"), (102.0, 103.0, "trot")]


def test_columns_padded_with_blanks_are_read_and_a_name_given_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    text = rows((0, 20, "walk"), (20, 30, "trot"))
    path.write_text(text.replace(",", "   "))
    assert [bout.label for bout in bouts(path)] == ["walk", "trot"]
    path.write_text(text.replace("ax", "gait"))
    with pytest.raises(BadInput, match="the column gait 2 times"):
        bouts(path)


def test_words_that_look_alike_are_one_run(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    words = ["t\u00f6lt", "to\u0308lt", "t\u00f6lt\u200b", "t\u00f6lt\u00a0"]
    path.write_text(rows(*((at, at + 1, words[at % 4]) for at in range(20))), encoding="utf-8")
    assert [(bout.label, round(bout.stop_seconds, 6)) for bout in bouts(path)] == [("t\u00f6lt", 102.0)]
