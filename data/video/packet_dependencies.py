"""What a packet is to the others, read from the first bytes of its units: who may refer to it, and across what.

A decoder can be spared every picture that no kept picture refers to. Containers mark such pictures rarely and codecs
always, so the codec's own headers are read here; what is not certain counts as referred to.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeAlias

from ..packets import Role

RoleReader: TypeAlias = Callable[[bytes, bool], Role | None]
"""From a packet's bytes, and whether the container calls it a key frame, to its role; None where it is not known."""


def role_reader(codec: str, *, extradata: bytes | None, intra_only: bool) -> RoleReader:
    """How to read the roles of a stream's packets."""
    if intra_only:
        return lambda _data, _key: Role(referenced=False, entry=True)
    header = extradata or b""
    if codec == "h264":
        return partial(_h264, header=header, length_bytes=1 + (header[4] & 3) if header[:1] == b"\1" else 0)
    if codec == "hevc":
        # Annex B begins with a start code, 00 00 01 or 00 00 00 01; a configuration record does not.
        is_record = len(header) > 22 and (header[0] or header[1] or header[2] > 1)
        return partial(_hevc, header=header, length_bytes=1 + (header[21] & 3) if is_record else 0)
    if codec == "mpeg4":
        return partial(_mpeg4, header=header)
    return {"vp9": _vp9, "av1": _av1}.get(codec, _unknown)


def _unknown(_data: bytes, _key: bool) -> None:
    """The role in codecs, or forms of them, that are not read here."""


def _units(data: bytes, length_bytes: int) -> Iterator[tuple[int, int]]:
    """Where each NAL unit begins and ends: behind lengths as in MP4 and Matroska, or behind start codes (Annex B)."""
    if length_bytes:
        at = 0
        while at + length_bytes < len(data):
            start = at + length_bytes
            at = start + int.from_bytes(data[at:start], "big")
            yield start, at
        return
    at = data.find(b"\0\0\1")
    while 0 <= at < len(data) - 3:
        following = data.find(b"\0\0\1", at + 3)
        yield at + 3, len(data) if following < 0 else following
        at = following


def _is_other(data: bytes, unit: tuple[int, int], header: bytes) -> bool:
    """Whether a parameter set is not in the film's header; so are units too short for one, which reset the decoder."""
    table = data[slice(*unit)].rstrip(b"\0")
    return len(table) < SHORTEST_TABLE or table not in header


SHORTEST_TABLE = 4
H264_SLICES, H264_IDR = range(1, 6), 5
H264_TABLES = {7, 8, 10, 11, 13, 15}
"""Parameter sets, and the ends of sequence and stream, which reset the decoder (ITU-T H.264, table 7-1)."""


def _h264(data: bytes, _key: bool, *, header: bytes, length_bytes: int) -> Role | None:
    units = list(_units(data, length_bytes))
    slices = [data[start] for start, _ in units if data[start] & 31 in H264_SLICES]
    tables = [unit for unit in units if data[unit[0]] & 31 in H264_TABLES]
    if not slices:
        return None
    return Role(
        referenced=any(head >> 5 & 3 for head in slices),
        entry=slices[0] & 31 == H264_IDR,
        has_tables=bool(tables),
        has_other_tables=any(_is_other(data, unit, header) for unit in tables),
    )


HEVC_SLICES, HEVC_ENTRIES = range(32), range(16, 24)
HEVC_TABLES = {32, 33, 34, 36, 37}
HEVC_LEADING, HEVC_TSA, HEVC_LAST_NAMED_N = {6, 7, 8, 9}, {2, 3}, 14
"""Types of NAL units (ITU-T H.265, table 7-1): of the first 16 the even ones are not referred to in their layer."""


def _hevc(data: bytes, _key: bool, *, header: bytes, length_bytes: int) -> Role | None:
    # Layers above the base (depth, a second eye, alpha) are not decoded and do not count.
    whole = (unit for unit in _units(data, length_bytes) if unit[0] + 1 < len(data))
    units = [unit for unit in whole if not (data[unit[0]] & 1 or data[unit[0] + 1] >> 3)]
    kinds = [data[start] >> 1 for start, _ in units]
    tables = [unit for unit, kind in zip(units, kinds, strict=True) if kind in HEVC_TABLES]
    first = next((number for number, kind in enumerate(kinds) if kind in HEVC_SLICES), None)
    if first is None:
        return None
    kind, temporal = kinds[first], data[units[first][0] + 1] & 7
    return Role(
        layer=max(temporal - 1, 0),
        referenced=kind > HEVC_LAST_NAMED_N or kind % 2 == 1,
        entry=kind in HEVC_ENTRIES,
        leading=kind in HEVC_LEADING,
        climbs=kind in HEVC_TSA,
        has_tables=bool(tables),
        has_other_tables=any(_is_other(data, unit, header) for unit in tables),
    )


VOP, LAYER_HEADER = b"\0\0\1\xb6", re.compile(b"\0\0\1[\x20-\x2f](?s:.*?)(?=\0\0\1|$)")
I_VOP, B_VOP = 0, 2
"""Coding types of a picture (ISO 14496-2, table 6-20): two bits behind its start code."""


def _mpeg4(data: bytes, _key: bool, *, header: bytes) -> Role | None:
    if data.count(VOP) != 1:  # DivX packs two pictures into one packet, then sends an empty one
        return None
    at = data.index(VOP) + len(VOP)
    kind = data[at] >> 6 if at < len(data) else None
    tables = LAYER_HEADER.findall(data, 0, at)
    return Role(
        referenced=kind != B_VOP,
        entry=kind == I_VOP,
        leading=kind == B_VOP,
        has_tables=bool(tables),
        has_other_tables=any(table not in header for table in tables),
    )


def _vp9(data: bytes, _key: bool) -> Role:
    """A key frame by its own header (VP9 bitstream specification, section 6.2): not one shown again, and of type 0."""
    head = data[0] if data else 0
    marker, profile, shown_again_or_inter = head >> 6, head >> 5 & 1 | head >> 3 & 2, head & 0b1100
    return Role(entry=marker == 2 and profile < 3 and not shown_again_or_inter)


OBU_SEQUENCE_HEADER, OBU_TEMPORAL_DELIMITER = 1, 2


def _av1(data: bytes, key: bool) -> Role:
    """A key frame where the container says so and a sequence header leads, as the AV1 specification asks (7.6)."""
    at = 2 if data[:1] and data[0] >> 3 & 15 == OBU_TEMPORAL_DELIMITER else 0
    leads = len(data) > at and data[at] >> 3 & 15 == OBU_SEQUENCE_HEADER
    return Role(entry=key and leads)
