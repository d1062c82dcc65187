"""`simulate` takes a difficulty, and leaves the films out where they are not wanted."""

import json
from pathlib import Path

import pytest
from command_line import run


def test_a_field_yard_without_films(tmp_path: Path) -> None:
    options = ("--horses", "1", "--seconds", "8", "--seed", "4", "--workers", "1")
    assert run("simulate", str(tmp_path), "--difficulty", "field", "--no-film", *options) == 0
    (truth,) = (tmp_path / "truth").glob("*.json")
    assert json.loads(truth.read_text())["yard"] == "field-1"
    assert list(tmp_path.rglob("*.mp4")) == []
    assert len(list(tmp_path.rglob("withers.csv"))) == 1


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (("--difficulty", "hard"), "'easy', 'middle' or 'field'"),
        (("--set", "behaviours=[paw]"), "do not occur at difficulty easy"),
        (("--difficulty", "field", "--set", "gaits=[walk]"), "choose `behaviours`"),
    ],
)
def test_a_difficulty_that_is_not_there_or_does_not_fit_is_one_line(
    asked: tuple[str, ...], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("simulate", str(tmp_path / "yard"), *asked) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert named in error
    assert not (tmp_path / "yard").exists()
