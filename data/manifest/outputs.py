"""What no command may write over: the files that recordings are read from."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from ..errors import BadInput
from .files import find_recordings, read_manifest


def refuse_inputs(outputs: Iterable[Path], *, dataset: Path) -> None:
    """Refuses places to write to at which a recording of the data set has its manifest, film, sensors or labels.

    Files are compared as the system knows them, so that links and other spellings of a path are found, too.
    """
    there = [path for path in outputs if path.is_file()]
    inputs = {_identity(file) for file in _inputs(dataset)} if there else set()
    for path in there:
        if _identity(path) in inputs:
            found, expected = "a file that a recording is read from", "a place where nothing of it is lost"
            raise BadInput(path, found=found, expected=expected, remedy="Give another name or folder to write to.")


def _inputs(dataset: Path) -> Iterator[Path]:
    for manifest in find_recordings(dataset):
        yield manifest
        with suppress(BadInput):  # a manifest that cannot be read names no files
            yield from (file for name in read_manifest(manifest).files() if (file := manifest.parent / name).is_file())


def _identity(path: Path) -> tuple[int, int]:
    """Device and inode: one file, under whatever name."""
    facts = path.stat()
    return facts.st_dev, facts.st_ino
