"""Why a recording is not in the cache: one small JSON object for each that failed, gone once it succeeds."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from .fingerprint import canonical_json
from .store import CacheStore

STATUS = "status"


@dataclass(frozen=True)
class Status:
    """What became of a recording that is not in the cache."""

    kind: str
    """`failed` or `skipped`."""
    reason: str
    """Why, in a sentence."""
    of: str = ""
    """Digest of all that was tried, to tell whether trying again can end otherwise; empty where it always may."""


def write_status(store: CacheStore, recording_id: str, *, reason: str, kind: str = "failed", of: str = "") -> None:
    """Notes why a recording failed or was skipped, in place of any earlier note."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    note = {"recording_id": recording_id, "kind": kind, "reason": reason, "of": of, "at": at}
    store.put(_path(recording_id), canonical_json(note).encode())


def clear_status(store: CacheStore, recording_id: str) -> None:
    """Forgets the note of a recording that has succeeded; none is no error."""
    store.delete(_path(recording_id))


def read_statuses(store: CacheStore) -> dict[str, Status]:
    """What is noted, by recording id. A note that cannot be read counts as none: it only spares work."""
    found = {}
    for one in store.list(STATUS):
        try:
            note = json.loads(store.get(one.path))
            found[str(note["recording_id"])] = Status(note.get("kind", "failed"), note["reason"], note.get("of", ""))
        except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
            continue
    return found


def _path(recording_id: str) -> str:
    return f"{STATUS}/{quote(recording_id, safe='')}.json"
