"""What a file format's reader gives: numeric columns by name, and what the file states about its devices by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..formats import Recogniser
from .sensor import Acceleration, AngularRate

MOST_ROWS = 1 << 28
"""Samples of a column at most: a month at 100 Hz. A header that promises more is damaged, or means harm."""


@dataclass(frozen=True)
class Device:
    """What a file states about one device in it, so that a manifest need not."""

    acceleration: Acceleration | None = None
    """Which columns hold the specific force, and their unit."""
    angular_rate: AngularRate | None = None
    """Which columns hold the angular rate, and their unit."""
    stamp_seconds: Float64[Array, "rows"] | None = None
    """IMU time of each row."""
    packet: Float64[Array, "rows"] | None = None
    """Number of each row's packet, unwrapped: it jumps where packets were lost, and is NaN where the row bears none.
    With a rate it gives time."""
    packet_period: float | None = None
    """After how many packets their number, as the file writes it, starts again at 0; None where that is not known."""
    rate_hz: float | None = None
    """Sampling rate as the file states it."""
    clock: str = ""
    """The column that tells its times, where files of this format may hold one of several clocks."""
    wrap_seconds: float | None = None
    """Where `stamp_seconds`, or the time that `packet` and `rate_hz` give, starts again at 0."""
    remarks: tuple[str, ...] = ()
    """What the file says against its own values, for `inspect` to list."""
    label: str = ""
    """A name that people gave it, beside its identity; a manifest may use either."""


@dataclass(frozen=True)
class Table:
    """One file, read once, however many sensors are in it."""

    path: Path
    """The file."""
    columns: Mapping[str, Float[Array, "_"]] = field(repr=False)
    """Columns by name, as numbers in the file's own units. NaN where a value is missing. Those that a file holds as
    float32 may stay so: of a day's samples the half."""
    devices: Mapping[str, Device] = field(default_factory=lambda: MappingProxyType({}))
    """What the file states about its devices, by their identity. Empty for formats that state nothing."""
    units: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Units of columns as the file spells them, where it does beside their names."""
    names: tuple[str, ...] = ()
    """All columns that the file holds, as a manifest would name them, where the reader lists them."""
    blocks: tuple[str, ...] = ()
    """Remarks on other columns whose values may be sensors one after the other; they count without stamps."""


@runtime_checkable
class Reader(Recogniser, Protocol):
    """One file format: recognises a file by how it begins, and reads it. Options belong into the constructor."""

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The file's columns of these names, and whatever columns its devices need."""
        ...


def refuse_too_long(shape: Sequence[int] | None, *, path: Path) -> None:
    """By the shape that a header states, before memory is asked for."""
    rows = max(shape or (0,))
    if rows > MOST_ROWS:
        found = f"{rows} rows by the file's own header"
        raise BadInput(path, found=found, expected=f"at most {MOST_ROWS}", remedy="Cut it into recordings of a day.")


def to_numbers(values: object, *, path: Path, column: str) -> Float64[Array, "rows"]:
    """Numbers as float64, or bad input where an array holds something else."""
    return numbers_of(values, path=path, column=column).astype(np.float64)


def numbers_of(values: object, *, path: Path, column: str) -> Array:
    """The array of these values, or bad input where they are no column of numbers."""
    array = np.asarray(values)
    if array.ndim != 1 or array.dtype.kind not in "fiub":
        found = f"{array.dtype} of shape {array.shape} in {column}"
        raise BadInput(path, found=found, expected="a column of numbers", remedy="Choose another column.")
    return array
