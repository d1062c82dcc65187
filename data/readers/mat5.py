"""Reads MATLAB files of version 5 by the published layout, with every size checked: damage is refused, never fatal.

After The MathWorks, "MAT-File Format", chapter 1: a header of 128 bytes, then elements of a tag (type, bytes) and data
padded to 8 bytes; an array is an element of elements: flags, dimensions, name, then numbers or fields. Numbers and
structs are read; of cells, text, sparse arrays, struct arrays and objects it is said what they are.

`scipy.io.loadmat` does not replace this: SciPy 1.17.1 ends the process (a segmentation fault in its C reader, which no
`except` catches) on files of which a few bytes are damaged, as the tests here make them.
"""

import math
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import BadInput

HEADER_BYTES = 128
COMPRESSED, MATRIX = 15, 14
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
"""Types of data elements (table 1-1) as NumPy's, without their byte order."""
NUMERIC = range(6, 16)
"""Classes of numeric arrays (table 1-3): double, single, and integers of 1 to 8 bytes."""
STRUCT, OPAQUE = 2, 17
OTHER = {1: "a cell array", 2: "a struct array", 3: "an object", 4: "text", 5: "a sparse matrix", 16: "a function"}
"""Classes of arrays that hold no plain numbers. Objects of newer classes, such as `table`, are opaque."""
COMPLEX = 0x08
MOST_BYTES = 2**32
"""More than an element can hold."""
DEEPEST = 32
"""Structs within structs beyond this are no recording."""


class _DamagedError(Exception):
    """What the file says does not fit what it holds."""


def read_mat5(path: Path) -> dict[str, Any]:
    """Numeric arrays by name, dimensions of 1 taken out, and structs as dictionaries of these. Of anything else a text
    says what it is.

    Numbers keep the type they are stored in, often a smaller one than MATLAB would make of them.
    """
    data = path.read_bytes()
    try:
        order = {b"IM": "<", b"MI": ">"}.get(data[126:128])
        if order is None:
            raise _DamagedError("no mark of the byte order")
        return dict(_variables(memoryview(data)[HEADER_BYTES:], order=order))
    except (_DamagedError, zlib.error, MemoryError) as error:
        found = str(error) or type(error).__name__
        raise BadInput(path, found=found, expected="a whole MATLAB file", remedy="Save it again.") from None


def _variables(data: memoryview, *, order: str) -> Iterator[tuple[str, Any]]:
    for kind, content in _elements(data, order=order):
        if kind == COMPRESSED:
            yield from _variables(_inflated(content), order=order)
        elif kind == MATRIX:
            yield _array(content, order=order, depth=0)


def _inflated(content: memoryview) -> memoryview:
    engine = zlib.decompressobj()
    plain = engine.decompress(content, MOST_BYTES)
    if not engine.eof:
        raise _DamagedError("compressed data that end too early, or never")
    return memoryview(plain)


def _elements(data: memoryview, *, order: str) -> Iterator[tuple[int, memoryview]]:
    """Each element's type and content. A small element holds up to four bytes in its tag."""
    at = 0
    while at < len(data):
        if at + 8 > len(data):
            if any(data[at:]):
                raise _DamagedError(f"{len(data) - at} bytes that belong to nothing")
            return
        first, size = struct.unpack_from(f"{order}II", data, at)
        small = first >> 16
        kind, begin, stop = (first & 0xFFFF, at + 4, at + 8) if small else (first, at + 8, at + 8 + size)
        end = begin + (small or size)
        if small > 4 or end > len(data):
            raise _DamagedError(f"an element of {small or size} bytes where {len(data) - begin} are left")
        yield kind, data[begin:end]
        # Compressed elements alone are not padded.
        at = stop if small or kind == COMPRESSED else begin + math.ceil(size / 8) * 8


def _array(data: memoryview, *, order: str, depth: int) -> tuple[str, Any]:
    """An array's name and value; of what is not read, what it is."""
    if depth > DEEPEST:
        raise _DamagedError(f"structs within structs, {depth} deep")
    if not len(data):
        return "", "an empty array"
    parts = _elements(data, order=order)
    flags = _numbers(_next(parts), order=order)
    if len(flags) < 2:
        raise _DamagedError("an array without its flags")
    kind, marks = int(flags[0]) & 0xFF, int(flags[0]) >> 8 & 0xFF
    if kind == OPAQUE:
        name, _, kind_of = (bytes(_next(parts)[1]).decode("latin-1") for _ in range(3))
        return name, f"an object of class {kind_of}"
    shape = tuple(int(size) for size in _numbers(_next(parts), order=order))
    if len(shape) < 2 or min(shape) < 0:
        raise _DamagedError(f"an array of dimensions {shape}")
    name = bytes(_next(parts)[1]).decode("latin-1")
    if kind == STRUCT and math.prod(shape) == 1:
        return name, _fields(parts, order=order, depth=depth)
    if kind not in NUMERIC or marks & COMPLEX:
        return name, OTHER.get(kind, "complex numbers" if kind in NUMERIC else f"an array of class {kind}")
    values = _numbers(_next(parts), order=order)
    if len(values) != math.prod(shape):
        raise _DamagedError(f"{len(values)} numbers for the dimensions {shape} of {name[:40]!r}")
    return name, np.squeeze(values.astype(values.dtype.newbyteorder("="), copy=False).reshape(shape, order="F"))


def _fields(parts: Iterator[tuple[int, memoryview]], *, order: str, depth: int) -> dict[str, Any]:
    """The fields of one struct: names of a fixed length, then as many arrays."""
    lengths, names = _numbers(_next(parts), order=order), bytes(_next(parts)[1])
    length = int(lengths[0]) if len(lengths) == 1 else 0
    if length <= 0 or len(names) % length:
        raise _DamagedError(f"field names of {length} bytes in {len(names)}")
    fields = {}
    for at in range(0, len(names), length):
        kind, content = _next(parts)
        if kind != MATRIX:
            raise _DamagedError(f"a field of type {kind}")
        _, value = _array(content, order=order, depth=depth + 1)
        fields[names[at : at + length].split(b"\0")[0].decode("latin-1")] = value
    return fields


def _next(parts: Iterator[tuple[int, memoryview]]) -> tuple[int, memoryview]:
    part = next(parts, None)
    if part is None:
        raise _DamagedError("an array that ends too early")
    return part


def _numbers(part: tuple[int, memoryview], *, order: str) -> np.ndarray:
    kind, content = part
    if kind not in NUMBERS:
        raise _DamagedError(f"numbers of type {kind}")
    dtype = np.dtype(order + NUMBERS[kind])
    if len(content) % dtype.itemsize:
        raise _DamagedError(f"{len(content)} bytes of numbers of {dtype.itemsize}")
    return np.frombuffer(content, dtype)
