"""Checks every byte of a cache against its manifest, and clears away what no manifest names."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..data.errors import BadInput
from .fragment import FRAGMENTS, fragment_path, read_fragment
from .reader import READERS, all_entries, superseded
from .schema import Entry, StoredObject
from .store import CacheStore, Listed
from .writer import retire_superseded

GRACE_SECONDS = 3600.0
"""What was written more recently may belong to a writer at work: `gc` leaves it alone."""

DAMAGE = ("fragment", "missing", "damaged")
"""Kinds of faults by which something committed cannot be read; what is left over is harmless."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a cache, or left over in it."""

    kind: str
    """`fragment` (unreadable manifest), `missing`, `damaged`, `superseded`, or `orphan` (written, never committed)."""
    path: str
    """The object, or the folder of an attempt, in the store."""
    detail: str
    """What was found, in a sentence."""


def verify(store: CacheStore) -> tuple[Fault, ...]:
    """Reads and hashes everything. `superseded` and `orphan` are harmless and go with `gc`; the others are damage."""
    entries, faults = _readable_entries(store)
    named = [(entry, one) for entry in entries for one in entry.objects]
    with ThreadPoolExecutor(READERS) as pool:
        faults += [fault for fault in pool.map(lambda item: _check(store, *item), named) if fault is not None]
    faults += [
        Fault("superseded", fragment_path(entry.key), f"a later segment of {entry.recording_id} has replaced it")
        for entry in superseded(entries)
    ]
    for folder, objects in _left_over(store, entries).items():
        size = sum(one.size for one in objects)
        faults.append(Fault("orphan", folder, f"{len(objects)} objects, {size} bytes, that no manifest names"))
    return tuple(faults)


def gc(store: CacheStore, *, grace_seconds: float = GRACE_SECONDS) -> tuple[str, ...]:
    """Removes superseded segments and what killed writers have left; returns the paths removed. Nothing committed goes.

    Left-overs of which anything was written within `grace_seconds` stay: their writer may be about to commit.
    """
    retired = retire_superseded(store)
    candidates = _by_folder(store)  # listed before the manifest is: what is committed in between is found there
    keep = _named_paths(all_entries(store))
    latest = datetime.now(UTC) - timedelta(seconds=grace_seconds)
    removed = []
    for folder, objects in candidates.items():
        spare = [one for one in objects if one.path not in keep]
        if not spare or max(one.modified for one in objects) > latest:
            continue
        for one in spare:
            store.delete(one.path)
        if len(spare) == len(objects):
            store.delete_under(folder)
        removed.append(folder)
    return (*retired, *removed)


def _readable_entries(store: CacheStore) -> tuple[list[Entry], list[Fault]]:
    entries, faults = [], []
    for listed in store.list(FRAGMENTS):
        try:
            entries.append(read_fragment(store, listed.path, sealed=True))
        except FileNotFoundError:  # retired since the listing
            continue
        except BadInput as bad:
            faults.append(Fault("fragment", listed.path, f"found {bad.found}; expected {bad.expected}"))
    return entries, faults


def _check(store: CacheStore, entry: Entry, one: StoredObject) -> Fault | None:
    try:
        data = store.get(one.path)
    except FileNotFoundError:
        return Fault("missing", one.path, f"{one.size} bytes of {entry.recording_id} are gone")
    if len(data) != one.size:
        return Fault("damaged", one.path, f"{len(data)} bytes where {one.size} were written ({entry.recording_id})")
    if hashlib.sha256(data).hexdigest() != one.sha256:
        return Fault("damaged", one.path, f"other bytes than were written ({entry.recording_id})")
    return None


def _left_over(store: CacheStore, entries: list[Entry]) -> dict[str, list[Listed]]:
    """Objects that no entry names, by the folder of their attempt."""
    keep = _named_paths(entries)
    spare = {folder: [one for one in objects if one.path not in keep] for folder, objects in _by_folder(store).items()}
    return {folder: objects for folder, objects in spare.items() if objects}


def _named_paths(entries: list[Entry] | tuple[Entry, ...]) -> set[str]:
    return {one.path for entry in entries for one in entry.objects}


def _by_folder(store: CacheStore) -> dict[str, list[Listed]]:
    """Every object of segments and staging by its attempt: `seg/<key>/<attempt>`, or `stage/<name>`."""
    folders: dict[str, list[Listed]] = {}
    for one in (*store.list("seg"), *store.list("stage")):
        parts = one.path.split("/")
        depth = 3 if parts[0] == "seg" else 2
        folders.setdefault("/".join(parts[:depth]), []).append(one)
    return folders
