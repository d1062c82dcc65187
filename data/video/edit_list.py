"""Edit lists of MP4 and QuickTime films that FFmpeg does not play as they ask: changed speed, pauses in mid-film.

An edit list (ISO 14496-12, section 8.6.6) says which stretches of a track are shown, when, and how fast. FFmpeg follows
it but for the speed, and for a pause behind the first stretch. Phones write slow motion so.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import BadInput
from .boxes import file_boxes

NOTHING = -1
"""Media time of a stretch in which nothing is shown."""
Box = tuple[bytes, bytes]
"""Its kind and its content."""


class Edit(NamedTuple):
    """One stretch."""

    duration: int
    media_time: int
    speed: float


def shown_stretches(path: Path, *, track: int) -> int:
    """How many stretches of this track are shown; refuses a film whose edit list changes its speed or pauses it."""
    edits = [edit for edit in _edits(path, track=track) if edit.duration or edit.media_time != NOTHING]
    shown = [edit for edit in edits if edit.media_time != NOTHING]
    speeds = {edit.speed for edit in shown if edit.speed or len(shown) > 1}  # a lone 0 is a careless writer's
    first = edits.index(shown[0]) if shown else 0
    last = max((at for at, edit in enumerate(edits) if edit.media_time != NOTHING), default=0)
    found = ""
    if speeds - {1.0}:
        found = f"an edit list that shows it at {', '.join(f'{speed:g}' for speed in sorted(speeds))} times its speed"
    elif any(edit.media_time == NOTHING for edit in edits[first:last]):
        found = "an edit list with a pause in mid-film"
    if found:
        expected = "a film that runs at one speed throughout"
        remedy = "Export it anew from the program or phone that edited it, as it was taken, without slow motion."
        raise BadInput(path, found=found, expected=expected, remedy=remedy)
    return len(shown)


def _edits(path: Path, *, track: int) -> Iterator[Edit]:
    for kind, film in _boxes(_movie(path)):
        header = _child(film, b"tkhd") if kind == b"trak" else b""
        if len(header) > 24 and struct.unpack_from(">I", header, 20 if header[0] else 12)[0] == track:
            yield from _entries(_child(_child(film, b"edts"), b"elst"))


def _entries(edit_list: bytes) -> Iterator[Edit]:
    if len(edit_list) < 8:
        return
    form = ">QqhH" if edit_list[0] else ">IihH"
    size, count = struct.calcsize(form), int.from_bytes(edit_list[4:8], "big")
    for number in range(min(count, (len(edit_list) - 8) // size)):
        duration, media_time, whole, part = struct.unpack_from(form, edit_list, 8 + number * size)
        yield Edit(duration, media_time, whole + part / 65536)


def _movie(path: Path) -> bytes:
    """The content of the file's index, `moov`; empty where there is none."""
    for box in file_boxes(path):
        if box.kind == b"moov":
            with path.open("rb", buffering=0) as file:
                file.seek(box.start_byte)
                return file.read(max(box.stop_byte - box.start_byte, 0))
    return b""


def _boxes(content: bytes) -> Iterator[Box]:
    at = 0
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        if length < 8:
            return
        yield kind, content[at + 8 : at + length]
        at += length


def _child(content: bytes, kind: bytes) -> bytes:
    return next((inside for each, inside in _boxes(content) if each == kind), b"")
