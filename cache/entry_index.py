"""Manifest entries gathered into a few large objects, so that opening a cache need not read each by itself.

The index is no part of the cache's truth. What it holds of an entry counts only where a listing shows the very object,
by path and version, that it was made from: an entry that is new, or was written anew, is read, and one that is gone is
passed over. A part that is damaged, or was deleted, is as none.
"""

import hashlib
import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import Any

from ..data.errors import BadInput
from .fingerprint import canonical_json
from .schema import Entry, Fingerprint
from .store import CacheStore, CacheUnusable

INDEX_VERSION = 1
PARTS = "memo/entries"
"""Where parts lie, each named by the SHA-256 of its bytes: of writers at once, equal parts are one."""
PART_ENTRIES = 4096
"""Entries of a part at most: some 16 MB."""
LEAST_NEW = 128
"""Entries that may lie beside the index, to be read one by one, before it grows;"""
SHARE_NEW = 1 / 20
"""and what share of all may, so that what is written for the index stays a multiple of the entries themselves."""
READERS = 4
"""Threads that fetch parts, each of which holds one."""

Known = dict[str, tuple[str, Entry]]
"""Entries by path, each with the version of the object that it was read from."""

COLUMNS = tuple(each.name for each in fields(Entry))
"""Of a part; in the place of fingerprints their two keys, and teachers once each."""


class EntryIndex:
    """What the parts in a store hold."""

    def __init__(self, store: CacheStore) -> None:
        self._store = store
        self._parts = tuple(sorted(store.names(PARTS)))
        self._rows = 0
        self.known: Known = {}
        """The entries."""
        with ThreadPoolExecutor(READERS) as pool:
            for rows in pool.map(self._read, self._parts):
                self._rows += len(rows)
                self.known.update(rows)

    def grow(self, present: Known) -> None:
        """Takes in these, which are all that there is, once many of them are missing.

        Written anew when half of what it holds has gone. Where the store takes no writing it stays as it is.
        """
        new = [path for path, (version, _) in present.items() if self._version(path) != version]
        if not is_worth_growing(len(new), of=len(present)):
            return
        stale = self._rows + len(new) >= 2 * len(present)
        paths = sorted(present if stale else new)
        try:
            pieces = (paths[at : at + PART_ENTRIES] for at in range(0, len(paths), PART_ENTRIES))
            written = {self._write({path: present[path] for path in piece}) for piece in pieces}
            for path in set(self._parts) - written if stale else ():
                self._store.delete(path)
        except CacheUnusable:  # a cache that may only be read
            return

    def _version(self, path: str) -> str | None:
        known = self.known.get(path)
        return known[0] if known else None

    def _read(self, path: str) -> Known:
        try:
            data = self._store.get(path)
            if hashlib.sha256(data).hexdigest() != path.rpartition("/")[2]:
                return {}
            return decode_part(json.loads(data))
        except (FileNotFoundError, BadInput, ValueError, LookupError, TypeError, AttributeError):
            return {}

    def _write(self, rows: Known) -> str:
        data = canonical_json(encode_part(rows)).encode()
        path = f"{PARTS}/{hashlib.sha256(data).hexdigest()}"
        self._store.put(path, data)
        return path


def is_worth_growing(new: int, *, of: int) -> bool:
    """Whether so many new entries of all are more than one would rather read one by one."""
    return new >= max(LEAST_NEW, SHARE_NEW * of)


def encode_part(rows: Known) -> dict[str, Any]:
    """Entries as columns, which are read back in a few large steps."""
    entries = [entry for _, entry in rows.values()]
    prints = [entry.fingerprint for entry in entries]
    made = {entry.teacher_key: entry.fingerprint for entry in entries}
    columns: dict[str, Any] = {name: [getattr(entry, name) for entry in entries] for name in COLUMNS}
    return columns | {
        "fingerprint": [[one.film_key, one.sensor_key] for one in prints],
        "teachers": {key: [dict(one.teacher), dict(one.clip_spec)] for key, one in made.items()},
        "version": [version for version, _ in rows.values()],
        "index_version": INDEX_VERSION,
    }


def decode_part(part: Mapping[str, Any]) -> Known:
    """The entries of `encode_part`; none of another version of the index."""
    if part["index_version"] != INDEX_VERSION:
        return {}
    made = zip(part["fingerprint"], part["teacher_key"], strict=True)
    prints = [Fingerprint(*keys, *part["teachers"][teacher]) for keys, teacher in made]
    entries = map(Entry, *({**part, "fingerprint": prints}[name] for name in COLUMNS))
    return dict(zip(part["path"], zip(part["version"], entries, strict=True), strict=True))
