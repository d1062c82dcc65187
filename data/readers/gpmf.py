"""Parses GPMF, the telemetry in GoPro films: nested records of a four-letter key, a type, a size and a count.

After GoPro's published description of the format (github.com/gopro/gpmf-parser, README: "GPMF Deeper Dive").
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

NESTED = 0
NUMBERS = {
    b"b": "i1",
    b"B": "u1",
    b"s": ">i2",
    b"S": ">u2",
    b"l": ">i4",
    b"L": ">u4",
    b"f": ">f4",
    b"d": ">f8",
    b"j": ">i8",
    b"J": ">u8",
}
"""NumPy's names for GPMF's types of numbers: all are big-endian."""
DEFAULT_ORIENTATION = "ZXY"
"""Order of channels where no ORIN says it: HERO5 names its gyroscope's `z,x,y`."""


class BrokenPayloadError(ValueError):
    """A payload that ends within a record, or holds a record that contradicts itself."""


@dataclass(frozen=True)
class Signal:
    """One sensor's samples in one payload."""

    values: Float64[Array, "samples 3"]
    """Along the camera's X, Y and Z, in the unit."""
    unit: str
    """As the stream states it, `m/s²` say; empty where it does not."""


def triads(payload: bytes) -> dict[str, Signal]:
    """The three-axis signals of a payload by their key, ACCL and GYRO; the camera's own, where devices share a film."""
    found: dict[str, Signal] = {}
    for stream in _streams(payload):
        facts: dict[bytes, tuple[bytes, bytes, int]] = {}
        for key, kind, size, content in _records(stream):
            if key in (b"ACCL", b"GYRO"):
                found.setdefault(key.decode(), _signal(kind, size, content, facts=facts))
            facts[key] = (kind, content, size)
    return found


def _streams(payload: bytes) -> Iterator[bytes]:
    for key, kind, _, content in _records(payload):
        if key == b"STRM":
            yield content
        elif kind[0] == NESTED:
            yield from _streams(content)


def _records(data: bytes) -> Iterator[tuple[bytes, bytes, int, bytes]]:
    """Key, type, size of one element and content of each record; contents are padded to four bytes."""
    at = 0
    while at + 8 <= len(data) and data[at : at + 4] != b"\0\0\0\0":
        key, kind, size, count = struct.unpack_from(">4scBH", data, at)
        if at + 8 + size * count > len(data):
            raise BrokenPayloadError(f"{key!r} of {size * count} bytes where {len(data) - at - 8} are left")
        yield key, kind, size, data[at + 8 : at + 8 + size * count]
        at += 8 + (size * count + 3) // 4 * 4


def _signal(kind: bytes, size: int, content: bytes, *, facts: dict[bytes, tuple[bytes, bytes, int]]) -> Signal:
    if kind not in NUMBERS or size != 3 * np.dtype(NUMBERS[kind]).itemsize:
        raise BrokenPayloadError(f"samples of type {kind!r} and {size} bytes")
    raw = np.frombuffer(content, NUMBERS[kind]).reshape(-1, 3).astype(np.float64)
    scale = _numbers(facts.get(b"SCAL"))
    if scale.size not in (1, 3) or not np.all(scale != 0):
        raise BrokenPayloadError(f"a scale of {scale.size} numbers")
    unit = (facts.get(b"SIUN") or facts.get(b"UNIT") or (b"c", b"", 1))[1]
    name = facts[b"ORIN"][1].decode("latin-1") if b"ORIN" in facts else DEFAULT_ORIENTATION
    return Signal(_oriented(raw / scale, orientation=name), unit.rstrip(b"\0").decode("latin-1"))


def _numbers(fact: tuple[bytes, bytes, int] | None) -> Float64[Array, "numbers"]:
    if fact is None or fact[0] not in NUMBERS or len(fact[1]) % np.dtype(NUMBERS[fact[0]]).itemsize:
        return np.empty(0)
    return np.frombuffer(fact[1], NUMBERS[fact[0]]).astype(np.float64)


def _oriented(values: Float64[Array, "samples 3"], *, orientation: str) -> Float64[Array, "samples 3"]:
    """Channels put in the order X, Y, Z. In `YxZ` they are Y, -X and Z: small letters point the other way."""
    if sorted(orientation.upper()) != ["X", "Y", "Z"]:
        raise BrokenPayloadError(f"the orientation {orientation!r}")
    order = [orientation.upper().index(axis) for axis in "XYZ"]
    signs = [1.0 if orientation[at].isupper() else -1.0 for at in order]
    turned: Float64[Array, "samples 3"] = values[:, order] * np.array(signs)
    return turned
