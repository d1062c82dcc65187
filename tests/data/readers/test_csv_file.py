"""CSV and its kin: every layout gives the same numbers, and no text makes the reader fall over."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.csv_file import CsvReader
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sensor_files import walking_table, write_csv

NAMES = ("time_s", "ax", "ay", "az", "gx", "gy", "gz")
FUZZ = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(path: Path, columns: tuple[str, ...] = NAMES) -> dict[str, np.ndarray]:
    return dict(CsvReader()(path, columns=columns).columns)


@pytest.mark.parametrize(
    ("delimiter", "decimal"), [(",", "."), (";", "."), (";", ","), ("\t", "."), ("\t", ","), (" ", ".")]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_any_delimiter_and_decimal_mark_gives_the_same_numbers(
    tmp_path: Path, delimiter: str, decimal: str, newline: str
) -> None:
    table = walking_table(1.0)
    columns = read(write_csv(tmp_path / "a.csv", table, delimiter=delimiter, decimal=decimal, newline=newline))
    assert list(columns) == list(NAMES)
    for name in NAMES:
        np.testing.assert_array_equal(columns[name], table[name])


def test_the_header_is_found_below_any_preamble(tmp_path: Path) -> None:
    preamble = '"sep=,"\n# made by hand\nDeviceTag: 7, left\n\n'
    table = walking_table(1.0)
    columns = read(write_csv(tmp_path / "a.csv", table, preamble=preamble))
    np.testing.assert_array_equal(columns["az"], table["az"])


def test_columns_of_a_file_without_a_header_are_counted_from_one(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.dat", walking_table(1.0), delimiter=" ", header=False)
    np.testing.assert_array_equal(read(path, ("1", "4"))["4"], walking_table(1.0)["az"])


def test_a_byte_order_mark_quotes_blanks_and_a_trailing_delimiter_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbf"time_s", "ax"\n0.0, 1.5,\n0.1, 2.5,\n')
    columns = read(path, ("time_s", "ax"))
    np.testing.assert_array_equal(columns["ax"], [1.5, 2.5])


def test_missing_values_are_nan_and_stay_in_their_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,ax\n0.0,1\n0.1,\n0.2,NaN\n0.3,null\n0.4,2\n")
    np.testing.assert_array_equal(read(path, ("t", "ax"))["ax"], [1, np.nan, np.nan, np.nan, 2])


@pytest.mark.parametrize("tail", ["0.3,7", "0.3,7.5,-", "0.3,7.5,1.", "0.3", "0.3,7\n", "0.3,7\n\0\0\0\0"])
def test_an_incomplete_last_line_is_left_out(tmp_path: Path, tail: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"t,ax,ay\n0.1,5.5,1.5\n0.2,6.5,2.5\n{tail}")
    np.testing.assert_array_equal(read(path, ("t", "ax"))["ax"], [5.5, 6.5])


def test_a_whole_last_line_without_a_newline_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,ax\n0.1,5.5\n0.2,6.5")
    np.testing.assert_array_equal(read(path, ("t", "ax"))["ax"], [5.5, 6.5])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("t,ax\n", "no rows"),
        ("t,ax\n\n\n", "no rows"),
        ("\n\n", "no line of data"),
        ("# only a comment\n", "no line of data"),
        ("t,ay\n0,1\n", "columns t, ay"),
        ("0,1\n1,2\n", "columns 1, 2 (numbers only, no header"),
        ("t,ax,ax\n0,1,2\n", "column ax 2 times"),
        ("t,ax\n0,1\n1,much\n2,3\n", "in column ax: invalid value 'much'"),
        ("t,ax\nleft,right\nup,down\n", "in column t: invalid value 'left'"),
        ("t,ax\n0,1\n1\n2,3\n", "Expected 2 columns, got 1"),
        ("t,ax\n0,1\n1,2,3\n2,3\n", "Expected 2 columns, got 3"),
        ("t;ax\n0,5;1.000,5\n", "invalid value"),
    ],
)
def test_what_is_no_table_of_numbers_is_refused_with_what_was_found(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(BadInput) as refusal:
        read(path, ("t", "ax"))
    assert found in refusal.value.found
    assert str(path) in str(refusal.value)


def test_text_in_utf_16_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,ax\n0,1\n", encoding="utf-16")
    with pytest.raises(BadInput, match=r"UTF-16.*UTF-8"):
        read(path, ("t", "ax"))


@pytest.mark.parametrize(
    "text",
    [
        '"t","ax"\n"0,00","1,5"\n"0,01","-2,5"\n',
        "date;t;ax\n31.05.2026 12:00:00.5;0,00;1,5\n31.05.2026 12:00:00.6;0,01;-2,5\n",
        't,ax\n"1",0.00,1.5\n"2",0.01,-2.5\n',
        "t ax\n1 0.00 1.5\n2 0.01 -2.5\n",
        "t,ax,\n0.00,1.5\n0.01,-2.5\n",
        "t,ax\ns,m/s^2\n0.00,1.5\n0.01,-2.5\n",
        "t,ax\n(s),(g)\n\n0.00,1.5\n0.01,-2.5\n",
        "     t    ax\n  0.00   1.5\n  0.01  -2.5\n",
        "t    ax\n0.00 1.5 \n0.01 -2.5\n",
        "t ax\n  0.00   1.5\n  0.01  -2.5\n",
    ],
    ids=[
        "quoted decimal commas",
        "decimal commas beside dates",
        "row names of R",
        "numbered rows of R",
        "a delimiter that only the header ends in",
        "a row of units",
        "a row of units in brackets and an empty line",
        "columns padded to the right",
        "columns padded to the left",
        "padded rows under a plain header",
    ],
)
def test_what_other_programs_write_is_read_as_they_mean_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(text)
    columns = read(path, ("t", "ax"))
    np.testing.assert_array_equal(columns["t"], [0.0, 0.01])
    np.testing.assert_array_equal(columns["ax"], [1.5, -2.5])


@pytest.mark.parametrize(("delimiter", "mark"), [(";", "."), ("\t", "."), (";", ","), ("\t", ",")])
def test_thousands_separators_are_refused_by_name(tmp_path: Path, delimiter: str, mark: str) -> None:
    path = tmp_path / "a.csv"
    rows = [f"{10 * row:,}{delimiter}{row % 7}".replace(",", mark) for row in range(200)]
    path.write_text("\n".join([f"t{delimiter}ax", *rows]))
    with pytest.raises(BadInput, match=rf"a thousands separator in t, such as 1\{mark}000"):
        read(path, ("t", "ax"))


def test_three_decimals_are_no_thousands(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,ax\n" + "".join(f"{row},{1 + row / 1000:.3f}\n" for row in range(200)))
    np.testing.assert_allclose(read(path, ("t", "ax"))["ax"], 1 + np.arange(200) / 1000)


def test_a_header_that_stands_there_again_is_refused_as_that(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,ax\n0,1\n1,2\nt,ax\n0,1\n1,2\n")
    with pytest.raises(BadInput, match="The header stands there again"):
        read(path, ("t", "ax"))


def test_a_header_in_latin_1_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("t;gx [°/s]\n0,0;1,5\n0,1;2,5\n".encode("latin-1"))
    np.testing.assert_array_equal(read(path, ("t", "gx [°/s]"))["gx [°/s]"], [1.5, 2.5])


@FUZZ
@given(
    values=st.lists(
        st.tuples(*[st.floats(allow_nan=False, allow_infinity=False, width=32)] * 3), min_size=1, max_size=8
    ),
    layout=st.sampled_from([(",", "."), (";", ","), ("\t", "."), (";", ".")]),
    preamble=st.sampled_from(["", "# note\n", "sep=;\n", "Model;X\nUnit;7\n"]),
)
def test_numbers_come_back_exactly(
    tmp_path: Path, values: list[tuple[float, ...]], layout: tuple[str, str], preamble: str
) -> None:
    table = dict(zip("tab", np.array(values).T, strict=True))
    path = write_csv(tmp_path / "a.csv", table, delimiter=layout[0], decimal=layout[1], preamble=preamble)
    columns = read(path, ("t", "a", "b"))
    for name, column in table.items():
        np.testing.assert_array_equal(columns[name], column)


CELLS = st.one_of(
    st.sampled_from(
        ["", "0", "1.5", "-2,5", "1e5", "nan", "inf", "-", '"', '"a', "x y", "#", "//", "t", "ax", "\0", "é", "1.2.3"]
    ),
    st.text(max_size=4),
)
LINES = st.builds(
    lambda cells, mark, end: mark.join(cells) + end,
    st.lists(CELLS, max_size=5),
    st.sampled_from([",", ";", "\t", " "]),
    st.sampled_from(["\n", "\r\n", "\r", ""]),
)


@FUZZ
@given(lines=st.lists(LINES, max_size=8), header=st.sampled_from(["", "t,ax\n", "t;ax\r\n", '"t"\t"ax"\n']))
def test_any_text_is_read_or_refused(tmp_path: Path, lines: list[str], header: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes((header + "".join(lines)).encode("utf-8", "surrogatepass"))
    columns, message = {"t": np.zeros(1), "ax": np.zeros(1)}, str(path)
    try:
        columns = read(path, ("t", "ax"))
    except BadInput as refusal:
        message = str(refusal)
    assert str(path) in message
    assert "\n" not in message
    assert len(columns["t"]) == len(columns["ax"]) > 0


@FUZZ
@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"t,ax\n0,1\n" + data)
    message = ""
    try:
        read(path, ("t", "ax"))
    except BadInput as refusal:
        message = str(refusal)
    assert "\n" not in message


@pytest.mark.parametrize("name", ["sensor", "Sensor ID", "device_name", "MAC address", "imu"])
def test_rows_of_several_sensors_by_a_column_that_says_so_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "all.csv"
    rows = [f"{at / 100},{'left' if at < 60 else 'right'},1.5" for at in range(100)]
    path.write_text(f"t,{name},ax\n" + "\n".join(rows))
    with pytest.raises(BadInput, match=f"rows of 2 sensors by the column {name}: left, right"):
        read(path, ("t", "ax"))


@pytest.mark.parametrize("words", [["left"], ["left", ""], [f"row {at}" for at in range(100)]])
def test_a_column_of_one_sensors_name_or_of_a_name_a_row_is_no_matter(tmp_path: Path, words: list[str]) -> None:
    path = tmp_path / "one.csv"
    path.write_text("t;sensor;ax\n" + "".join(f"{at},5;{words[at % len(words)]};1,5\n" for at in range(100)))
    np.testing.assert_array_equal(read(path, ("t", "ax"))["ax"], np.full(100, 1.5))


@pytest.mark.parametrize(("last", "rows"), [("1.50", 61), ("1.5", 60), ("1", 60), ("-", 60), ("", 61)])
def test_a_last_number_with_fewer_decimals_than_all_before_was_cut_off(tmp_path: Path, last: str, rows: int) -> None:
    path = tmp_path / "w.csv"
    path.write_text("t,ax\n" + "".join(f"{at},{at / 7:.2f}\n" for at in range(60)) + f"60,{last}")
    assert len(read(path, ("t", "ax"))["ax"]) == rows
    path.write_text("t,ax\n" + "".join(f"{at},{round(at / 8, 3)}\n" for at in range(60)) + "60,7.5")
    assert len(read(path, ("t", "ax"))["ax"]) == 61


def test_dates_in_place_of_seconds_are_refused_as_that(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for stamp in ("2026-05-31T12:00:00.5", "12:00:00.5"):
        path.write_text(f"t,ax\n{stamp},1.5\n")
        with pytest.raises(BadInput, match="plain numbers in place of dates and clock times"):
            read(path, ("t", "ax"))


def test_a_first_line_that_numbers_the_columns_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("0,1,2\n1.5,2.5,3.5\n4.5,5.5,6.5\n")
    with pytest.raises(BadInput, match="a first line that numbers the columns, 0,1,2"):
        CsvReader()(tmp_path / "a.csv", columns=("1", "3"))
    np.testing.assert_array_equal(CsvReader()(tmp_path / "a.csv", columns=("2",)).columns["2"], [3.5, 6.5])
