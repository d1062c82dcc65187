"""One family of errors for bad input: what the command line turns into one line and exit code 2."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters but line ends and tabs, and those that turn the direction of what follows them."""


class BadInput(Exception):
    """Something given by the user cannot be used: says which file, what was found, what was expected, a way out."""

    def __init__(self, where: object, *, found: str, expected: str, remedy: str) -> None:
        self.where = str(where)
        self.found = found
        self.expected = expected
        self.remedy = remedy
        super().__init__(in_one_line(f"{self.where}: found {found}; expected {expected}. {remedy}"))

    def __reduce__(self) -> tuple[Any, ...]:
        """Travels between processes, as an exception with keywords otherwise does not."""
        return partial(type(self), found=self.found, expected=self.expected, remedy=self.remedy), (self.where,)


def refusal(fault: BadInput | OSError) -> BadInput:
    """The same as bad input: of what the system says about a file, with a way out."""
    if isinstance(fault, BadInput):
        return fault
    return BadInput(
        fault.filename or "the disk",
        found=fault.strerror or type(fault).__name__,
        expected="files that can be read and written",
        remedy="Choose another place, or see to its permissions and to what is free on its disk.",
    )


class SkippedRecording(BadInput):
    """A recording that is sound but of no use here (too short, say): left out with its reason, never fatal."""


def in_one_line(text: str) -> str:
    """A text that may quote a file: what would break the line or command a terminal is shown by its escape."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def without_commands(text: str) -> str:
    """Lines as they are to stand on a terminal: what would command it, or turn the reading direction, by its escape."""
    return COMMANDS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def first_line(error: BaseException) -> str:
    """What another library's error says, in a line; its type where it says nothing."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def shortened(names: Sequence[str], *, most: int = 10) -> str:
    """Names in a line, those past the first few only counted."""
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])
