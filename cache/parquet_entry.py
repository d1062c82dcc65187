"""Reads manifest entries as releases before the JSON form wrote them: Parquet files of one row."""

import io
import json
from typing import Any

from .fingerprint import json_digest

VERSION_NAME = b"equigait_cache_version"


def decode_parquet(data: bytes) -> dict[str, Any]:
    """The fields of an entry, `version` among them; ValueError, LookupError or OSError where the file is damaged.

    Damage to statistics that Parquet carries beside the row changes nothing and is not found.
    """
    import pyarrow.parquet as pq  # late: caches of the present form do without

    with pq.ParquetFile(io.BytesIO(data), pre_buffer=False) as file:
        table = file.read(use_threads=False)  # a thread still at damaged bytes would abort Python as it ends
    row: dict[str, Any] = table.to_pylist()[0]
    if row.pop("digest") != json_digest(row):
        raise ValueError("content and checksum differ")
    texts = {name: json.loads(row[name]) for name in ("teacher", "clip_spec")}
    return {**row, **texts, "version": int((table.schema.metadata or {})[VERSION_NAME])}
