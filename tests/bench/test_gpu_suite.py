"""The command for machines with a GPU: one line without one, else one file and one table of all."""

import json
from pathlib import Path

import pytest
import torch
from bench import gpu_suite
from bench.measure import UnavailableError


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


def test_with_one_tests_and_benches_stand_in_one_file_and_one_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def measured(name: str) -> tuple[str, ...]:
        if name == "gpu":
            raise UnavailableError("no film")
        return name, "12", "-", "s", "0.2", "<= 60 s", ""

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _number: "a GPU")
    monkeypatch.setattr(gpu_suite, "measure", measured)
    monkeypatch.setattr(gpu_suite, "tested", lambda _words: {"a.b": "passed", "a.c": "failed", "a.d": "passed"})
    assert gpu_suite.main() == 1  # a test failed
    kept = json.loads((tmp_path / "runs/bench/gpu-suite.json").read_text())
    assert kept["benches"] == {"gpu": ["gpu", "not run: no film"], "gpu-train": list(measured("gpu-train"))}
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("a GPU, torch ")
    assert told[-3:] == [
        "| tests | 1 failed, 2 passed |",
        "| gpu | not run: no film |",
        "| gpu-train | 12 - s 0.2 <= 60 s |",
    ]


def test_each_test_is_told_with_what_became_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "def test_sound(): pass\n"
        "def test_broken(): assert False\n"
        "def test_left_out(): pytest.skip('no second GPU')\n"
    )
    found = gpu_suite.tested(["-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path / "test_it.py")])
    assert {name.rpartition(".")[2]: outcome for name, outcome in found.items()} == {
        "test_sound": "passed",
        "test_broken": "failed",
        "test_left_out": "skipped (no second GPU)",
    }
