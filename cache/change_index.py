"""What earlier runs found of files, so that a run in which nothing is new need not read them again.

The index is no part of the cache's truth: it spares work; without it, or with a damaged one, all is read anew.
A file counts as unchanged when its size, inode, and times of change are those noted. The time of status change cannot
be set by a program, so other bytes under an old date are noticed. A file that changed just before it was read is not
noted: within the ticks of the file system's clock it could change once more without showing it.
"""

import json
import platform
import stat
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import Any

from ..data.errors import BadInput
from ..data.files import file_digest
from .fingerprint import canonical_json, json_digest
from .store import CacheStore

INDEX_VERSION = 1
SETTLED_SECONDS = 2.0
"""How long a file must have lain still before it was read; file systems count time in up to 2 s (FAT), most in 4 ms."""


@dataclass(frozen=True)
class Stamp:
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


@dataclass(frozen=True)
class IndexEntry:
    """A recording as it was when its segment was committed."""

    recording_id: str
    """Its id."""
    key: str
    """Its segment's key."""
    teacher: str
    """Digest of the teacher's identity; empty without film."""
    files: tuple[Stamp, ...]
    """Every file that it was read from."""


@dataclass(frozen=True)
class IndexUpdate:
    """What one index has gained and another may merge: recordings by manifest, and digests of files."""

    recordings: Mapping[str, IndexEntry] = field(default_factory=dict)
    digests: Mapping[str, tuple[Stamp, str]] = field(default_factory=dict)


def stamp(path: Path) -> Stamp | None:
    """The stamp of a file; None for what is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp(str(path.absolute()), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


class ChangeIndex:
    """Recordings by their manifests, and digests of files, as one machine's runs over one data set have seen them.

    Several threads may note at the same time."""

    def __init__(self, store: CacheStore, *, dataset: Path, making: Mapping[str, Any]) -> None:
        """`making` is all beside files that shapes a segment: of another making no recording is known."""
        self._store, self._making = store, json_digest(dict(making))
        self._path = f"memo/{json_digest([platform.node(), str(dataset.absolute())])[:24]}.json"
        self._recordings: dict[str, IndexEntry] = {}
        self._digests: dict[str, tuple[Stamp, str]] = {}
        self._is_new = False
        self._new_recordings: dict[str, IndexEntry] = {}
        self._new_digests: dict[str, tuple[Stamp, str]] = {}
        self._lock = RLock()
        self._load()

    def recall(self, manifest: Path) -> IndexEntry | None:
        """The recording of this manifest, if every file that it was read from is as it was."""
        known = self._recordings.get(str(manifest.absolute()))
        return known if known and all(stamp(Path(file.path)) == file for file in known.files) else None

    def key_of(self, manifest: Path) -> str:
        """The segment that this manifest's recording was last known to have; empty where none is known."""
        known = self._recordings.get(str(manifest.absolute()))
        return known.key if known else ""

    def note(self, manifest: Path, known: IndexEntry, *, read_at_ns: int) -> None:
        """Notes a recording whose files were stamped at this instant, before they were read."""
        if known.files and all(file.is_settled(now_ns=read_at_ns) for file in known.files):
            name = str(manifest.absolute())
            with self._lock:
                self._recordings[name] = self._new_recordings[name] = known
                self._is_new = True

    def forget(self, manifest: Path) -> None:
        """The recording of this manifest is to be read again."""
        self._is_new |= self._recordings.pop(str(manifest.absolute()), None) is not None

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
        known = self._digests.get(str(path.absolute()))
        return known[1] if known and known[0] == stamp(path) else None

    def note_digest(self, file: Stamp | None, digest: str, *, read_at_ns: int) -> None:
        """Notes the SHA-256 of a file that was stamped at this instant, before it was read."""
        if file and file.is_settled(now_ns=read_at_ns):
            with self._lock:
                self._digests[file.path] = self._new_digests[file.path] = file, digest
                self._is_new = True

    def drain(self) -> IndexUpdate:
        """What was added since this was last called."""
        with self._lock:
            update = IndexUpdate(self._new_recordings, self._new_digests)
            self._new_recordings, self._new_digests = {}, {}
        return update

    def merge(self, update: IndexUpdate) -> None:
        """Adds what another index of the same making has gained: kept with the rest, and not drained again."""
        if update.recordings or update.digests:
            with self._lock:
                self._recordings.update(update.recordings)
                self._digests.update(update.digests)
                self._is_new = True

    def save(self) -> None:
        """Keeps what is new for the next run."""
        with self._lock:
            if not self._is_new:
                return
            content = self._plain_content()
            self._is_new = False
        self._store.put(self._path, canonical_json(content).encode())

    def _plain_content(self) -> dict[str, Any]:
        recordings = {
            manifest: [known.recording_id, known.key, known.teacher, [_plain(file) for file in known.files]]
            for manifest, known in self._recordings.items()
        }
        digests = [[*_plain(file), found] for file, found in self._digests.values()]
        return {"version": INDEX_VERSION, "making": self._making, "recordings": recordings, "digests": digests}

    def _load(self) -> None:
        try:
            content = json.loads(self._store.get(self._path))
            if content["version"] != INDEX_VERSION:
                return
            digests = {row[0]: (Stamp(*row[:-1]), row[-1]) for row in content["digests"]}
            recordings = {
                manifest: IndexEntry(name, key, teacher, _stamps(files))
                for manifest, (name, key, teacher, files) in content["recordings"].items()
            }
        except (FileNotFoundError, BadInput, ValueError, LookupError, TypeError, AttributeError):
            return
        self._digests, self._recordings = digests, recordings if content["making"] == self._making else {}


def _plain(file: Stamp) -> list[str | int]:
    return [file.path, file.size, file.changed_ns, file.status_changed_ns, file.inode]


def _stamps(rows: Iterable[Iterable[Any]]) -> tuple[Stamp, ...]:
    return tuple(Stamp(*row) for row in rows)
