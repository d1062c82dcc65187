"""Names content by what it is: SHA-256 over bytes and canonical JSON, so that equal input has equal keys anywhere."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..data.large_arrays import row_blocks
from ..data.recording import Bout, ClockMap, Grid
from ..data.windows import WindowSpec
from .schema import SCHEMA_VERSION, Fingerprint


def canonical_json(value: object) -> str:
    """The one JSON text of a value: keys sorted, no blanks, ASCII, NaN refused."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def json_digest(value: object) -> str:
    """SHA-256 of the canonical JSON of a value, hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def film_key(film_digest: str, *, teacher: Mapping[str, Any], clip_spec: Mapping[str, Any]) -> str:
    """The name of what one teacher saw in one film, given the film's `file_digest`."""
    return json_digest(
        {"schema": SCHEMA_VERSION, "film": film_digest, "teacher": dict(teacher), "clips": dict(clip_spec)}
    )


def sensor_key(grid: Grid, *, clock: ClockMap, bouts: Sequence[Bout], spec: WindowSpec) -> str:
    """The name of a recording's sensors as cut into labelled windows: another sync, label or hop makes another name."""
    arrays = hashlib.sha256()
    for array in (grid.imu, grid.imu_valid):
        arrays.update(f"{array.dtype.str}{array.shape}".encode())
        for rows in row_blocks(grid.imu):
            arrays.update(np.ascontiguousarray(array[rows]).data)
    signals = [] if grid.signals == "all" else [grid.signals]  # names of older caches stay
    return json_digest(
        {
            "schema": SCHEMA_VERSION,
            "grid": [grid.start_seconds, grid.rate_hz, list(grid.sites), arrays.hexdigest(), *signals],
            "clock": asdict(clock),
            "bouts": [[bout.start_seconds, bout.stop_seconds, bout.label] for bout in bouts],
            "windows": spec.model_dump(mode="json"),
        }
    )


def teacher_key(teacher: Mapping[str, Any], *, clip_spec: Mapping[str, Any]) -> str:
    """Names a teacher with its clip spec: embeddings of one name may be mixed, others never. Empty for no film."""
    return json_digest({"teacher": dict(teacher), "clips": dict(clip_spec)}) if teacher else ""


def segment_key(recording_id: str, *, horse: str, fingerprint: Fingerprint) -> str:
    """The segment's name in the store. The horse is part of it: splits go by the horse that a segment states."""
    return json_digest([recording_id, horse, fingerprint.film_key, fingerprint.sensor_key])
