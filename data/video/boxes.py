"""Boxes of MP4 and QuickTime files (ISO 14496-12, section 4.2): what lies one behind the other in a file."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class FileBox(NamedTuple):
    """One box of a file, by where its content lies."""

    kind: bytes
    start_byte: int
    stop_byte: int


def file_boxes(path: Path) -> Iterator[FileBox]:
    """The boxes of a file, of which only their heads are read; none ends behind the file, whatever its head says."""
    at, size = 0, path.stat().st_size
    with path.open("rb", buffering=0) as file:
        while at + 8 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            head = 8
            if length == 1:
                length, head = int.from_bytes(file.read(8), "big"), 16
            stop = at + length if length >= head else size  # 0: to the end of the file
            yield FileBox(kind, at + head, min(stop, size))
            at = stop
