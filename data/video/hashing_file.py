"""A file that is hashed while something else reads it: what both need is read from the disk once."""

import hashlib
import io
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

READ_ON_BYTES = 1 << 18
"""Gaps up to this are read on the way: they have to be hashed anyway."""
PIECE_BYTES = 1 << 20


class HashingFile:
    """A file to be read from its start on, by and large, as FFmpeg reads films, and its SHA-256 afterwards.

    Bytes are hashed in order, as they come by. What is read out of order, such as an index at the end of the file, is
    read again when its turn comes.
    """

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._file: BinaryIO = path.open("rb", buffering=0)
        self._size = path.stat().st_size
        self._hash = hashlib.sha256()
        self._hashed = 0

    def __enter__(self) -> "HashingFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, size: int) -> bytes:
        """The next bytes, up to so many."""
        at = self._file.tell()
        data = self._file.read(size)
        self._take(at, data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a place; hashes what lies between where that is little."""
        target = {io.SEEK_SET: 0, io.SEEK_CUR: self._file.tell(), io.SEEK_END: self._size}[whence] + offset
        if 0 < target - self._hashed <= READ_ON_BYTES:
            self._read_on(until=min(target, self._size))
        return self._file.seek(max(target, 0))  # FFmpeg asks for the byte before the start of an empty file

    def tell(self) -> int:
        """The place that is read next."""
        return self._file.tell()

    def sha256(self) -> str:
        """SHA-256 of the whole file, hexadecimal: reads what did not come by."""
        self._read_on(until=self._size)
        return self._hash.hexdigest()

    def _read_on(self, *, until: int) -> None:
        self._file.seek(self._hashed)
        while self._hashed < until:
            data = self._file.read(min(PIECE_BYTES, until - self._hashed))
            if not data:
                return
            self._take(self._hashed, data)

    def _take(self, at: int, data: bytes) -> None:
        """Hashes of these bytes those whose turn has come."""
        if at <= self._hashed < at + len(data):
            self._hash.update(memoryview(data)[self._hashed - at :])
            self._hashed = at + len(data)
