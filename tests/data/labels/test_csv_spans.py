"""Labels as CSV: any layout, any damage."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput
from equigait.data.labels.csv_spans import CsvSpans
from equigait.data.labels.table import Span
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "text",
    [
        "start,end,label\n0.5,2.5,walk\n",
        "start;end;label\r\n0,5;2,5;walk\r\n",
        "start\tend\tlabel\n0.5\t2.5\twalk\n",
        'horse,"label", "start",end,note\nh01, walk ,0.5, 2.5,"a, b"\n',
        "\ufeffstart,end,label\n0.5,2.5,walk\n\n",
        '"start","end","label"\n"1",0.5,2.5,"walk"\n',
        "start,end,label\n0.5,2.5,walk,\n",
        "Start,End,Label\n0.5,2.5,walk\n",
    ],
)
def test_spans_are_read_from_any_kin_of_csv(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    assert CsvSpans().recognises(path.read_bytes())
    assert CsvSpans()(path) == (Span(0.5, 2.5, "walk", "row 1"),)


def test_names_that_r_gives_to_rows_are_no_starts(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text('"start","end","label"\n"1",5,10,"walk"\n"2",10,20,"trot"\n"9",20,25,"walk"\n')
    assert [(span.start_seconds, span.stop_seconds, span.label) for span in CsvSpans()(path)] == [
        (5.0, 10.0, "walk"),
        (10.0, 20.0, "trot"),
        (20.0, 25.0, "walk"),
    ]


@pytest.mark.parametrize("row", ["0,5,2,5,walk", "0,10,walk, slow", '"7",0,10,walk'])
def test_a_row_of_more_fields_than_the_header_is_refused(tmp_path: Path, row: str) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"start,end,label\n{row}\n")
    with pytest.raises(BadInput, match=r"fields in row 1; expected 3.*Quote.*row.names = FALSE"):
        CsvSpans()(path)


def test_a_file_of_labels_without_a_row_has_no_spans(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("start,end,label\n")
    assert CsvSpans()(path) == ()


def test_a_declared_file_with_another_header_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text("begin,end,label\n0,1,walk\n")
    with pytest.raises(BadInput, match="begin,end,label"):
        CsvSpans()(path)


@settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rest=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda text: text.encode("utf-8"))))
def test_any_bytes_below_the_header_are_read_or_refused(tmp_path: Path, rest: bytes) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"start,end,label\n" + rest)
    message = ""
    try:
        CsvSpans()(path)
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message
