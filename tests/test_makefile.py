"""The Makefile's own promises, in an empty folder."""

import os
import shutil
import subprocess
from pathlib import Path

MAKEFILE = Path(__file__).parents[1] / "Makefile"


def make(folder: Path, *words: str) -> str:
    """What make says in a folder that holds the Makefile alone; an outer make's variables do not reach it."""
    shutil.copy(MAKEFILE, folder)
    outer = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "VENV")
    inherited = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        ["make", *words, "VENV=.venv"], cwd=folder, env=inherited, check=True, capture_output=True, text=True
    ).stdout


def test_clean_takes_the_demo_and_leaves_every_other_run(tmp_path: Path):
    mine, demo = tmp_path / "runs/mine/run.json", tmp_path / "runs/demo/run/run.json"
    for file in (mine, demo, tmp_path / "build/house/a", tmp_path / ".venv/bin/python"):
        file.parent.mkdir(parents=True)
        file.touch()
    make(tmp_path, "clean")
    assert mine.exists()
    assert not demo.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"Makefile", "runs"}


def test_make_alone_prints_help_and_builds_nothing(tmp_path: Path):
    printed = make(tmp_path)
    assert "make demo" in printed
    assert "make test" in printed
    assert [path.name for path in tmp_path.iterdir()] == ["Makefile"]


def test_the_demo_ends_with_the_seconds_of_each_step(tmp_path: Path):
    steps = ("setup", "simulate", "extract-teacher", "pretrain", "probe", "evaluate", "report")
    (tmp_path / "pyproject.toml").touch()
    lines = make(tmp_path, "--dry-run", "demo").splitlines()[-len(steps) :]
    assert [line.split()[0] for line in lines] == list(steps)
    assert all(line.endswith(" s") and line.split()[1].isdigit() for line in lines)
