"""Changes to files: what disks, editors, cut transfers and ill will do to them."""

import random
import re
from collections.abc import Callable, Sequence

NUMBERS = b"0 -1 1e308 -1e308 nan inf 1e-320 99999999999999999999 0x10 1,5 2147483648 -0 3.".split()
WORDS = (
    b"",
    b"\0",
    b"\n",
    b'"',
    b"'",
    b",",
    b";",
    b"\t",
    b"{",
    b"[[",
    b"<a>&",
    b"\xff\xfe",
    b"../..",
    b"*a",
    b"- ",
    b": ",
)
LARGEST = 4 << 20
"""Bytes of a changed file at most."""


def flipped(data: bytes, at: random.Random) -> bytes:
    """One to eight bits are others."""
    changed = bytearray(data)
    for _ in range(at.randint(1, 8)):
        changed[at.randrange(len(changed))] ^= 1 << at.randrange(8)
    return bytes(changed)


def cut_out(data: bytes, at: random.Random) -> bytes:
    """A stretch is gone."""
    begin, end = _stretch(data, at)
    return data[:begin] + data[end:]


def cut_off(data: bytes, at: random.Random) -> bytes:
    """The end is gone."""
    return data[: at.randrange(len(data) + 1)]


def repeated(data: bytes, at: random.Random) -> bytes:
    """A stretch stands there again, up to sixteen times, at some other place."""
    begin, end = _stretch(data, at)
    place = at.randrange(len(data) + 1)
    return data[:place] + data[begin:end] * at.choice((1, 1, 2, 16)) + data[place:]


def overwritten(data: bytes, at: random.Random) -> bytes:
    """A stretch is zeros, ones or noise; short ones at the width of an integer, where sizes stand in headers."""
    begin = at.randrange(len(data))
    width = at.choice((1, 2, 4, 8, 64, 4096))
    filling = at.choice((b"\0" * width, b"\xff" * width, b"\x7f" + b"\xff" * (width - 1), at.randbytes(width)))
    return data[:begin] + filling + data[begin + width :]


def worded(data: bytes, at: random.Random) -> bytes:
    """A word that means something to a parser stands in between."""
    begin = at.randrange(len(data) + 1)
    return data[:begin] + at.choice(WORDS) + data[begin:]


def renumbered(data: bytes, at: random.Random) -> bytes:
    """A number in a text is another, such as parsers trip over."""
    found = list(re.finditer(rb"-?\d+(\.\d+)?", data[:LARGEST]))
    if not found:
        return worded(data, at)
    number = at.choice(found)
    return data[: number.start()] + at.choice(NUMBERS) + data[number.end() :]


def reordered(data: bytes, at: random.Random) -> bytes:
    """Two lines have changed places."""
    lines = data.split(b"\n")
    one, other = at.randrange(len(lines)), at.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


CHANGES: Sequence[Callable[[bytes, random.Random], bytes]] = (
    flipped,
    cut_out,
    cut_off,
    repeated,
    overwritten,
    worded,
    renumbered,
    reordered,
)


def mutated(data: bytes, at: random.Random) -> bytes:
    """The bytes after one to four changes."""
    for _ in range(at.choice((1, 1, 1, 2, 3, 4))):
        data = at.choice(CHANGES)(data or b"\0", at)[:LARGEST]
    return data


def _stretch(data: bytes, at: random.Random) -> tuple[int, int]:
    begin = at.randrange(len(data))
    return begin, begin + at.choice((1, 2, 4, 16, 64, 1024))
