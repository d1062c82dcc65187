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


def spans_of(folder: Path, content: str | bytes) -> list[tuple[float, float, str, str]]:
    path = folder / "labels.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(span.start_seconds, span.stop_seconds, span.label, span.tier) for span in CsvSpans()(path)]


@pytest.mark.parametrize("column", ["horse", "Subject", "tier", "file", "video"])
def test_labels_of_several_horses_films_or_layers_stay_apart(column: str, tmp_path: Path) -> None:
    text = f"start,end,label,{column}\n1,5,walk,bella\n20,25,trot,carlo\n"
    assert spans_of(tmp_path, text) == [(1, 5, "walk", "bella"), (20, 25, "trot", "carlo")]


@pytest.mark.parametrize("twice", ["label", "start", "end"])
def test_a_column_that_stands_there_twice_is_refused(twice: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=f"the column {twice} twice"):
        spans_of(tmp_path, f"start,end,label,{twice}\n1,5,walk,7\n")


@pytest.mark.parametrize("mark", [",", "\t"])
def test_excel_writes_utf_16_and_rows_of_nothing(mark: str, tmp_path: Path) -> None:
    text = "start,end,label\n1,5,walk\n,,\n5,9.5,trot\n,,\n".replace(",", mark)
    assert CsvSpans().recognises(text.encode("utf-16"))
    assert [label for *_, label, _ in spans_of(tmp_path, text.encode("utf-16"))] == ["walk", "trot"]


@pytest.mark.parametrize("word", ["trot – frei", "Tölt", "trot…"])
def test_words_in_letters_of_windows_are_read_as_they_were_written(word: str, tmp_path: Path) -> None:
    ((*_, label, _),) = spans_of(tmp_path, f"start,end,label\n1,5,{word}\n".encode("cp1252"))
    assert label == word


@pytest.mark.parametrize("row", ['990.5,"1,010",walk', "1_0,2_0,walk"])
def test_numbers_in_two_manners_of_writing_are_refused(row: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="start and end in seconds"):
        spans_of(tmp_path, f"start,end,label\n{row}\n")


def test_a_note_may_hold_line_ends(tmp_path: Path) -> None:
    text = 'start,end,label,note\n1,5,walk,"a\n\nb"\n5,9.5,trot,x\n'
    assert [label for *_, label, _ in spans_of(tmp_path, text)] == ["walk", "trot"]


def test_a_quote_that_is_not_closed_is_refused_before_it_takes_other_rows(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"a quote that is not closed in line 1.*Close"):
        spans_of(tmp_path, 'start,end,label,note\n1,5,walk,"a\n5,9,trot,x\n9,12,walk,"b"\n')
