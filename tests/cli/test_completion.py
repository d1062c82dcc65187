"""Completion of commands and options, by the shells themselves where they are installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ASK = {
    "bash": "source {script}; COMP_WORDS=(equigait-cli {words}); COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ));"
    ' _equigait_cli_completion equigait-cli; printf "%s\\n" "${{COMPREPLY[@]}}"',
    "fish": 'source {script}; complete -C "equigait-cli {words}"',
}
COMMANDS = Path(sys.executable).parent
"""Where the command lies of the environment in which tests run."""


def in_shell(shell: str, command: str) -> str:
    """What a shell prints that finds the command `equigait-cli` of this environment."""
    environ = {
        **os.environ,
        "PATH": f"{COMMANDS}:{os.environ['PATH']}",
        "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
    }
    done = subprocess.run([shell, "-c", command], capture_output=True, text=True, env=environ, timeout=120, check=True)
    return done.stdout


@pytest.mark.parametrize("shell", [shell for shell in ASK if shutil.which(shell)])
def test_a_shell_completes_commands_and_options(shell: str, tmp_path: Path) -> None:
    script = tmp_path / f"completion.{shell}"
    script.write_text(in_shell(shell, f"equigait-cli --show-completion {shell}"))
    for words, expected in (("pre", {"predict", "pretrain"}), ("predict --al", {"--allow-missing"})):
        offered = in_shell(shell, ASK[shell].format(script=script, words=words))
        assert {line.partition("\t")[0] for line in offered.split("\n") if line} == expected
