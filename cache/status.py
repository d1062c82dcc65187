"""Why a recording is not in the cache: one small JSON object for each that failed, gone once it succeeds."""

import json
from datetime import UTC, datetime
from urllib.parse import quote

from .fingerprint import canonical_json
from .store import CacheStore

STATUS = "status"


def write_status(store: CacheStore, recording_id: str, *, reason: str) -> None:
    """Notes why a recording failed or was skipped, in place of any earlier note."""
    note = {"recording_id": recording_id, "reason": reason, "at": datetime.now(UTC).isoformat(timespec="seconds")}
    store.put(_path(recording_id), canonical_json(note).encode())


def clear_status(store: CacheStore, recording_id: str) -> None:
    """Forgets the note of a recording that has succeeded; none is no error."""
    store.delete(_path(recording_id))


def read_statuses(store: CacheStore) -> dict[str, str]:
    """Reasons by recording id."""
    notes = [json.loads(store.get(one.path)) for one in store.list(STATUS)]
    return {note["recording_id"]: note["reason"] for note in notes}


def _path(recording_id: str) -> str:
    return f"{STATUS}/{quote(recording_id, safe='')}.json"
