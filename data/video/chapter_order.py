"""Whether files of a film follow each other as a manifest lists them: by names, dates and clocks of their own."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from av.container import InputContainer

from ..errors import BadInput

GOPRO = re.compile(r"G[HXLP](?P<chapter>\d\d)(?P<film>\d{4})\.(MP4|LRV)", re.IGNORECASE)
OLD_GOPRO_FIRST = re.compile(r"GOPR(?P<film>\d{4})\.(MP4|LRV)", re.IGNORECASE)
"""Names that a GoPro gives: film 0123 in chapters GX010123, GX020123; older ones GOPR0123, GP010123."""
SURE_SECONDS = 10.0
"""Dates are whole seconds, and some cameras date a file when they close it: by this much they may be off."""
SAME_SECONDS = 0.5
"""A file whose clock ends so near to where another's begins goes before that one."""


@dataclass(frozen=True)
class Placed:
    """What one file says of its place among the others."""

    path: Path
    start_is_stated: bool
    """Whether the manifest says when it starts: then it need not follow the one before."""
    sha256: str | None
    begins: float
    """On its own clock, in seconds..."""
    ends: float
    """...and where its last frame ends."""
    taken: datetime | None
    """When it was taken, by its own word."""

    @property
    def seconds(self) -> float:
        return self.ends - self.begins


def taken_at(container: InputContainer) -> datetime | None:
    """When a film was taken, by its own word; None where it does not say."""
    try:
        found = datetime.fromisoformat(container.metadata.get("creation_time", ""))
    except ValueError:
        return None
    return found.replace(tzinfo=None) if found.year > 1971 else None  # 1904 and 1970 are clocks that were never set


def refuse_other_order(files: Sequence[Placed]) -> None:
    """Refuses files of which one comes twice, goes before the one that is listed before it, or leaves a gap."""
    digests: dict[str, Path] = {}
    for file in files:
        if file.sha256 is not None and digests.setdefault(file.sha256, file.path) is not file.path:
            found = f"byte by byte {digests[file.sha256].name} again"
            raise BadInput(file.path, found=found, expected="each file once", remedy="Leave it out, or correct it.")
    for before, file in itertools.pairwise(files):
        found = _wrong_order(before, file) or ("" if file.start_is_stated else _gap(before, file))
        if found:
            remedy = f"Correct the order, or state its start: `{{path: {file.path.name}, start_seconds: ...}}`."
            raise BadInput(file.path, found=found, expected=f"what follows {before.path.name}", remedy=remedy)


def _wrong_order(before: Placed, file: Placed) -> str:
    backwards = abs(file.ends - before.begins) < SAME_SECONDS and abs(file.begins - before.ends) > SAME_SECONDS
    if backwards and file.ends > SAME_SECONDS:
        return f"a file whose clock ends where that of {before.path.name} begins"
    if before.taken is not None and file.taken is not None and file.taken < before.taken:
        return f"a file that was taken before {before.path.name} ({file.taken} and {before.taken})"
    return ""


def _gap(before: Placed, file: Placed) -> str:
    named, after = (_gopro(each.path.name) for each in (before, file))
    if named is not None and after is not None and after != (named[0], named[1] + 1):
        return f"chapter {after[1]} of film {after[0]} after chapter {named[1]} of film {named[0]}"
    if file.begins > before.ends + SAME_SECONDS:
        return f"a file whose clock begins {file.begins - before.ends:.3f} s after that of {before.path.name} ends"
    if before.taken is not None and file.taken is not None:
        apart = (file.taken - before.taken).total_seconds()
        if apart > max(before.seconds, file.seconds) + SURE_SECONDS:
            return f"a file that was taken {apart:.0f} s after {before.path.name}, which lasts {before.seconds:.0f} s"
    return ""


def _gopro(name: str) -> tuple[str, int] | None:
    """The number of a GoPro's film and of its chapter."""
    if first := OLD_GOPRO_FIRST.fullmatch(name):
        return first["film"], 0
    found = GOPRO.fullmatch(name)
    return (found["film"], int(found["chapter"])) if found else None
