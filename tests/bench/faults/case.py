"""One planted fault: what is spoiled, which command meets it, what it must say; and what happened."""

import contextlib
import io
import re
import shutil
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command_line import run

from .place import Place

Plant = Callable[[Place], Any]
"""Spoils one thing in a copy of the sound place."""
Around = Callable[[Place], AbstractContextManager[object]]
"""What holds while a command runs: a full disk, say."""


@dataclass(frozen=True)
class Fault:
    """A fault and what is expected of the command that meets it."""

    area: str
    """Sensors, films, ..."""
    name: str
    """What is wrong."""
    plant: Plant
    """Does it, in a copy of the sound place."""
    command: str
    """Without `equigait-cli`; `{ride}` and the like stand for folders of the place."""
    words: tuple[str, ...]
    """Patterns that the output must hold: the file or key, what is wrong, and for a refusal the way out."""
    codes: tuple[int, ...] = (1, 2, 3)
    """Exit codes: 1, 2 and 3 refuse, 0 handles it with a line."""
    around: Around | None = None
    """What holds while the command runs: a full disk, say."""


@dataclass(frozen=True)
class Outcome:
    """What a command did."""

    fault: Fault
    code: int | None
    """Exit code; None where it ended with a traceback."""
    said: str
    """The line that tells the fault, or the last one."""
    missing: tuple[str, ...]
    """Expected patterns that the output does not hold."""

    @property
    def held(self) -> bool:
        """Whether all is as expected."""
        return self.code in self.fault.codes and not self.missing

    @property
    def what(self) -> str:
        """In a word: refused, handled, silent, traceback, other words."""
        if self.code is None:
            return "traceback"
        if self.held:
            return "handled" if self.code == 0 else "refused"
        if self.code == 0 and self.missing:
            return "silent"
        return "other words" if self.missing else f"exit code {self.code}"


def meet(fault: Fault, *, sound: Place, folder: Path) -> Outcome:
    """Plants a fault in a copy of the sound place below a folder, runs the command in this process, removes it all."""
    place = Place(folder / "place")
    shutil.copytree(sound.root, place.root)
    try:
        fault.plant(place)
        code, output = _said(fault, place=place)
    finally:
        shutil.rmtree(place.root, ignore_errors=True)
    missing = tuple(each for each in fault.words if not re.search(each, output))
    return Outcome(fault, code, _line(output.replace(f"{place.root}/", ""), words=fault.words), missing)


def _said(fault: Fault, *, place: Place) -> tuple[int | None, str]:
    """Exit code and all output of the command."""
    words = [word.format(**place.names) for word in fault.command.split()]
    stream = io.StringIO()
    around = fault.around(place) if fault.around else contextlib.nullcontext()
    code: int | None = None
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        try:
            with around:
                code = run(*words)
        except BaseException:
            stream.write(traceback.format_exc(limit=3))
    return code, stream.getvalue()


def _line(output: str, *, words: tuple[str, ...]) -> str:
    """The line that holds most of the words; of equals the last."""
    lines = [" ".join(line.split()) for line in output.splitlines() if line.strip()]
    return max(reversed(lines), key=lambda line: sum(bool(re.search(each, line)) for each in words), default="")
