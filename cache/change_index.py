"""What earlier runs found of files, so that a run in which nothing is new need not read them again.

The index is no part of the cache's truth: it spares work; without it, or with a damaged one, all is read anew. It
saves itself as it learns, a small object of what is new each time, and is written whole at the end of a run.
A file counts as unchanged when its size, inode, and times of change are those noted. The time of status change cannot
be set by a program, so other bytes under an old date are noticed. A file that changed just before it was read is not
noted: within the ticks of the file system's clock it could change once more without showing it.
"""

import json
import os
import platform
import stat
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import RLock
from typing import Any, NamedTuple

from ..data.errors import BadInput
from ..data.files import file_digest
from .collector import collector_paused
from .fingerprint import canonical_json, json_digest
from .store import CacheStore

INDEX_VERSION = 2
SAVE_SECONDS = 30.0
"""What is learned is kept at the latest when something is learned this long after: a kill loses no more than that."""
OF_RECORDING = ("recording_id", "entry", "teacher")
"""Of an IndexEntry, what is not of its files."""
SETTLED_SECONDS = 2.0
"""How long a file must have lain still before it was read; file systems count time in up to 2 s (FAT), most in 4 ms."""


class Stamp(NamedTuple):
    """What a file system says of a file, without reading it."""

    path: str
    """Absolute."""
    size: int
    """Bytes."""
    changed_ns: int
    """When its content changed, as programs may set it."""
    status_changed_ns: int
    """When anything about it changed, as the kernel has it."""
    inode: int
    """Its number in the file system."""

    def is_settled(self, *, now_ns: int) -> bool:
        """Whether the file had lain still for a while at that instant."""
        return max(self.changed_ns, self.status_changed_ns) < now_ns - SETTLED_SECONDS * 1e9


class IndexEntry(NamedTuple):
    """A recording as it was when its segment was committed: one of very many."""

    recording_id: str
    """Its id."""
    entry: str
    """Where its segment's manifest entry lies in the cache."""
    teacher: str
    """Digest of the teacher's identity; empty without film."""
    files: tuple[Stamp, ...]
    """Every file that it was read from."""


@dataclass
class IndexUpdate:
    """What one index has gained and another may merge: recordings by manifest, and digests of files."""

    recordings: dict[str, IndexEntry] = field(default_factory=dict)
    digests: dict[str, tuple[Stamp, str]] = field(default_factory=dict)

    def add(self, update: "IndexUpdate") -> None:
        """Takes in another update; what it says anew of a file counts."""
        self.recordings.update(update.recordings)
        self.digests.update(update.digests)


def stamp(path: Path) -> Stamp | None:
    """The stamp of a file; None for what is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp(_absolute(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


class ChangeIndex:
    """Recordings by their manifests, and digests of files, as one machine's runs over one data set have seen them.

    Several threads may note at the same time."""

    def __init__(self, store: CacheStore, *, dataset: Path, making: Mapping[str, Any]) -> None:
        """`making` is all beside files that shapes a segment: of another making no recording is known."""
        self._store, self._making = store, json_digest(dict(making))
        self._name = f"memo/{json_digest([platform.node(), str(dataset.absolute())])[:24]}"
        self._recordings: dict[str, IndexEntry] = {}
        self._digests: dict[str, tuple[Stamp, str]] = {}
        self._is_new = False
        self._undrained, self._unsaved = IndexUpdate(), IndexUpdate()
        self._saved = time.monotonic()
        self._parts: list[str] = []
        self._lock = RLock()
        with collector_paused():
            self._load()

    def recall(self, manifest: Path | str) -> IndexEntry | None:
        """The recording of this manifest, if every file that it was read from is as it was."""
        known = self._recordings.get(_absolute(manifest))
        return known if known and _are_unchanged(known.files) else None

    def note(self, manifest: Path | str, known: IndexEntry, *, read_at_ns: int) -> None:
        """Notes a recording whose files were stamped at this instant, before they were read."""
        if known.files and all(file.is_settled(now_ns=read_at_ns) for file in known.files):
            self._learn(IndexUpdate({_absolute(manifest): known}), draining=True)

    def forget(self, manifest: Path | str) -> None:
        """The recording of this manifest is to be read again."""
        self._is_new |= self._recordings.pop(_absolute(manifest), None) is not None

    def digest(self, path: Path) -> str:
        """SHA-256 of a file's bytes, read only if the file is not as it was."""
        before, now_ns = stamp(path), time.time_ns()
        known = self.known_digest(path)
        if known is None:
            known = file_digest(path)
            self.note_digest(before, known, read_at_ns=now_ns)
        return known

    def known_digest(self, path: Path) -> str | None:
        """SHA-256 of a file's bytes if it is known and the file as it was; nothing is read."""
        known = self._digests.get(_absolute(path))
        return known[1] if known and known[0] == stamp(path) else None

    def note_digest(self, file: Stamp | None, digest: str, *, read_at_ns: int) -> None:
        """Notes the SHA-256 of a file that was stamped at this instant, before it was read."""
        if file and file.is_settled(now_ns=read_at_ns):
            self._learn(IndexUpdate({}, {file.path: (file, digest)}), draining=True)

    def drain(self) -> IndexUpdate:
        """What was added since this was last called."""
        with self._lock:
            update, self._undrained = self._undrained, IndexUpdate()
        return update

    def merge(self, update: IndexUpdate) -> None:
        """Adds what another index of the same making has gained: kept with the rest, and not drained again."""
        if update.recordings or update.digests:
            self._learn(update, draining=False)

    def save(self) -> None:
        """Keeps everything for the next run, in one object."""
        with self._lock:
            if not self._is_new:
                return
            everything = IndexUpdate(self._recordings, self._digests)
            content = canonical_json(_plain_content(everything, making=self._making)).encode()
            parts, self._parts, self._unsaved, self._is_new = self._parts, [], IndexUpdate(), False
        self._store.put(f"{self._name}.json", content)
        for path in parts:  # their content is in the whole; one that another process writes meanwhile stays
            self._store.delete(path)

    def _learn(self, update: IndexUpdate, *, draining: bool) -> None:
        with self._lock:
            self._recordings.update(update.recordings)
            self._digests.update(update.digests)
            self._unsaved.add(update)
            if draining:
                self._undrained.add(update)
            self._is_new = True
            if time.monotonic() - self._saved < SAVE_SECONDS:
                return
            unsaved, self._unsaved, self._saved = self._unsaved, IndexUpdate(), time.monotonic()
            path = f"{self._name}/{len(self._parts):06d}-{uuid.uuid4().hex}.json"
            self._parts.append(path)
        self._store.put(path, canonical_json(_plain_content(unsaved, making=self._making)).encode())

    def _load(self) -> None:
        """What was saved whole, then what was saved since: which is newer does not matter, for files tell."""
        self._parts = sorted(self._store.names(self._name))
        for path in (f"{self._name}.json", *self._parts):
            found = self._read(path)
            self._recordings.update(found.recordings)
            self._digests.update(found.digests)
        self._is_new = bool(self._parts)

    def _read(self, path: str) -> IndexUpdate:
        """What one object keeps; nothing of one that is damaged, no recordings of one of another making."""
        try:
            content = json.loads(self._store.get(path))
            if content["version"] != INDEX_VERSION:
                return IndexUpdate()
            digests = {row[0]: (Stamp(*row[:-1]), row[-1]) for row in content["digests"]}
            recordings = _from_columns(content["recordings"]) if content["making"] == self._making else {}
        except (FileNotFoundError, BadInput, ValueError, LookupError, TypeError, AttributeError):
            return IndexUpdate()
        return IndexUpdate(recordings, digests)


def _are_unchanged(files: Iterable[Stamp]) -> bool:
    """Whether files are as they were: stamps taken now would be equal, without the making of any."""
    try:
        for path, size, changed_ns, status_changed_ns, inode in files:
            found = os.stat(path)  # noqa: PTH116  # a Path costs more than the question
            now = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
            if now != (size, changed_ns, status_changed_ns, inode):
                return False
    except OSError:
        return False
    return True


def _absolute(path: Path | str) -> str:
    """The absolute path; a text is taken for one."""
    return path if isinstance(path, str) else str(path if path.is_absolute() else path.absolute())


def _plain_content(update: IndexUpdate, *, making: str) -> dict[str, Any]:
    digests = [[*file, found] for file, found in update.digests.values()]
    return {
        "version": INDEX_VERSION,
        "making": making,
        "recordings": _as_columns(update.recordings),
        "digests": digests,
    }


def _as_columns(recordings: Mapping[str, IndexEntry]) -> dict[str, Any]:
    """Recordings and their files as lists of texts and numbers, which JSON reads in a tenth of the time of rows."""
    files = [file for known in recordings.values() for file in known.files]
    return {
        "manifest": list(recordings),
        **{name: [getattr(known, name) for known in recordings.values()] for name in OF_RECORDING},
        "files": [len(known.files) for known in recordings.values()],
        **{f"file_{name}": [getattr(file, name) for file in files] for name in Stamp._fields},
    }


def _from_columns(columns: Mapping[str, Any]) -> dict[str, IndexEntry]:
    """The recordings of `_as_columns`."""
    stamps = map(Stamp._make, zip(*(columns[f"file_{name}"] for name in Stamp._fields), strict=True))
    rows = zip(columns["manifest"], columns["files"], *(columns[name] for name in OF_RECORDING), strict=True)
    return {
        manifest: IndexEntry(recording_id, entry, teacher, tuple(islice(stamps, count)))
        for manifest, count, recording_id, entry, teacher in rows
    }
