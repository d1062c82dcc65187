"""`equigait-cli strides` writes its tables, and ends with exit code 2 without its table."""

from pathlib import Path

import pytest
from command_line import run
from equigait.data.simulate import YardSpec, simulate_yard


def test_strides_are_written_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulate_yard(tmp_path / "yard", spec=YardSpec(horses=1, seconds=20.0, film=False, gaits=("trot",)))
    assert run("strides", str(tmp_path / "yard"), "--out", str(tmp_path / "out"), "--format", "parquet") == 0
    assert "strides (trot" in capsys.readouterr().out
    assert (tmp_path / "out" / "strides.parquet").exists()


def test_a_missing_table_of_bouts_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("strides", str(tmp_path), "--out", str(tmp_path / "out"), "--bouts", str(tmp_path / "none.csv")) == 2
    assert "none.csv" in capsys.readouterr().err
