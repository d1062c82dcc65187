"""A name of a horse, a recording, a site or a label is shown by spreadsheets and terminals, never obeyed."""

from pathlib import Path

import pytest
from equigait.data.errors import BadInput, without_commands
from equigait.data.manifest.files import read_manifest
from equigait.data.names import plain_name
from equigait.data.settings import parse_settings
from equigait.data.windows import WindowSpec


@pytest.mark.parametrize(
    "name", ["bella", "Böse Hexe", "h-01", "2nd ride", "a=b", "馬", "mare 🐎", "x@y", "'quoted'", "-1", "+7", "-"]
)
def test_ordinary_names_stay(name: str) -> None:
    assert plain_name(name) == name


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+A1", "-2+3", "@SUM(A1)"])
def test_a_name_that_a_spreadsheet_takes_for_a_formula_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="which spreadsheets take for a formula"):
        plain_name(name)


@pytest.mark.parametrize("name", ["a\x1b[31m", "a\x9b31m", "a\u202egpj", "a\tb", "a\nb", "a\rb", "a\x7f"])
def test_a_name_that_commands_a_terminal_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="without control characters"):
        plain_name(name)


@pytest.mark.parametrize("key", ["id", "horse", "site"])
def test_a_manifest_s_names_are_held_to_it(key: str, tmp_path: Path) -> None:
    names = {"id": "monday", "horse": "bella", "site": "withers"} | {key: "=1+1"}
    sensors = f"sensors: [{{site: '{names['site']}', path: w.csv}}]"
    (tmp_path / "recording.yaml").write_text(f"id: '{names['id']}'\nhorse: '{names['horse']}'\n{sensors}\n")
    with pytest.raises(BadInput, match=rf"{key}: '=1\+1'.*expected a name that begins with none of"):
        read_manifest(tmp_path)


def test_a_folder_that_gives_a_recording_its_id_is_held_to_it_until_the_manifest_has_one(tmp_path: Path) -> None:
    folder = tmp_path / "-monday"
    folder.mkdir()
    text = "horse: bella\nsensors: [{site: withers, path: w.csv}]\n"
    (folder / "recording.yaml").write_text(text)
    with pytest.raises(BadInput, match=r"a folder called -monday.*Give the recording an `id:`"):
        read_manifest(folder)
    (folder / "recording.yaml").write_text(f"id: monday\n{text}")
    assert read_manifest(folder).id == "monday"


def test_labels_of_a_recipe_are_held_to_it() -> None:
    with pytest.raises(BadInput, match="spreadsheets take for a formula"):
        parse_settings(WindowSpec, {"labels": ["walk", "=trot"]}, where="mine.yaml")


def test_text_for_a_terminal_keeps_its_lines_and_loses_its_commands() -> None:
    assert without_commands("a\x1b[2J\x9b1m\u202e\r\x07\nb\tü 🐎") == "a\\x1b[2J\\x9b1m\\u202e\\r\\x07\nb\tü 🐎"
