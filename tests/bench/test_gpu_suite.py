"""The command for machines with a GPU: one line without one, else one file and one table of all."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from bench import gpu_suite


def test_without_a_gpu_it_says_so_in_one_line_and_runs_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_suite.main() == 2
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert "no CUDA device" in told.err
    assert list(tmp_path.iterdir()) == []


def test_with_one_tests_and_benches_stand_in_one_file_and_one_table_that_each_of_them_adds_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = tmp_path / "runs/bench/gpu-suite.json"
    there_before: list[list[str]] = []

    def benched(name: str) -> dict[str, Any]:
        there_before.append(list(json.loads(kept.read_text())["benches"]))
        if name == "gpu":
            return {"name": name, "fault": "RuntimeError: no compiler"}
        facts = {"gpu": "a GPU", "share": 0.51234, "rates": {"eager": 1.0, "compile": "none"}}
        return {
            "name": name,
            "value": 12.0,
            "unit": "s",
            "ratio": 0.2,
            "held_to": "<= 60 s",
            "holds": True,
            "facts": facts,
        }

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _number: "a GPU")
    monkeypatch.setattr(gpu_suite, "BENCHES", ("gpu", "gpu-train"))
    monkeypatch.setattr(gpu_suite, "benched", benched)
    monkeypatch.setattr(gpu_suite, "tested", lambda _words: {"a.b": "passed", "a.c": "failed", "a.d": "passed"})
    assert gpu_suite.main() == 1  # a test failed
    assert there_before == [[], ["gpu"]]
    assert json.loads(kept.read_text())["benches"] == {name: benched(name) for name in ("gpu", "gpu-train")}
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("a GPU, torch ")
    assert told[-7:] == [
        "| tests | 1 failed, 2 passed |",
        "| a.c | failed |",
        "| gpu | RuntimeError: no compiler |",
        "| gpu-train | 12 - s 0.2000 <= 60 s |",
        "| gpu | a GPU |",
        "| share | 0.5123 |",
        "| rates | eager 1; compile none |",
    ]


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("import time; time.sleep(60)", "not over after 5 s"),
        ("import os; os.abort()", "exit code -6"),
        ("raise SystemExit('no film')", "no film"),
    ],
)
def test_a_bench_that_hangs_or_crashes_costs_its_own_row(
    program: str, fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "tests" / "bench"
    package.mkdir(parents=True)
    (package / "__main__.py").write_text(program)
    monkeypatch.setattr(gpu_suite, "ROOT", tmp_path)
    assert gpu_suite.benched("gpu", seconds=5) == {"name": "gpu", "fault": fault}


def test_each_test_is_told_with_what_became_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "test_it.py").write_text(
        "import os, pytest, warnings\n"
        "def test_crash(): os.abort()\n"
        "def test_sound(): warnings.warn('of a new GPU')\n"
        "def test_broken(): assert False\n"
        "def test_left_out(): pytest.skip('no second GPU')\n"
    )
    found = gpu_suite.tested(["--rootdir", str(tmp_path), str(tmp_path / "test_it.py")])
    assert {name.rpartition(".")[2]: outcome for name, outcome in found.items()} == {
        "test_crash": "error",
        "test_sound": "passed",
        "test_broken": "failed",
        "test_left_out": "skipped (no second GPU)",
    }
