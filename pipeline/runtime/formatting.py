"""Words and command lines for people."""

import shlex

from ...data.words import plural


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 horse", "3 horses", "3 people"."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural(noun)}"


def in_words(value: object) -> str:
    """A setting as people write it: a list without its brackets."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def command(*words: object) -> str:
    """A command line that can be pasted into a shell as it stands."""
    return shlex.join(["equigait-cli", *map(str, words)])
