"""Reads committed segments and nothing else, each byte held against the manifest before it is used."""

import hashlib
import os
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from ..data.errors import BadInput
from .arrays import decode_clips, decode_segment, is_clip_object
from .fingerprint import teacher_key
from .manifest_entry import FORMATS, MANIFEST, entry_path, is_entry, path_of, read_entry
from .schema import Entry, FilmClips, Segment, StoredObject
from .store import CacheStore, Listed

READERS = min(16, 4 * (os.cpu_count() or 1))
"""Threads that fetch and decode; both wait for disk or network, or compute outside Python's lock."""
SEGMENTS_AHEAD = min(4, os.cpu_count() or 1)
"""Segments that are fetched before they are asked for: each may hold hours of sensors."""


def committed(store: CacheStore) -> tuple[Entry, ...]:
    """The segments that readers see: of each recording and teacher the one committed last. Sorted by recording."""
    entries = all_entries(store)
    old = {path_of(entry) for entry in superseded(entries)}
    current = [entry for entry in entries if path_of(entry) not in old]
    return tuple(sorted(current, key=lambda entry: (entry.recording_id, entry.committed_at, entry.key)))


def is_committed(store: CacheStore, key: str) -> bool:
    """Whether the segment of this key is what readers see. Without a manifest entry nothing is read."""
    return has_entry(store, key) and any(entry.key == key for entry in committed(store))


def has_entry(store: CacheStore, key: str) -> bool:
    """Whether a segment of this key was committed and not retired since: checks existence alone, reads nothing.

    A writer that is killed between commit and retirement leaves the old entry beside the new one until the next
    commit: who must tell the two apart asks `is_committed`.
    """
    return any(store.exists(entry_path(key, file_format=name)) for name in FORMATS)


def find_clips(store: CacheStore, film_key: str) -> FilmClips | None:
    """What a teacher saw in a film, from any committed segment: windows are pooled anew without the teacher."""
    for entry in all_entries(store) if film_key else ():
        if entry.fingerprint.film_key == film_key:
            needed = [one for one in entry.objects if is_clip_object(one.path.removeprefix(f"{entry.folder}/"))]
            return decode_clips(_fetch(store, needed, entry=entry))
    return None


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


def all_entries(store: CacheStore) -> tuple[Entry, ...]:
    """Every entry, those that a later commit has superseded included. Each is parsed once."""
    listed = [one for one in store.list(MANIFEST) if is_entry(one.path)]
    with ThreadPoolExecutor(READERS) as pool:
        found = list(pool.map(lambda one: _known_entry(store, one), listed))
    return tuple(entry for entry in found if entry is not None)


def orphaned_recordings(store: CacheStore, keys: Collection[str]) -> tuple[str, ...]:
    """Ids of the recordings that have a segment of none of these keys, sorted; only their entries are parsed.

    One that cannot be read is left out here: `verify` reports it.
    """
    known = {entry_path(key, file_format=name) for key in keys for name in FORMATS}
    listed = [one for one in store.list(MANIFEST) if is_entry(one.path) and one.path not in known]
    with ThreadPoolExecutor(READERS) as pool:
        found = pool.map(lambda one: _name_in(store, one), listed)
    return tuple(sorted({name for name in found if name is not None}))


def superseded(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries whose recording has a later one by the same teacher; for one without film, a later one at all."""
    by_recording: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_recording[entry.recording_id].append(entry)
    return tuple(old for group in by_recording.values() for old in group if any(_supersedes(new, old) for new in group))


def _supersedes(new: Entry, old: Entry) -> bool:
    """The order is total, so that of any number of writers at once the last one's segment always stays."""
    later = (new.committed_at, new.key) > (old.committed_at, old.key)
    return later and _teacher_key(old) in ("", _teacher_key(new))


def _teacher_key(entry: Entry) -> str:
    return teacher_key(entry.fingerprint.teacher, clip_spec=entry.fingerprint.clip_spec)


def _known_entry(store: CacheStore, listed: Listed) -> Entry | None:
    """The entry at a listed path; None when it has been retired since the listing."""
    known = store.known.get(listed.path)
    if known is not None and known[0] == listed.version:
        return known[1]
    try:
        entry = read_entry(store, listed.path)
    except FileNotFoundError:
        return None
    store.known[listed.path] = (listed.version, entry)
    return entry


def _name_in(store: CacheStore, listed: Listed) -> str | None:
    try:
        entry = _known_entry(store, listed)
    except BadInput:
        return None
    return None if entry is None else entry.recording_id


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
