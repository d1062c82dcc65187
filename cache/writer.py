"""Commits segments: written whole under a name of its own, then made visible by one manifest entry that is put once.

A writer that is killed leaves objects that no entry names, which no reader sees. Of writers that race on one segment
exactly one puts the entry; the others recognise it and clear up after themselves.
"""

import hashlib
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from ..data.errors import BadInput
from .arrays import encode_segment
from .fingerprint import segment_key, teacher_key
from .manifest_entry import encode_entry, entry_path, film_path, is_older, listing_of, samples_digest
from .reader import READERS, all_entries, entries_of, is_current, superseded
from .schema import Entry, Segment
from .store import CacheStore


def commit(store: CacheStore, segment: Segment) -> str:
    """Makes a segment visible to readers, whole, and returns its key. One that is there already is left as it is.

    Earlier segments of the same recording by the same teacher are retired: their entries go, `gc` collects the rest.
    """
    name = segment.recording_id
    key = segment_key(name, horse=segment.horse, fingerprint=segment.fingerprint)
    if is_current(entries_of(store, name), key):
        return key
    attempt, listing = _write(store, segment, key=key)
    before = entries_of(store, name)
    entry = _entry(segment, key=key, attempt=attempt, listing=listing, before=before)
    if film_path(entry) and not store.exists(film_path(entry)):
        store.put_once(film_path(entry), b"")  # before the entry: what names no entry yet is passed over
    encoded = encode_entry(entry)
    if not store.put_once(entry.path, encoded):
        if is_current(entries_of(store, name), key):  # another writer was first
            store.delete_under(entry.folder)
        else:  # this very content was committed before and superseded since: now it comes last again
            store.put(entry.path, encoded)
    retire(store, superseded(entries_of(store, name)))
    return key


def retire(store: CacheStore, entries: Iterable[Entry]) -> tuple[str, ...]:
    """Removes manifest entries, such as those that later ones have replaced; returns their paths."""
    entries = tuple(entries)
    for entry in entries:
        store.delete(entry.path)
    return tuple(entry.path for entry in entries)


def rewrite_older(store: CacheStore) -> int:
    """Rewrites entries of earlier releases in the present form, whose commits cost the same in caches of any size.

    Of what was killed in between, both forms stand until this is run again, and readers see the new one.
    """
    older = [entry for entry in all_entries(store) if is_older(entry.path)]
    for entry in older:
        new = replace(entry, path=entry_path(entry.recording_id, entry.key))
        store.put_once(new.path, encode_entry(new))
        store.delete(entry.path)
    store.older = None
    return len(older)


def _write(store: CacheStore, segment: Segment, *, key: str) -> tuple[str, str]:
    """Writes the segment's objects under an attempt's own name, waits until they are safe: the attempt, and what
    `Entry.listing` says of them."""
    attempt = uuid.uuid4().hex
    folder = f"seg/{key}/{attempt}"
    parts = encode_segment(segment)
    objects = {f"{folder}/{path}": data for path, data in parts.items()}
    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(lambda item: store.put(*item), objects.items()))
    store.settle(folder)
    _check_there(store, folder, objects)
    return attempt, listing_of((path, len(data), hashlib.sha256(data).hexdigest()) for path, data in parts.items())


def _entry(segment: Segment, *, key: str, attempt: str, listing: str, before: Iterable[Entry]) -> Entry:
    """The entry of what was written, later than all `before`."""
    made = segment.fingerprint
    return Entry(
        recording_id=segment.recording_id,
        horse=segment.horse,
        key=key,
        attempt=attempt,
        generation=1 + max((entry.generation for entry in before), default=0),
        teacher_key=teacher_key(made.teacher, clip_spec=made.clip_spec),
        fingerprint=made,
        committed_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        rows=len(segment.grid.imu),
        windows=len(segment.windows.start_row),
        clips=len(segment.clips),
        listing=listing,
        samples_digest=samples_digest(listing),
        path=entry_path(segment.recording_id, key),
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
