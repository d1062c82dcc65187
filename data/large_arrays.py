"""Arrays of a day's samples: those that are large lie in temporary files, of which little is in memory at a time.

They read like any array, and so do their views. What was touched stays in memory until `release_large` lets go of it;
the system keeps a copy as long as it has room, so that going over it again costs little. `row_blocks` and `releasing`
let go as they pass along.
"""

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Bool, Float, Float64
from numpy import ndarray as Array

from .errors import BadInput

Item = TypeVar("Item")

LARGE_BYTES = 2**24
"""Arrays of this size and more lie in a file: 16 MiB, three axes of two hours at 100 Hz."""
BLOCK_BYTES = 2**18
"""Of an array at a time: with what is made of it, that fits a core's own cache."""
RELEASED_BYTES = 2**24
"""Passed over before memory is let go."""
_mapped: "weakref.WeakSet[mmap.mmap]" = weakref.WeakSet()
_mapping = Lock()
"""Held where `_mapped` is changed or gone through: files are read by several threads."""


def new_array(*shape: int, dtype: Any = np.float64) -> Array:
    """Room for numbers: in memory or, where it is large, in a temporary file that goes when the array does."""
    size = np.dtype(dtype).itemsize * int(np.prod(shape))
    if size < LARGE_BYTES:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile(prefix="equigait-") as file:
        try:
            if hasattr(os, "posix_fallocate"):  # elsewhere a full disk shows only when the pages are written
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            folder, found = tempfile.gettempdir(), f"{error.strerror}: {size / 1e9:.1f} GB more are needed"
            remedy = "Make room there, or name another folder in TMPDIR."
            raise BadInput(folder, found=found, expected="room for temporary files", remedy=remedy) from None
        array = np.memmap(file, dtype=dtype, mode="r+", shape=shape)
    with _mapping:
        _mapped.add(array._mmap)  # type: ignore[attr-defined]  # numpy names it in no stub
    return array.view(np.ndarray)  # a memmap calls Python for every part of it


def release_large() -> None:
    """Lets go of the memory that large arrays take; what is in them stays in their files."""
    with _mapping:
        there = list(_mapped)
    for mapped in there:
        if hasattr(mmap, "MADV_DONTNEED") and not mapped.closed:
            mapped.madvise(mmap.MADV_DONTNEED)


def releasing(items: Iterable[Item], *, every: int) -> Iterator[Item]:
    """The items, each of which touches some of large arrays: memory is let go after so many, and at the end."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % every == 0:
            release_large()
    release_large()


def row_blocks(values: Float[Array, "rows ..."]) -> Iterator[slice]:
    """The rows of an array, block after block, the memory of those that are done let go."""
    width = max(1, values.itemsize * int(np.prod(values.shape[1:])))
    step = max(1, BLOCK_BYTES // width)
    blocks = (slice(first, min(first + step, len(values))) for first in range(0, len(values), step))
    return releasing(blocks, every=RELEASED_BYTES // BLOCK_BYTES) if values.nbytes >= LARGE_BYTES else blocks


def stretch_blocks(values: Float[Array, "rows axes"], *, rows: int) -> Iterator[tuple[slice, Array]]:
    """Whole stretches of so many rows, some at a time: which they are, and their samples `[stretches, axes, rows]`."""
    stretches = values[: len(values) // rows * rows].reshape(-1, rows, values.shape[1])
    for some in row_blocks(stretches):
        yield some, np.ascontiguousarray(stretches[some].transpose(0, 2, 1))


def kept_rows(values: Float[Array, "rows *columns"], keep: Bool[Array, "rows"]) -> Float[Array, "kept *columns"]:
    """The rows to keep: the array itself where these are all."""
    if keep.all():
        return values
    kept, at = new_array(int(keep.sum()), *values.shape[1:], dtype=values.dtype), 0
    for rows in row_blocks(values):
        chosen = values[rows][keep[rows]]
        kept[at : at + len(chosen)] = chosen
        at += len(chosen)
    return kept


def finite_rows(values: Float[Array, "rows columns"]) -> Bool[Array, "rows"]:
    """Which rows hold numbers throughout."""
    finite: Bool[Array, rows] = np.empty(len(values), bool)
    for rows in row_blocks(values):
        finite[rows] = True if all_finite(values[rows]) else np.isfinite(values[rows]).all(axis=1)
    return finite


def lengths(vectors: Float[Array, "rows axes"]) -> Float64[Array, "rows"]:
    """Of each row the square root of the sum of squares."""
    found = np.empty(len(vectors))
    for rows in row_blocks(vectors):
        part = vectors[rows]
        found[rows] = np.sqrt(np.einsum("ri,ri->r", part, part))
    return found


def all_finite(values: Float[Array, "..."]) -> bool:
    """Whether all are numbers. Their sum says so in a fraction of the time of looking at each; in SI no
    sum overflows."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum()))
