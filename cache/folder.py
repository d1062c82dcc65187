"""Reads of a cache that lies in a folder: by the operating system itself, many times faster than through obstore."""

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

STAGED = re.compile(r"#\d+$")
"""How obstore calls a file that it is writing: none of the cache's objects."""


def read_file(path: str) -> bytes:
    """The bytes of a file; FileNotFoundError where there is none, or a folder. (A Path would cost as much again.)"""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except NotADirectoryError as error:
        raise FileNotFoundError(path) from error
    try:
        return _read_all(descriptor)
    except IsADirectoryError as error:
        raise FileNotFoundError(path) from error
    finally:
        os.close(descriptor)


def files_under(folder: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every file below `folder / prefix`, with its path within `folder`, in no order; none where there is no folder."""
    prefixes = [prefix]
    while prefixes:
        prefix = prefixes.pop()
        try:
            with os.scandir(f"{folder}/{prefix}") as found:
                entries = list(found)
        except (FileNotFoundError, NotADirectoryError):
            continue
        start = f"{prefix}/" if prefix else ""
        for entry in entries:
            name = entry.name
            if entry.is_dir(follow_symlinks=False):
                prefixes.append(start + name)
            elif "#" not in name or not STAGED.search(name):
                yield start + name, entry


def status_of(entry: os.DirEntry[str]) -> tuple[int, str, datetime] | None:
    """Bytes, a version that changes with every writing, and when it was last written; None for a file gone since."""
    try:
        found = entry.stat()
    except FileNotFoundError:
        return None
    version = f"{found.st_ino:x}-{found.st_mtime_ns:x}-{found.st_ctime_ns:x}-{found.st_size:x}"
    return found.st_size, version, datetime.fromtimestamp(found.st_mtime, UTC)


def _read_all(descriptor: int) -> bytes:
    size = os.fstat(descriptor).st_size
    data = os.read(descriptor, size + 1)
    while len(data) < size and (more := os.read(descriptor, size + 1 - len(data))):
        data += more
    return data
