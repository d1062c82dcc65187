"""`equigait-cli inspect`: a table, a page, a file; exit code 1 when all is refused, 3 when some is."""

import json
import shutil
from pathlib import Path

import pytest
from command_line import run
from equigait.data.readers.streams import read_streams
from sensor_files import sensor_entry, walking_table, write_csv, write_manifest_file


@pytest.fixture
def rides(tmp_path: Path) -> Path:
    (tmp_path / "monday").mkdir()
    write_csv(tmp_path / "monday" / "withers.csv", walking_table(20.0))
    write_manifest_file(tmp_path / "monday")
    return tmp_path


def test_sound_recordings_give_a_table_a_page_and_exit_code_0(rides: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inspect", rides, "--json", rides / "quality.json") == 0
    printed = capsys.readouterr().out
    assert "withers   100.00" in printed
    assert "1 recording: 0 refused, 0 with remarks, 1 sound" in printed
    assert (rides / "inspect.html").read_text().startswith("<!doctype html>")
    assert json.loads((rides / "quality.json").read_text())["recordings"][0]["id"] == "monday"


def test_a_refused_sensor_is_exit_code_1_with_page_and_file_all_the_same(
    rides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_manifest_file(rides / "monday", sensors=[sensor_entry(), sensor_entry("poll")])
    assert run("inspect", rides / "monday" / "recording.yaml", "--html", rides / "page.html") == 1
    assert "REFUSED poll: " in capsys.readouterr().out
    assert (rides / "page.html").exists()
    assert not (rides / "monday" / "inspect.html").exists()


def test_one_refused_recording_among_sound_ones_is_exit_code_3(rides: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rides / "tuesday").mkdir()
    write_manifest_file(rides / "tuesday")  # its sensor file is missing
    assert run("inspect", rides) == 3
    assert "2 recordings: 1 refused, 0 with remarks, 1 sound" in capsys.readouterr().out


def test_no_data_set_is_one_line_and_exit_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inspect", tmp_path) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("option", ["--html", "--json"])
def test_a_page_or_file_in_the_place_of_an_input_is_refused_and_the_input_stays(
    option: str, rides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = rides / "monday" / "withers.csv"
    before = table.read_bytes()
    assert run("inspect", rides, option, table) == 2
    assert "withers.csv: found a file that a recording is read from" in capsys.readouterr().err
    assert table.read_bytes() == before


def test_a_link_that_leads_out_of_the_data_set_is_not_followed_by_the_page(
    rides: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    precious = tmp_path_factory.mktemp("elsewhere") / "precious"
    precious.write_text("as it was")
    (rides / "inspect.html").symlink_to(precious)
    assert run("inspect", rides) == 2
    assert f"inspect.html: found a link to {precious}" in capsys.readouterr().err
    assert precious.read_text() == "as it was"
    (rides / "inspect.html").unlink()  # as the line says
    assert run("inspect", rides) == 0


def test_a_sensor_file_that_may_not_be_read_is_a_row_of_the_report_and_the_others_go_on(
    rides: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(rides / "monday", rides / "tuesday")

    def read(sensors: object, *, folder: Path) -> object:
        if folder.name == "monday":
            raise PermissionError(13, "Permission denied", str(folder / "withers.csv"))
        return read_streams(sensors, folder=folder)  # type: ignore[arg-type]

    monkeypatch.setattr("equigait.data.quality.recording.read_streams", read)
    assert run("inspect", rides) == 3
    printed = capsys.readouterr().out
    assert "withers.csv: found Permission denied; expected files that can be read and written." in printed
    assert "2 recordings: 1 refused, 0 with remarks, 1 sound" in printed


def test_a_sensor_file_in_the_place_of_a_manifest_is_told_what_to_name(
    rides: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect", rides / "monday" / "withers.csv") == 1
    assert "Name the folder with its manifest." in capsys.readouterr().out
    assert run("inspect", rides / "monday") == 0
