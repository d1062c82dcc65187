"""Where log lines of the package go when the command line runs: to standard error, one plain line each."""

import logging
import sys
from typing import Any

from tqdm import tqdm

from ..data.errors import without_commands

PACKAGE = __package__.rpartition(".")[0]
"""Every logger of equigait lies below this one."""

logger = logging.getLogger(__name__)


class ProgressSafeHandler(logging.Handler):
    """Writes to standard error without tearing a progress bar that stands there."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record's message as a line."""
        tqdm.write(without_commands(self.format(record)), file=sys.stderr)


class HarmlessText:
    """A text stream into which nothing gets that commands a terminal: names of files and horses are others' words."""

    def __init__(self, stream: Any) -> None:  # sys.stdout, or what stands in its place
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes the text with commands by their escapes."""
        written: int = self._stream.write(without_commands(text))
        return written

    def __getattr__(self, name: str) -> Any:
        """All else is the stream's own."""
        return getattr(self._stream, name)


def configure_logging() -> None:
    """Let progress lines (level INFO and above) reach standard error; called once a process, by the command line."""
    logger = logging.getLogger(PACKAGE)
    if not any(isinstance(handler, ProgressSafeHandler) for handler in logger.handlers):
        handler = ProgressSafeHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def log_next_step(*words: object) -> None:
    """The last line of a long command that has done something: what to run next, to be pasted as it stands.

    It goes to standard error, so that standard output holds results alone.
    """
    from ..pipeline.runtime.formatting import command

    logger.info("next: %s", command(*words))
