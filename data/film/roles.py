"""What a packet is to the others, told from the first bytes of its units: who may refer to it, and across what.

A decoder can be spared every picture that no kept picture refers to. Containers mark such pictures rarely and codecs
always, so the codec's own headers are read here; what cannot be told for certain counts as referred to.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, TypeAlias


class Role(NamedTuple):
    """What other pictures may need of a packet. The default is the cautious one: all that follow may refer to it."""

    layer: int = 0
    """Temporal sub-layer: pictures of lower ones never refer to it."""
    referenced: bool = True
    """Whether pictures of its own layer may refer to it."""
    entry: bool = False
    """Whether decoding can begin here: what follows refers to nothing before, save leading pictures."""
    leading: bool = False
    """If shown before the entry that it follows, it may refer to what stands before that entry."""
    climbs: bool = False
    """Neither it nor what follows refers to earlier pictures of its layer or of higher ones (HEVC's TSA)."""
    has_tables: bool = False
    """Whether it carries parameter sets, which later packets may need whatever they refer to."""


RoleReader: TypeAlias = Callable[[bytes, bool], Role | None]
"""From a packet's bytes, and whether the container calls it a key frame, to its role; None where none can be told."""


def role_reader(codec: str, *, extradata: bytes | None, intra_only: bool) -> RoleReader:
    """How to read the roles of a stream's packets."""
    if intra_only:
        return lambda _data, _key: Role(referenced=False, entry=True)
    if codec == "h264":
        length = 1 + (extradata[4] & 3) if extradata and extradata[0] == 1 else 0
        return partial(_h264, length_bytes=length)
    if codec == "hevc":
        # Annex B extradata begins with a start code 00 00 01 or 00 00 00 01, a configuration record does not.
        record = extradata is not None and len(extradata) > 22 and (extradata[0] or extradata[1] or extradata[2] > 1)
        return partial(_hevc, length_bytes=1 + (extradata[21] & 3) if record and extradata else 0)
    return {"mpeg4": _mpeg4, "vp9": _vp9, "av1": _av1}.get(codec, _untold)


def _untold(_data: bytes, _key: bool) -> None:
    """The role in codecs, or forms of them, that are not read here."""


def _units(data: bytes, length_bytes: int) -> Iterator[bytes]:
    """The first bytes of each NAL unit: behind lengths as in MP4 and Matroska, or behind start codes (Annex B)."""
    if not length_bytes:
        at = data.find(b"\0\0\1")
        while 0 <= at < len(data) - 4:
            yield data[at + 3 : at + 5]
            at = data.find(b"\0\0\1", at + 3)
        return
    at = 0
    while at + length_bytes + 2 <= len(data):
        start = at + length_bytes
        yield data[start : start + 2]
        at = start + int.from_bytes(data[at:start], "big")


H264_SLICES, H264_IDR = range(1, 6), 5
H264_TABLES = {7, 8, 10, 11, 13, 15}
"""Parameter sets, and the ends of sequence and stream, which reset the decoder (ITU-T H.264, table 7-1)."""


def _h264(data: bytes, _key: bool, *, length_bytes: int) -> Role | None:
    heads = [unit[0] for unit in _units(data, length_bytes)]
    slices = [head for head in heads if head & 31 in H264_SLICES]
    if not slices:
        return None
    return Role(
        referenced=any(head >> 5 & 3 for head in slices),
        entry=slices[0] & 31 == H264_IDR,
        has_tables=any(head & 31 in H264_TABLES for head in heads),
    )


HEVC_SLICES, HEVC_ENTRIES = range(32), range(16, 24)
HEVC_TABLES = {32, 33, 34, 36, 37}
HEVC_LEADING, HEVC_TSA, HEVC_LAST_NAMED_N = {6, 7, 8, 9}, {2, 3}, 14
"""Types of NAL units (ITU-T H.265, table 7-1): of the first 16 the even ones are not referred to in their layer."""


def _hevc(data: bytes, _key: bool, *, length_bytes: int) -> Role | None:
    # Layers above the base (depth, a second eye, alpha) are not decoded and do not count.
    units = [(unit[0] >> 1, unit[1] & 7) for unit in _units(data, length_bytes) if not (unit[0] & 1 or unit[1] >> 3)]
    first = next(((kind, temporal) for kind, temporal in units if kind in HEVC_SLICES), None)
    if first is None:
        return None
    kind, temporal = first
    return Role(
        layer=max(temporal - 1, 0),
        referenced=kind > HEVC_LAST_NAMED_N or kind % 2 == 1,
        entry=kind in HEVC_ENTRIES,
        leading=kind in HEVC_LEADING,
        climbs=kind in HEVC_TSA,
        has_tables=any(kind in HEVC_TABLES for kind, _ in units),
    )


VOP, LAYER_HEADER = b"\0\0\1\xb6", re.compile(b"\0\0\1[\x20-\x2f]")
I_VOP, B_VOP = 0, 2
"""Coding types of a picture (ISO 14496-2, table 6-20): two bits behind its start code."""


def _mpeg4(data: bytes, _key: bool) -> Role | None:
    if data.count(VOP) != 1:  # DivX packs two pictures into one packet, then sends an empty one
        return None
    at = data.index(VOP) + len(VOP)
    kind = data[at] >> 6 if at < len(data) else None
    has_tables = LAYER_HEADER.search(data, 0, at) is not None
    return Role(referenced=kind != B_VOP, entry=kind == I_VOP, leading=kind == B_VOP, has_tables=has_tables)


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
