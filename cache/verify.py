"""Checks every byte of a cache against its manifest, takes out what is damaged or unwanted, clears up what is left."""

import hashlib
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ..data.errors import BadInput, shortened
from ..data.progress import watched
from .manifest_entry import FILMS, MANIFEST, OtherVersion, film_path, is_entry, is_older, read_entry
from .reader import READERS, all_entries, superseded
from .schema import Entry, StoredObject
from .store import CacheStore, CacheUnusable, Listed
from .writer import retire

GRACE_SECONDS = 3600.0
"""What was written more recently may belong to a writer at work: `gc` leaves it alone."""

DAMAGE = ("manifest", "missing", "damaged")
"""Kinds of faults by which something committed cannot be read; what is left over is harmless."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a cache, or left over in it."""

    kind: str
    """`manifest` (unreadable entry), `missing`, `damaged`, `superseded`, or `orphan` (written, never committed)."""
    path: str
    """The object, or the folder of an attempt, in the store."""
    detail: str
    """What was found, in a sentence."""
    manifest_path: str = ""
    """The manifest entry that names what is damaged or superseded; empty for an orphan, which none names."""
    recording_id: str = ""
    """Whose segment it is; empty where that is not known."""

    @property
    def is_damage(self) -> bool:
        """Whether something committed cannot be read."""
        return self.kind in DAMAGE


def require_cache(store: CacheStore) -> None:
    """Refuses a place that holds nothing committed and nothing that a writer left: a mistyped path is not sound."""
    if any(next(store.names(prefix), None) for prefix in (MANIFEST, "stage", "seg")):
        return
    missing = store.folder is not None and not store.folder.exists()
    raise BadInput(
        store.location,
        found="no such folder" if missing else "nothing that was ever committed",
        expected="a cache",
        remedy="Check the path: `extract-teacher DATA` keeps its cache in DATA/cache unless --cache names another.",
    )


def verify(store: CacheStore) -> tuple[Fault, ...]:
    """Reads and hashes everything. `superseded` and `orphan` are harmless and go with `gc`; the others are damage."""
    entries, faults = _readable_entries(store)
    named = [(entry, one) for entry in entries for one in entry.objects]
    with ThreadPoolExecutor(READERS) as pool:
        checked = watched(pool.map(lambda item: _check(store, *item), named), total=len(named), name="objects")
        faults += [fault for fault in checked if fault is not None]
    faults += [
        _fault("superseded", entry.path, f"a later segment of {entry.recording_id} replaced it", of=entry)
        for entry in superseded(entries)
    ]
    for folder, objects in _left_over(store, entries).items():
        size = sum(one.size for one in objects)
        faults.append(Fault("orphan", folder, f"{len(objects)} objects, {size} bytes, that no manifest names"))
    return tuple(faults)


def repair(store: CacheStore, faults: Iterable[Fault]) -> None:
    """Takes every segment that `verify` found damaged out of the cache: the next `extract-teacher` makes it anew.

    What later segments have replaced goes first, else it would be seen again.
    """
    for fault in sorted(faults, key=lambda fault: fault.kind != "superseded"):
        if fault.manifest_path:
            store.delete(fault.manifest_path)


def drop(store: CacheStore, recordings: Collection[str]) -> None:
    """Takes recordings out of the cache, as every teacher saw them; `gc` collects the rest. Unknown ids are refused.

    The oldest segments go first, so that a kill at any moment brings none back that was replaced.
    """
    entries = sorted(all_entries(store), key=lambda entry: entry.order)
    there = {entry.recording_id for entry in entries}
    unknown = sorted(set(recordings) - there)
    if unknown:
        raise BadInput(
            store.location,
            found=f"no recording {', '.join(unknown)}",
            expected="ids of committed recordings",
            remedy=f"Nothing was taken out. Committed: {shortened(sorted(there)) or 'none'}.",
        )
    retire(store, (entry for entry in entries if entry.recording_id in recordings))


def gc(store: CacheStore, *, grace_seconds: float = GRACE_SECONDS) -> tuple[str, ...]:
    """Removes superseded segments and what killed writers have left; returns the paths removed. Nothing committed goes.

    Left-overs of which anything was written within `grace_seconds` stay: their writer may be about to commit.
    """
    retired = retire(store, superseded(all_entries(store, indexing=True)))
    candidates = _by_folder(store)  # listed before the manifest is: what is committed in between is found there
    films = store.list(FILMS)
    entries = all_entries(store)
    keep = _named_paths(entries)
    latest = datetime.now(UTC) - timedelta(seconds=grace_seconds)
    _tidy_films(store, films, entries=entries, latest=latest)
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


def _tidy_films(store: CacheStore, films: Iterable[Listed], *, entries: Iterable[Entry], latest: datetime) -> None:
    """Makes the objects by which features of films are found anew where they are lost, and removes those in vain."""
    needed = {film_path(entry) for entry in entries if not is_older(entry.path)} - {""}
    for path in sorted(needed.difference(one.path for one in films)):
        store.put_once(path, b"")
    for one in films:
        if one.path not in needed and one.modified <= latest:
            store.delete(one.path)


def left_over(store: CacheStore) -> tuple[str, ...]:
    """Folders that hold objects which no manifest names: after `gc`, those that were written within its grace."""
    return tuple(_left_over(store, all_entries(store)))


def _readable_entries(store: CacheStore) -> tuple[list[Entry], list[Fault]]:
    entries, faults = [], []
    for listed in store.list(MANIFEST):
        if not is_entry(listed.path):
            continue
        try:
            entries.append(read_entry(store, listed.path))
        except FileNotFoundError:  # retired since the listing
            continue
        except (OtherVersion, CacheUnusable):  # no damage, and nothing to be repaired
            raise
        except BadInput as bad:
            detail = f"found {bad.found}; expected {bad.expected}"
            faults.append(Fault("manifest", listed.path, detail, manifest_path=listed.path))
    return entries, faults


def _check(store: CacheStore, entry: Entry, one: StoredObject) -> Fault | None:
    try:
        data = store.get(one.path)
    except FileNotFoundError:
        return _fault("missing", one.path, f"{one.size} bytes of {entry.recording_id} are gone", of=entry)
    if len(data) != one.size:
        found = f"{len(data)} bytes where {one.size} were written ({entry.recording_id})"
        return _fault("damaged", one.path, found, of=entry)
    if hashlib.sha256(data).hexdigest() != one.sha256:
        return _fault("damaged", one.path, f"other bytes than were written ({entry.recording_id})", of=entry)
    return None


def _fault(kind: str, path: str, detail: str, *, of: Entry) -> Fault:
    return Fault(kind, path, detail, manifest_path=of.path, recording_id=of.recording_id)


def _left_over(store: CacheStore, entries: Iterable[Entry]) -> dict[str, list[Listed]]:
    """Objects that no entry names, by the folder of their attempt."""
    keep = _named_paths(entries)
    spare = {folder: [one for one in objects if one.path not in keep] for folder, objects in _by_folder(store).items()}
    return {folder: objects for folder, objects in spare.items() if objects}


def _named_paths(entries: Iterable[Entry]) -> set[str]:
    return {one.path for entry in entries for one in entry.objects}


def _by_folder(store: CacheStore) -> dict[str, list[Listed]]:
    """Every object of segments and staging by its attempt: `seg/<key>/<attempt>`, or `stage/<name>`."""
    folders: dict[str, list[Listed]] = {}
    for one in (*store.list("seg"), *store.list("stage")):
        parts = one.path.split("/")
        depth = 3 if parts[0] == "seg" else 2
        folders.setdefault("/".join(parts[:depth]), []).append(one)
    return folders
