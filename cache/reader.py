"""Reads committed segments and nothing else, each byte held against the manifest before it is used."""

import hashlib
import os
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from ..data.errors import BadInput
from .arrays import decode_clips, decode_segment, is_clip_object
from .collector import collector_paused
from .entry_index import LEAST_NEW, EntryIndex, is_worth_growing
from .manifest_entry import (
    ENTRIES,
    MANIFEST,
    digest_in,
    entry_of_film,
    entry_prefix,
    film_prefix,
    is_entry,
    is_older,
    key_in,
    name_digest,
    older_paths,
    read_entry,
)
from .schema import Entry, FilmClips, Segment, StoredObject
from .store import CacheStore, Listed

READERS = min(16, 4 * (os.cpu_count() or 1))
"""Threads that fetch and decode; both wait for disk or network, or compute outside Python's lock."""
SEGMENTS_AHEAD = min(4, os.cpu_count() or 1)
"""Segments that are fetched before they are asked for: each may hold hours of sensors."""
REQUESTS = 64
"""Threads that fetch manifest entries over a network, where all is waiting."""
PIECE = 128
"""Manifest entries that a thread reads in a row: threads cost as much as a small file."""


def committed(store: CacheStore, *, indexing: bool = False) -> tuple[Entry, ...]:
    """The segments that readers see: of each recording and teacher the one committed last. Sorted by recording.

    With `indexing` the next one to ask need not read again what was read for this.
    """
    entries = all_entries(store, indexing=indexing)
    return tuple(sorted(_current(entries), key=lambda entry: (entry.recording_id, entry.order)))


def is_committed(store: CacheStore, recording_id: str, key: str) -> bool:
    """Whether the segment of this key is what readers see."""
    return is_current(entries_of(store, recording_id), key)


def is_current(entries: Iterable[Entry], key: str) -> bool:
    """Whether, of all entries of a recording, one of this key is what readers see."""
    return any(entry.key == key for entry in _current(tuple(entries)))


def _current(entries: Sequence[Entry]) -> list[Entry]:
    """Those that no other one of these supersedes."""
    old = {entry.path for entry in superseded(entries)}
    return [entry for entry in entries if entry.path not in old]


def find_clips(store: CacheStore, film_key: str) -> FilmClips | None:
    """What a teacher saw in a film, from any committed segment: windows are pooled anew without the teacher."""
    for entry in _entries_of_film(store, film_key) if film_key else ():
        needed = [one for one in entry.objects if is_clip_object(one.path.removeprefix(f"{entry.folder}/"))]
        return decode_clips(_fetch(store, needed, entry=entry))
    return None


def _entries_of_film(store: CacheStore, film_key: str) -> Iterator[Entry]:
    for path in sorted(store.names(film_prefix(film_key))):
        if path.rpartition("/")[2].startswith(film_key):
            try:
                yield read_entry(store, entry_of_film(path))
            except FileNotFoundError:  # superseded since, or its writer was killed before it committed
                continue
    for older in _older(store).values():
        yield from (one for one in older if one.fingerprint.film_key == film_key and store.exists(one.path))


def read_segment(store: CacheStore, entry: Entry, *, sensors: bool = True) -> Segment:
    """One committed segment; without `sensors` all but their samples, which are NaN then and not fetched."""
    left_out = "" if sensors else f"{entry.folder}/imu/c/"
    needed = [one for one in entry.objects if not (left_out and one.path.startswith(left_out))]
    return decode_segment(_fetch(store, needed, entry=entry))


def read_segments(store: CacheStore, entries: Iterable[Entry], *, sensors: bool = True) -> Iterator[Segment]:
    """Many committed segments, in the order of the entries: a few are fetched ahead, no more are held."""
    with ThreadPoolExecutor(SEGMENTS_AHEAD) as pool:
        coming: deque[Future[Segment]] = deque()
        for entry in entries:
            coming.append(pool.submit(read_segment, store, entry, sensors=sensors))
            if len(coming) > SEGMENTS_AHEAD:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def all_entries(store: CacheStore, *, indexing: bool = False) -> tuple[Entry, ...]:
    """Every entry, those that a later commit has superseded included. Each is parsed once: by index, if there are many.

    With `indexing` the index takes in what it did not have.
    """
    with collector_paused(), ThreadPoolExecutor(1) as pool:
        over_network = store.folder is None and not store.known
        ahead = pool.submit(EntryIndex, store) if over_network else None  # where both are waited for, at the same time
        listed = [one for one in store.list(MANIFEST) if is_entry(one.path)]
        unknown = len(listed) if indexing else sum(not _is_known(store, one) for one in listed)
        if unknown < LEAST_NEW:  # what this process has committed itself it knows, and the index does not
            return _read(store, listed)
        index = ahead.result() if ahead else EntryIndex(store)
        store.known = index.known | store.known
        found = _read(store, listed)
    if indexing:
        index.grow({entry.path: store.known[entry.path] for entry in found})
    return found


def index_entries(store: CacheStore, *, new: int, of: int) -> None:
    """Has the index take in `new` entries of so many, where that is a share that it would rather not do without."""
    if is_worth_growing(new, of=of):
        all_entries(store, indexing=True)


def entries_of(store: CacheStore, recording_id: str) -> tuple[Entry, ...]:
    """Every entry of one recording, superseded ones included. The cost does not grow with the cache.

    Entries that earlier releases wrote lie in one heap, which is read once; `gc` rewrites them.
    """
    digest = name_digest(recording_id)
    found = _read(store, (one for one in store.list(entry_prefix(recording_id)) if digest_in(one.path) == digest))
    older = [one for one in _older(store).get(recording_id, ()) if store.exists(one.path)]
    return (*found, *older)


def _older(store: CacheStore) -> dict[str, tuple[Entry, ...]]:
    """Entries of the form of earlier releases, by recording."""
    if store.older is None:
        folders = [name for name in store.folders(MANIFEST) if f"{MANIFEST}/{name}" != ENTRIES]
        listed = (one for name in folders for one in store.list(f"{MANIFEST}/{name}") if is_entry(one.path))
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in _read(store, listed):
            found[entry.recording_id].append(entry)
        store.older = {name: tuple(entries) for name, entries in found.items()}
    return store.older


class Committed:
    """Which segments have a manifest entry, by one listing of their names: nothing else is asked of the store.

    A writer that is killed between commit and retirement leaves the old entry beside the new one until the next
    commit: who must tell the two apart asks `is_committed`.
    """

    def __init__(self, store: CacheStore) -> None:
        self._store = store
        self._paths = frozenset(store.names(MANIFEST))
        self._has_older = any(map(is_older, self._paths))
        self._asked: set[str] = set()

    def has(self, path: str) -> bool:
        """Whether the segment whose entry lies at this `entry_path` was committed and not retired since."""
        self._asked.add(path)
        if path in self._paths:
            return True
        older = older_paths(key_in(path)) if self._has_older else ()
        self._asked.update(older)
        return any(path in self._paths for path in older)

    def orphaned(self, recordings: Collection[str]) -> tuple[str, ...]:
        """Ids of the cache's recordings that are none of these, sorted; only entries are read whose names say so.

        What `has` was asked for is of these, too. An entry that cannot be read is left out here: `verify` reports it.
        """
        foreign = self._paths - self._asked
        digests = set(map(name_digest, recordings)) if foreign else set()
        unread = [one for one in foreign if digest_in(one) not in digests and is_entry(one)]
        with ThreadPoolExecutor(READERS) as pool:
            found = {name for name in pool.map(lambda path: _name_in(self._store, path), unread) if name is not None}
        return tuple(sorted(found.difference(recordings)))


def superseded(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries whose recording has a later one by the same teacher; for one without film, a later one at all."""
    by_recording: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_recording[entry.recording_id].append(entry)
    several = (group for group in by_recording.values() if len(group) > 1)
    return tuple(old for group in several for old in group if any(_supersedes(new, old) for new in group))


def _supersedes(new: Entry, old: Entry) -> bool:
    """The order is total, so that of any number of writers at once the last one's segment always stays."""
    return new.order > old.order and old.teacher_key in ("", new.teacher_key)


def _read(store: CacheStore, listed: Iterable[Listed]) -> tuple[Entry, ...]:
    """The entries at listed paths, those left out that have been retired since the listing."""
    listed = tuple(listed)
    found = {one.path: store.known[one.path][1] for one in listed if _is_known(store, one)}
    unknown = [one for one in listed if one.path not in found]
    pieces = [unknown[start : start + PIECE] for start in range(0, len(unknown), PIECE)]
    if len(pieces) == 1:
        found.update(_read_piece(store, unknown))
    elif pieces:
        with ThreadPoolExecutor(READERS if store.folder is not None else REQUESTS) as pool:
            for piece in pool.map(partial(_read_piece, store), pieces):
                found.update(piece)
    return tuple(found[one.path] for one in listed if one.path in found)


def _is_known(store: CacheStore, listed: Listed) -> bool:
    """Whether this very object was read before."""
    known = store.known.get(listed.path)
    return known is not None and known[0] == listed.version != ""


def _read_piece(store: CacheStore, listed: Iterable[Listed]) -> dict[str, Entry]:
    """The entries at listed paths, by path."""
    found = {}
    for one in listed:
        try:
            found[one.path] = read_entry(store, one.path)
        except FileNotFoundError:  # retired since the listing
            continue
        store.known[one.path] = (one.version, found[one.path])
    return found


def _name_in(store: CacheStore, path: str) -> str | None:
    try:
        return read_entry(store, path).recording_id
    except (FileNotFoundError, BadInput):
        return None


def _fetch(store: CacheStore, objects: Iterable[StoredObject], *, entry: Entry) -> dict[str, bytes]:
    """The bytes of a segment's objects by their path within it; refuses any that is not as it was written."""
    fetched = {}
    for one in objects:
        try:
            data = store.get(one.path)
        except FileNotFoundError:
            raise _unreadable(store, one, entry=entry, found="no such object") from None
        if len(data) != one.size or hashlib.sha256(data).hexdigest() != one.sha256:
            raise _unreadable(store, one, entry=entry, found=f"{len(data)} bytes that are not the ones written")
        fetched[one.path.removeprefix(f"{entry.folder}/")] = data
    return fetched


def _unreadable(store: CacheStore, one: StoredObject, *, entry: Entry, found: str) -> BadInput:
    return BadInput(
        store.name(one.path),
        found=found,
        expected=f"the {one.size} bytes committed for {entry.recording_id}",
        remedy=f"Run `equigait-cli verify {store.location} --repair`, then extract-teacher; "
        "if another process replaced this recording just now, read again.",
    )
