"""Boxes of a film: found one behind the other, and none larger than the file that claims to hold it."""

import struct
from pathlib import Path

import pytest
from equigait.data.video.boxes import FileBox, file_boxes


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def boxes_of(content: bytes, *, folder: Path) -> list[FileBox]:
    path = folder / "film.mp4"
    path.write_bytes(content)
    return list(file_boxes(path))


def test_boxes_follow_each_other_whether_their_sizes_take_four_bytes_or_eight(tmp_path: Path) -> None:
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"abcde"
    found = boxes_of(box(b"ftyp", b"isom") + large + box(b"moov", b""), folder=tmp_path)
    assert found == [FileBox(b"ftyp", 8, 12), FileBox(b"mdat", 28, 33), FileBox(b"moov", 41, 41)]


@pytest.mark.parametrize(
    "head",
    [
        struct.pack(">I4s", 2**32 - 1, b"moov"),
        struct.pack(">I4sQ", 1, b"moov", 2**63),
        struct.pack(">I4s", 0, b"moov"),
        struct.pack(">I4s", 3, b"moov"),
    ],
)
def test_a_box_that_claims_more_than_there_is_or_too_little_ends_with_the_file(head: bytes, tmp_path: Path) -> None:
    content = box(b"ftyp", b"isom") + head + b"abc"
    assert boxes_of(content, folder=tmp_path)[-1] == FileBox(b"moov", 12 + len(head), len(content))
