"""Manifest fragments: one small Parquet file commits a segment and names each of its objects with size and SHA-256."""

import hashlib
import io
import json
import re
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ..data.errors import BadInput, first_line
from .fingerprint import canonical_json, json_digest
from .schema import SCHEMA_VERSION, Entry, Fingerprint, StoredObject
from .store import CacheStore

FRAGMENTS = "man"
VERSION_NAME = b"equigait_cache_version"
SEAL_NAME = b"equigait_file_sha256"
UNSEALED = b"0" * 64
"""Stands in the seal's place while the file's own SHA-256 is taken."""
SEAL = re.compile(re.escape(SEAL_NAME) + rb".{1,8}?([0-9a-f]{64})", re.DOTALL)
"""The seal in a file's bytes: its name, what Parquet puts between name and value, and its value."""

COLUMNS = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("recording_id", "horse", "key", "attempt", "film_key")),
        *(pa.field(name, pa.string()) for name in ("sensor_key", "teacher", "clip_spec", "committed_at", "digest")),
        *(pa.field(name, pa.int64()) for name in ("rows", "windows", "clips")),
        pa.field(
            "objects",
            pa.list_(pa.struct([("path", pa.string()), ("size", pa.int64()), ("sha256", pa.string())])),
        ),
    ]
)
"""One row. `teacher` and `clip_spec` are JSON; `digest` is the SHA-256 of all the other columns as canonical JSON."""


class OtherVersion(BadInput):
    """A manifest fragment of another format version: sound, for the release of equigait that wrote it."""


def fragment_path(key: str) -> str:
    """Where the fragment of a segment lies."""
    return f"{FRAGMENTS}/{key[:2]}/{key}.parquet"


def encode_fragment(entry: Entry) -> bytes:
    """The Parquet file that commits this entry."""
    made = entry.fingerprint
    row = {
        "recording_id": entry.recording_id,
        "horse": entry.horse,
        "key": entry.key,
        "attempt": entry.attempt,
        "film_key": made.film_key,
        "sensor_key": made.sensor_key,
        "teacher": canonical_json(dict(made.teacher)),
        "clip_spec": canonical_json(dict(made.clip_spec)),
        "committed_at": entry.committed_at,
        "rows": entry.rows,
        "windows": entry.windows,
        "clips": entry.clips,
        "objects": [asdict(one) for one in entry.objects],
    }
    sink = io.BytesIO()
    table = pa.Table.from_pylist([{**row, "digest": json_digest(row)}], schema=COLUMNS)
    with pq.ParquetWriter(sink, COLUMNS, store_schema=False) as writer:  # which would hold the seal a second time
        writer.write_table(table)
        writer.add_key_value_metadata({VERSION_NAME: str(SCHEMA_VERSION), SEAL_NAME: UNSEALED})
    unsealed = sink.getvalue()
    return unsealed.replace(UNSEALED, hashlib.sha256(unsealed).hexdigest().encode())


def is_sealed(data: bytes) -> bool:
    """Whether every byte of a fragment is as it was written, also those that say nothing about the entry."""
    found = SEAL.search(data)
    if found is None:
        return False
    unsealed = data[: found.start(1)] + UNSEALED + data[found.end(1) :]
    return hashlib.sha256(unsealed).hexdigest().encode() == found[1]


def read_fragment(store: CacheStore, path: str, *, sealed: bool = False) -> Entry:
    """The entry that a fragment commits. Refuses one that is damaged, misplaced, or of another format version.

    Damage to notes and statistics that Parquet carries beside the entry is refused only where it must be `sealed`.
    """
    data = store.get(path)
    if sealed and not is_sealed(data):
        raise _damaged(store, path, found="bytes that do not fit the file's own SHA-256")
    try:
        with pq.ParquetFile(io.BytesIO(data), pre_buffer=False) as file:
            table = file.read(use_threads=False)  # a thread still at damaged bytes would abort Python as it ends
        version = (table.schema.metadata or {})[VERSION_NAME].decode()
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError, MemoryError) as error:
        raise _damaged(store, path, found=f"no Parquet manifest of equigait: {first_line(error)}") from error
    if version != str(SCHEMA_VERSION):
        raise OtherVersion(
            store.name(path),
            found=f"cache format version {version}",
            expected=f"version {SCHEMA_VERSION}",
            remedy="Extract into a new cache, or use the release of equigait that wrote this one.",
        )
    try:
        row: dict[str, Any] = table.to_pylist()[0]
        if row.pop("digest") != json_digest(row) or path != fragment_path(row["key"]):
            raise ValueError("content and checksum differ")
        return _entry(row)
    except (pa.ArrowException, LookupError, TypeError, ValueError) as error:
        raise _damaged(store, path, found=f"a damaged manifest: {error}") from error


def _entry(row: dict[str, Any]) -> Entry:
    made = Fingerprint(
        film_key=row["film_key"],
        sensor_key=row["sensor_key"],
        teacher=json.loads(row["teacher"]),
        clip_spec=json.loads(row["clip_spec"]),
    )
    plain = ("recording_id", "horse", "key", "attempt", "committed_at", "rows", "windows", "clips")
    objects = tuple(StoredObject(**one) for one in row["objects"])
    return Entry(**{name: row[name] for name in plain}, fingerprint=made, objects=objects)


def _damaged(store: CacheStore, path: str, *, found: str) -> BadInput:
    return BadInput(
        store.name(path),
        found=found,
        expected="the manifest fragment as it was committed",
        remedy=f"Run `equigait-cli verify {store.location} --repair`, then extract-teacher: it makes this one anew.",
    )
