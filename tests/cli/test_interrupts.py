"""Ctrl+C: one line and exit code 130, from the first moment on, amid imports too; unless the caller ignores it."""

import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest
from command_line import run
from rides import write_ride

LINE = "equigait-cli: interrupted: what was finished is kept; run the same command again\n"
AT_FIRST = """
import signal, sys, time
from importlib.machinery import ModuleSpec
class Strikes:
    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name == "equigait.cli.app" else None
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        signal.raise_signal(signal.SIGINT)
        module.run = lambda: time.sleep(SECONDS)
sys.meta_path.insert(0, Strikes())
from equigait.cli.main import main
main()
"""


def test_an_interrupt_of_which_an_import_takes_no_notice_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_ride(tmp_path / "rides" / "mare", horse="h1")
    code = "import signal\ntry:\n    signal.raise_signal(signal.SIGINT)\nexcept BaseException:\n    pass\n"
    (tmp_path / "struck.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)

    slept = []

    def slow(_: Path) -> None:
        import_module("struck")
        slept.append(time.monotonic())
        try:
            time.sleep(20.0)
        finally:
            slept.append(time.monotonic())

    monkeypatch.setattr("equigait.data.quality.dataset.inspect_recording", slow)
    assert run("inspect", tmp_path / "rides") == 130
    assert slept[1] - slept[0] < 10.0
    assert capsys.readouterr().err.endswith(LINE)


def test_an_interrupt_while_the_command_line_itself_is_loaded_is_one_line() -> None:
    code = AT_FIRST.replace("SECONDS", "20")
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=15)
    assert (ended.returncode, ended.stderr) == (130, LINE)


def test_an_interrupt_that_the_caller_ignores_stays_ignored() -> None:
    code = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n" + AT_FIRST.replace("SECONDS", "0")
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
