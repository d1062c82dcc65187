"""`equigait-cli` in this process: what a command line ends with, while its output can be captured."""

import sys

import pytest
from equigait.cli.main import main


def run(*arguments: object) -> int:
    """The exit code of a command line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["equigait-cli", *map(str, arguments)])
        try:
            main()
        except SystemExit as end:
            return int(end.code or 0)
        return 0
