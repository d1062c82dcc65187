"""Commits segments: written whole under a name of its own, then made visible by one manifest entry that is put once.

A writer that is killed leaves objects that no entry names, which no reader sees. Of writers that race on one segment
exactly one puts the entry; the others recognise it and clear up after themselves.
"""

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from ..data.errors import BadInput
from .arrays import encode_segment
from .fingerprint import segment_key
from .manifest_entry import encode_entry, entry_path, path_of
from .reader import READERS, all_entries, is_committed, superseded
from .schema import Entry, Segment, StoredObject
from .store import CacheStore


def commit(store: CacheStore, segment: Segment) -> str:
    """Makes a segment visible to readers, whole, and returns its key. One that is there already is left as it is.

    Earlier segments of the same recording by the same teacher are retired: their entries go, `gc` collects the rest.
    """
    key = segment_key(segment.recording_id, horse=segment.horse, fingerprint=segment.fingerprint)
    if is_committed(store, key):
        return key
    entry = _write(store, segment, key=key)
    path, encoded = entry_path(key), encode_entry(entry)
    if not store.put_once(path, encoded):
        if is_committed(store, key):  # another writer was first
            store.delete_under(entry.folder)
        else:  # this very content was committed before and superseded since: now it comes last again
            store.put(path, encoded)
    retire_superseded(store)
    return key


def retire_superseded(store: CacheStore) -> tuple[str, ...]:
    """Removes the manifest entries of segments that later ones have replaced; returns their paths."""
    paths = tuple(path_of(entry) for entry in superseded(all_entries(store)))
    for path in paths:
        store.delete(path)
    return paths


def _write(store: CacheStore, segment: Segment, *, key: str) -> Entry:
    """Writes the segment's objects under an attempt's own name, waits until they are safe, and makes out the entry."""
    attempt = uuid.uuid4().hex
    folder = f"seg/{key}/{attempt}"
    objects = {f"{folder}/{path}": data for path, data in encode_segment(segment).items()}
    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(lambda item: store.put(*item), objects.items()))
    store.settle(folder)
    _check_there(store, folder, objects)
    return Entry(
        recording_id=segment.recording_id,
        horse=segment.horse,
        key=key,
        attempt=attempt,
        fingerprint=segment.fingerprint,
        committed_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        rows=len(segment.grid.imu),
        windows=len(segment.windows.start_row),
        clips=len(segment.clips),
        objects=tuple(
            StoredObject(path=path, size=len(data), sha256=hashlib.sha256(data).hexdigest())
            for path, data in objects.items()
        ),
    )


def _check_there(store: CacheStore, folder: str, objects: dict[str, bytes]) -> None:
    """Everything just written must be listed: a collector that ran meanwhile would have taken it for left over."""
    sizes = {one.path: one.size for one in store.list(folder)}
    lost = [path for path, data in objects.items() if sizes.get(path) != len(data)]
    if lost:
        raise BadInput(
            store.name(lost[0]),
            found="an object gone, or cut short, that was written a moment ago",
            expected=f"all {len(objects)} objects of {folder}",
            remedy="Run again; never collect garbage with a grace time shorter than a commit takes.",
        )
