"""A checksum of arrays and of what is said of them: a flipped bit in a file of weights is found when it is read."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

CONTENT = "content_sha256"
"""Under this key a header carries the digest of all else."""


def content_digest(arrays: Mapping[str, np.ndarray], *, header: Mapping[str, Any]) -> str:
    """SHA-256 of the arrays by name, type, shape and bytes, and of the header as JSON without its own digest."""
    said = {key: value for key, value in header.items() if key != CONTENT}
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def is_damaged(arrays: Mapping[str, np.ndarray], *, header: Mapping[str, Any]) -> bool:
    """Whether a header's digest is not that of what was read; one without a digest, of an older file, shows nothing."""
    return CONTENT in header and header[CONTENT] != content_digest(arrays, header=header)
