"""The Makefile's own promises, in an empty folder."""

import shutil
import subprocess
from pathlib import Path

MAKEFILE = Path(__file__).parents[1] / "Makefile"


def test_clean_takes_the_demo_and_leaves_every_other_run(tmp_path: Path):
    shutil.copy(MAKEFILE, tmp_path)
    mine, demo = tmp_path / "runs/mine/run.json", tmp_path / "runs/demo/run/run.json"
    for file in (mine, demo, tmp_path / "build/house/a", tmp_path / ".venv/bin/python"):
        file.parent.mkdir(parents=True)
        file.touch()
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert mine.exists()
    assert not demo.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"Makefile", "runs"}


def test_make_alone_prints_help_and_builds_nothing(tmp_path: Path):
    shutil.copy(MAKEFILE, tmp_path)
    told = subprocess.run(["make"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "make demo" in told
    assert "make test" in told
    assert [path.name for path in tmp_path.iterdir()] == ["Makefile"]
