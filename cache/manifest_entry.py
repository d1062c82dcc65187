"""Manifest entries: one small JSON file commits a segment and names each of its objects with size and SHA-256.

The file is the canonical JSON of the entry with the SHA-256 of its other fields inside: any damage is found. It lies
under a prefix that its recording's name gives, so that a commit need not see those of other recordings. An empty object
beside it, under a prefix that its film's key gives, is how features of a film are found again.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from ..data.errors import BadInput, first_line
from .fingerprint import canonical_json, json_digest, teacher_key
from .parquet_entry import decode_parquet
from .schema import Entry, Fingerprint
from .store import CacheStore

MANIFEST, FILMS = "man", "film"
"""Where all manifest entries lie, and what finds those of a film."""
ENTRIES = f"{MANIFEST}/v2"
"""Where entries of the present form lie; those of earlier releases lie under `MANIFEST/<two letters>`."""
_BELOW_ENTRIES = f"{ENTRIES}/"
ENTRY_VERSION = 2
"""Of the entries that are written. Version 1, JSON or Parquet, is what earlier releases wrote, and is read."""
FORMATS = (".json", ".parquet")
"""Endings of the names of entries."""
PLAIN = ("recording_id", "horse", "key", "attempt", "committed_at", "rows", "windows", "clips")
"""Fields that are stored as they are in every version."""

_MADE: dict[str, dict[str, Any]] = {}
"""Teachers and clip specs by their keys: a cache's entries share them."""


class OtherVersion(BadInput):
    """A manifest entry of another format version: sound, for the release of equigait that wrote it."""


def name_digest(recording_id: str) -> str:
    """What stands for a recording in the names of its entries: 96 bits of SHA-256."""
    return hashlib.sha256(recording_id.encode()).hexdigest()[:24]


def entry_prefix(recording_id: str) -> str:
    """Where the entries of a recording lie, with those of one in 4,096 others."""
    return _prefix(name_digest(recording_id))


def entry_path(recording_id: str, key: str) -> str:
    """Where the manifest entry of a segment lies."""
    return _path(name_digest(recording_id), key)


def is_older(path: str) -> bool:
    """Whether an object under `MANIFEST` is of an earlier release by where it lies."""
    return not path.startswith(_BELOW_ENTRIES)


def digest_in(path: str) -> str:
    """The `name_digest` of the recording whose entry lies here; empty for an entry of an earlier release."""
    return "" if is_older(path) else path.rpartition("/")[2].partition("-")[0]


def key_in(path: str) -> str:
    """The key of the segment whose entry, of the present form, lies here."""
    return path.rpartition("-")[2].removesuffix(".json")


def older_paths(key: str) -> tuple[str, ...]:
    """Where earlier releases wrote the entry of a segment."""
    return tuple(f"{MANIFEST}/{key[:2]}/{key}{name}" for name in FORMATS)


def is_entry(path: str) -> bool:
    """Whether an object under `MANIFEST` is an entry by its name."""
    return path.endswith(FORMATS)


def film_prefix(film_key: str) -> str:
    """Where objects lie that name the segments of this film, and of others."""
    return f"{FILMS}/{film_key[:3]}"


def film_path(entry: Entry) -> str:
    """The object that names this entry as one with features of its film; empty without film."""
    key = entry.fingerprint.film_key
    return f"{film_prefix(key)}/{key}-{name_digest(entry.recording_id)}-{entry.key}" if key else ""


def entry_of_film(path: str) -> str:
    """Path of the entry that a `film_path` names."""
    *_, digest, key = path.split("-")
    return _path(digest, key)


def listing_of(objects: Iterable[tuple[str, int, str]]) -> str:
    """What `Entry.listing` holds, given names, sizes and checksums."""
    return ";".join(f"{name} {size} {sha256}" for name, size, sha256 in objects)


def samples_digest(listing: str) -> str:
    """Digest of what a listing says of the sensors' stored samples."""
    samples = [one for one in listing.split(";") if one.startswith("imu/")]
    return hashlib.sha256(";".join(samples).encode()).hexdigest()


def encode_entry(entry: Entry) -> bytes:
    """The JSON file that commits this entry."""
    made = entry.fingerprint
    row = {
        "version": ENTRY_VERSION,
        **{name: getattr(entry, name) for name in PLAIN},
        "generation": entry.generation,
        "film_key": made.film_key,
        "sensor_key": made.sensor_key,
        "teacher": dict(made.teacher),
        "teacher_key": entry.teacher_key,
        "clip_spec": dict(made.clip_spec),
        "objects": entry.listing,
    }
    return canonical_json({**row, "sha256": json_digest(row)}).encode()


def read_entry(store: CacheStore, path: str) -> Entry:
    """The entry at a path. Refuses one that is damaged, misplaced, or of another format version.

    FileNotFoundError when there is none.
    """
    data = store.get(path)
    try:
        row = decode_parquet(data) if path.endswith(".parquet") else _decode_json(data)
        version = row["version"]
        row = _of_present_form(row) if version == 1 else row
        entry = _entry(row, path=path) if version in (1, ENTRY_VERSION) else None
    except (LookupError, TypeError, ValueError, OSError, MemoryError, RecursionError) as error:
        raise _damaged(store, path, found=f"a damaged manifest entry: {first_line(error)}") from error
    if entry is None:
        raise OtherVersion(
            store.name(path),
            found=f"cache format version {version}",
            expected=f"version {ENTRY_VERSION} or 1",
            remedy="Extract into a new cache, or use the release of equigait that wrote this one.",
        )
    if path not in (older_paths(entry.key) if version == 1 else (entry_path(entry.recording_id, entry.key),)):
        raise _damaged(store, path, found="a damaged manifest entry: that of another segment")
    return entry


def _prefix(digest: str) -> str:
    return f"{ENTRIES}/{digest[:3]}"


def _path(digest: str, key: str) -> str:
    return f"{_prefix(digest)}/{digest}-{key}.json"


def _decode_json(data: bytes) -> dict[str, Any]:
    """The fields of an entry; ValueError unless every byte is as it was written."""
    row = json.loads(data)
    if not isinstance(row, dict):
        raise ValueError("not the JSON of an entry")
    checksum = row.pop("sha256")
    before, field, after = data.partition(f',"sha256":"{checksum}"'.encode())
    if not field or hashlib.sha256(before + after).hexdigest() != checksum:
        raise ValueError("content and checksum differ")
    return row


def _entry(row: dict[str, Any], *, path: str) -> Entry:
    key = row["teacher_key"]
    made = _MADE.setdefault(key, {"teacher": row["teacher"], "clip_spec": row["clip_spec"]})
    return Entry(
        **{name: row[name] for name in PLAIN},
        generation=row["generation"],
        teacher_key=key,
        fingerprint=Fingerprint(row["film_key"], row["sensor_key"], **made),
        listing=row["objects"],
        samples_digest=samples_digest(row["objects"]),
        path=path,
    )


def _of_present_form(row: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 1 as version 2 has them."""
    start = len(f"seg/{row['key']}/{row['attempt']}/")
    listing = listing_of((one["path"][start:], one["size"], one["sha256"]) for one in row["objects"])
    key = teacher_key(row["teacher"], clip_spec=row["clip_spec"])
    return {**row, "generation": 0, "teacher_key": key, "objects": listing}


def _damaged(store: CacheStore, path: str, *, found: str) -> BadInput:
    return BadInput(
        store.name(path),
        found=found,
        expected="the manifest entry as it was committed",
        remedy=f"Run `equigait-cli verify {store.location} --repair`, then extract-teacher: it makes this one anew.",
    )
