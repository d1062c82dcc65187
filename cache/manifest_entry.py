"""Manifest entries: one small JSON file commits a segment and names each of its objects with size and SHA-256.

The file is the canonical JSON of the entry with the SHA-256 of its other fields inside: any damage is found.
"""

import json
from dataclasses import asdict
from typing import Any

from ..data.errors import BadInput, first_line
from .fingerprint import canonical_json, json_digest
from .parquet_entry import decode_parquet
from .schema import SCHEMA_VERSION, Entry, Fingerprint, StoredObject
from .store import CacheStore

MANIFEST = "man"
"""Where all manifest entries lie."""
FORMATS = ("json", "parquet")
"""How an entry may be written. Only the first is written; the second is what releases before this one wrote."""
PLAIN = ("recording_id", "horse", "key", "attempt", "committed_at", "rows", "windows", "clips")
"""Fields that are stored as they are."""


class OtherVersion(BadInput):
    """A manifest entry of another format version: sound, for the release of equigait that wrote it."""


def entry_path(key: str, *, file_format: str = "json") -> str:
    """Where the manifest entry of a segment lies."""
    return f"{MANIFEST}/{key[:2]}/{key}.{file_format}"


def path_of(entry: Entry) -> str:
    """Where this very entry lies."""
    return entry_path(entry.key, file_format=entry.file_format)


def is_entry(path: str) -> bool:
    """Whether an object under `MANIFEST` is an entry by its name."""
    return path.endswith(tuple(f".{name}" for name in FORMATS))


def encode_entry(entry: Entry) -> bytes:
    """The JSON file that commits this entry."""
    made = entry.fingerprint
    row = {
        "version": SCHEMA_VERSION,
        **{name: getattr(entry, name) for name in PLAIN},
        "film_key": made.film_key,
        "sensor_key": made.sensor_key,
        "teacher": dict(made.teacher),
        "clip_spec": dict(made.clip_spec),
        "objects": [asdict(one) for one in entry.objects],
    }
    return canonical_json({**row, "sha256": json_digest(row)}).encode()


def read_entry(store: CacheStore, path: str) -> Entry:
    """The entry at a path. Refuses one that is damaged, misplaced, or of another format version.

    FileNotFoundError when there is none.
    """
    data = store.get(path)
    file_format = path.rpartition(".")[2]
    try:
        row = decode_parquet(data) if file_format == "parquet" else _decode_json(data)
        version = row["version"]
    except (LookupError, TypeError, ValueError, OSError, MemoryError, RecursionError) as error:
        raise _damaged(store, path, found=f"a damaged manifest entry: {first_line(error)}") from error
    if version != SCHEMA_VERSION:
        raise OtherVersion(
            store.name(path),
            found=f"cache format version {version}",
            expected=f"version {SCHEMA_VERSION}",
            remedy="Extract into a new cache, or use the release of equigait that wrote this one.",
        )
    try:
        entry = _entry(row, file_format=file_format)
    except (LookupError, TypeError, ValueError) as error:
        raise _damaged(store, path, found=f"a damaged manifest entry: {first_line(error)}") from error
    if path != path_of(entry):
        raise _damaged(store, path, found="a damaged manifest entry: that of another segment")
    return entry


def _decode_json(data: bytes) -> dict[str, Any]:
    """The fields of an entry; ValueError unless every byte is as it was written."""
    row = json.loads(data)
    if not isinstance(row, dict) or canonical_json(row).encode() != data:
        raise ValueError("not the canonical JSON of an entry")
    if row.pop("sha256", None) != json_digest(row):
        raise ValueError("content and checksum differ")
    return row


def _entry(row: dict[str, Any], *, file_format: str) -> Entry:
    made = Fingerprint(**{name: row[name] for name in ("film_key", "sensor_key", "teacher", "clip_spec")})
    objects = tuple(StoredObject(**one) for one in row["objects"])
    return Entry(**{name: row[name] for name in PLAIN}, fingerprint=made, objects=objects, file_format=file_format)


def _damaged(store: CacheStore, path: str, *, found: str) -> BadInput:
    return BadInput(
        store.name(path),
        found=found,
        expected="the manifest entry as it was committed",
        remedy=f"Run `equigait-cli verify {store.location} --repair`, then extract-teacher: it makes this one anew.",
    )
