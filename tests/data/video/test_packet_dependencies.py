"""Roles of packets from the bytes of their headers, as the standards number them."""

from collections.abc import Callable

import pytest
from equigait.data.packets import Role
from equigait.data.video.packet_dependencies import role_reader

AVCC = bytes([1, 100, 0, 40, 0xFF])
HVCC = bytes([1] + [0] * 20 + [0xFF, 0])


def read(codec: str, data: bytes, *, extradata: bytes | None = None, key: bool = False) -> Role | None:
    return role_reader(codec, extradata=extradata, intra_only=False)(data, key)


def with_lengths(*units: bytes) -> bytes:
    return b"".join(len(unit).to_bytes(4, "big") + unit for unit in units)


def with_start_codes(*units: bytes) -> bytes:
    return b"".join(b"\0\0\0\1" + unit for unit in units)


def h264_unit(kind: int, *, ref_idc: int) -> bytes:
    return bytes([ref_idc << 5 | kind]) + b"\x88payload"


def hevc_unit(kind: int, *, temporal_id: int = 0, layer_id: int = 0) -> bytes:
    return bytes([kind << 1 | layer_id >> 5, (layer_id & 31) << 3 | temporal_id + 1]) + b"payload"


@pytest.mark.parametrize(("wrap", "extradata"), [(with_lengths, AVCC), (with_start_codes, b"\0\0\0\1")])
def test_h264_tells_reference_pictures_entries_and_parameter_sets(
    wrap: Callable[..., bytes], extradata: bytes | None
) -> None:
    sei, sps = h264_unit(6, ref_idc=0), h264_unit(7, ref_idc=3)
    cases = {
        wrap(sei, h264_unit(1, ref_idc=0), h264_unit(1, ref_idc=0)): Role(referenced=False),
        wrap(h264_unit(1, ref_idc=0), h264_unit(1, ref_idc=1)): Role(),
        wrap(sei, h264_unit(5, ref_idc=3)): Role(entry=True),
        wrap(sps, h264_unit(5, ref_idc=3)): Role(entry=True, has_tables=True),
        wrap(sps + b"x", h264_unit(5, ref_idc=3)): Role(entry=True, has_tables=True, has_other_tables=True),
        wrap(h264_unit(5, ref_idc=3), b"\x0a"): Role(entry=True, has_tables=True, has_other_tables=True),
        wrap(sei): None,
    }
    for data, role in cases.items():
        assert read("h264", data, extradata=extradata + sps) == role


@pytest.mark.parametrize(("wrap", "extradata"), [(with_lengths, HVCC), (with_start_codes, b"\0\0\0\1")])
def test_hevc_tells_layers_leading_pictures_and_entries(wrap: Callable[..., bytes], extradata: bytes) -> None:
    cases = {
        wrap(hevc_unit(0, temporal_id=2)): Role(layer=2, referenced=False),
        wrap(hevc_unit(1)): Role(),
        wrap(hevc_unit(8)): Role(referenced=False, leading=True),
        wrap(hevc_unit(7)): Role(leading=True),
        wrap(hevc_unit(3, temporal_id=1)): Role(layer=1, climbs=True),
        wrap(hevc_unit(33), hevc_unit(21)): Role(entry=True, has_tables=True),
        wrap(hevc_unit(19)): Role(entry=True),
        wrap(hevc_unit(1), hevc_unit(0, layer_id=1)): Role(),
    }
    for data, role in cases.items():
        assert read("hevc", data, extradata=extradata + hevc_unit(33)) == role


def test_mpeg4_tells_pictures_by_their_coding_type_and_gives_up_on_packed_ones() -> None:
    vop, layer = b"\0\0\1\xb6", b"\0\0\1\x20header"
    assert read("mpeg4", vop + b"\x10") == Role(entry=True)
    assert read("mpeg4", layer + vop + b"\x10", extradata=layer) == Role(entry=True, has_tables=True)
    changed = Role(entry=True, has_tables=True, has_other_tables=True)
    assert read("mpeg4", layer + b"s" + vop + b"\x10", extradata=layer) == changed
    assert read("mpeg4", vop + b"\x50") == Role()
    assert read("mpeg4", vop + b"\x90") == Role(referenced=False, leading=True)
    assert read("mpeg4", vop + b"\x50data" + vop + b"\x90") is None
    assert read("mpeg4", b"\x7f") is None


@pytest.mark.parametrize(("head", "entry"), [(0x82, True), (0x86, False), (0x8A, False), (0xA2, True), (0xB2, False)])
def test_vp9_tells_key_frames_by_their_first_byte(head: int, entry: bool) -> None:
    assert read("vp9", bytes([head, 0x49, 0x83, 0x42]), key=not entry) == Role(entry=entry)


def test_av1_is_entered_at_key_frames_led_by_a_sequence_header() -> None:
    delimiter, sequence, frame = b"\x12\0", b"\x0a\x0b", b"\x32\x10"
    assert read("av1", delimiter + sequence + frame, key=True) == Role(entry=True)
    assert read("av1", delimiter + sequence + frame, key=False) == Role()
    assert read("av1", delimiter + frame, key=True) == Role()


def test_in_intra_codecs_each_picture_stands_alone_and_of_unknown_codecs_nothing_is_told() -> None:
    assert role_reader("mjpeg", extradata=None, intra_only=True)(b"\xff\xd8", False) == Role(
        referenced=False, entry=True
    )
    assert read("theora", b"\0", key=True) is None
