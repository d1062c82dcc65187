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
import signal, sys
class Strikes:
    def find_spec(self, name, path=None, target=None):
        if name == "equigait.cli.app":
            signal.raise_signal(signal.SIGINT)
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

    def slow(_: Path) -> None:
        import_module("struck")
        time.sleep(20.0)

    monkeypatch.setattr("equigait.data.quality.dataset.inspect_recording", slow)
    before = time.monotonic()
    assert run("inspect", tmp_path / "rides") == 130
    assert time.monotonic() - before < 10.0
    assert capsys.readouterr().err.endswith(LINE)


def test_an_interrupt_while_the_command_line_itself_is_loaded_is_one_line() -> None:
    ended = subprocess.run([sys.executable, "-c", AT_FIRST, "--version"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, LINE)


def test_an_interrupt_that_the_caller_ignores_stays_ignored() -> None:
    code = f"import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n{AT_FIRST}"
    ended = subprocess.run([sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
