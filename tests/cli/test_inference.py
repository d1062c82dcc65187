"""Commands that put a run to use, from the command line: results on standard output, progress beside it, exit codes."""

import io
import re
from pathlib import Path

import pytest
from command_line import run as say
from rides import probed_run, ride_run, write_ride

TABLES = ("timeline", "bouts", "summary", "reins", "transitions")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probed_run(tmp_path_factory.mktemp("used"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    write_ride(tmp_path / "data" / "mare", horse="h6")
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("command", "format", "files"),
    [
        ("predict", (), {f"{name}.csv" for name in TABLES}),
        ("predict", ("--format", "parquet"), {f"{name}.parquet" for name in TABLES}),
        ("embed", (), {"embeddings.parquet"}),
        ("embed", ("--format", "csv"), {"embeddings.csv"}),
    ],
)
def test_tables_come_in_the_format_asked_for(
    command: str,
    format: tuple[str, ...],
    files: set[str],
    run: Path,
    data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert say(command, data, "--run", run, "--out", tmp_path / "out", *format) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == files
    said = capsys.readouterr()
    assert said.out.startswith("mare: ")
    assert said.err.startswith(f"[1/1] {data / 'mare' / 'recording.yaml'}\nnext: equigait-cli ")


@pytest.mark.parametrize("command", ["predict", "embed"])
def test_a_recording_left_out_is_told_and_ends_with_exit_code_3(
    command: str, run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write_ride(data / "bad", horse="h5")
    (bad / "recording.yaml").write_text((bad / "recording.yaml").read_text().replace("site: sacrum", "site: poll"))
    assert say(command, data, "--run", run, "--out", tmp_path / "out") == 3
    out = capsys.readouterr().out
    assert "\nmare: " in f"\n{out}"
    assert "left out: " in out
    assert "no sensor at sacrum" in out
    assert any((tmp_path / "out").iterdir())


@pytest.mark.parametrize("command", ["predict", "embed"])
def test_a_kind_of_table_that_is_not_there_is_refused(
    command: str, run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say(command, data, "--run", run, "--out", tmp_path / "out", "--format", "xlsx") == 2
    assert "xlsx" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_windows_lie_as_far_apart_as_asked_and_no_farther_than_in_training(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = []
    for hop in ("0.5", "1"):
        assert say("predict", data, "--run", run, "--out", tmp_path / hop, "--hop", hop) == 0
        rows.append(len((tmp_path / hop / "timeline.csv").read_text().splitlines()) - 1)
    assert rows[1] == (rows[0] + 1) // 2
    assert say("predict", data, "--run", run, "--out", tmp_path / "far", "--hop", "60") == 2
    assert "as in the run's training" in capsys.readouterr().err


def test_embeddings_need_no_probe(data: Path, tmp_path: Path) -> None:
    assert not (ride_run() / "probe.safetensors").exists()
    assert say("embed", data, "--run", ride_run(), "--out", tmp_path / "out") == 0


def test_pages_come_beside_the_tables_and_are_named(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("predict", data, "--run", run, "--out", tmp_path / "out", "--page") == 0
    page = tmp_path / "out" / "pages" / "mare.html"
    said = capsys.readouterr()
    assert f"page: {page}" in said.out
    assert "do not say how the run did" in said.err
    assert "h6: mare" in page.read_text()


def test_a_ride_that_is_followed_is_printed_window_by_window_and_then_as_tables(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("predict", data, "--run", run, "--out", tmp_path / "out", "--follow", "--idle", 0.3) == 0
    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"5\.00 s: walk [01]\.\d\d, unknown: (yes|no)", lines[0])
    assert lines[110].startswith("60.00 s: canter")
    assert lines[111].startswith("mare: walk")
    assert say("predict", data, "--run", run, "--out", tmp_path / "whole") == 0
    for name in TABLES:
        assert (tmp_path / "out" / f"{name}.csv").read_bytes() == (tmp_path / "whole" / f"{name}.csv").read_bytes()


def test_rows_on_standard_input_are_kept_in_the_sensor_file(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest, withers = data / "mare" / "recording.yaml", data / "mare" / "withers.csv"
    manifest.write_text(manifest.read_text().replace("sacrum.csv", "withers.csv"))
    rows = withers.read_bytes()
    withers.unlink()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(rows)))
    assert say("predict", data, "--run", run, "--out", tmp_path / "out", "--follow", "--stdin") == 0
    assert withers.read_bytes() == rows
    assert capsys.readouterr().out.splitlines()[110].startswith("60.00 s: ")


@pytest.mark.parametrize(
    ("options", "found"),
    [(("--stdin",), "--stdin alone"), (("--follow", "--format", "parquet"), "--format parquet")],
)
def test_what_cannot_be_followed_is_refused(
    options: tuple[str, ...], found: str, run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("predict", data, "--run", run, "--out", tmp_path / "out", *options) == 2
    assert f"found {found}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
