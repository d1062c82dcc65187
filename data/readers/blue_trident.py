"""Reads CSV files of Vicon's Blue Trident (IMeasureU) sensors, low-g or high-g, units in the column names."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from .delimited import HEADER_LINES, decode, read_text
from .dialect import split
from .headed import read_columns
from .sensor import Acceleration, AngularRate
from .table import Device, Table

FORCE_UNITS: dict[str, Literal["m/s^2", "g"]] = {"m/s/s": "m/s^2", "m/s^2": "m/s^2", "g": "g"}
RATE_UNITS: dict[str, Literal["deg/s", "rad/s"]] = {"deg/s": "deg/s", "rad/s": "rad/s"}
CLOCKS = {"unix_timestamp_microsec": 1e-6, "time_s": 1.0}
"""By preference, with seconds a unit. `time_s` starts at 0 in every file, so that sensors share only the first."""


class BlueTridentReader:
    """Columns such as `unix_timestamp_microsec,time_s,ax_m/s/s,...,gx_deg/s,...`.

    A unit writes two files: low-g (+-16 g, gyroscope) and high-g (+-200 g). A manifest names the low-g file as `path:`
    and the other as `high_g:`; samples that clipped then come from there.
    """

    generic = False

    def recognises(self, head: bytes) -> bool:
        """A header with a time and an acceleration named with its unit."""
        names = _names(head)
        return any(name in names for name in CLOCKS) and _three(names, stem="a", units=FORCE_UNITS) is not None

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The file's signals, and any other columns of these names."""
        data = read_text(path)
        names = _names(data[:65536])
        force, rate = _three(names, stem="a", units=FORCE_UNITS), _three(names, stem="g", units=RATE_UNITS)
        clock = next((name for name in CLOCKS if name in names), "time_s")
        own = (clock, *(force[0] if force else ("ax_m/s/s",)), *(rate[0] if rate else ()))
        _, table = read_columns(data, path=path, own=own, asked=columns)
        device = Device(
            acceleration=Acceleration(columns=force[0], unit=FORCE_UNITS[force[1]]) if force else None,
            angular_rate=AngularRate(columns=rate[0], unit=RATE_UNITS[rate[1]]) if rate else None,
            stamp_seconds=table[clock] * CLOCKS[clock],
        )
        return Table(path, table, {"": device})


def _names(head: bytes) -> tuple[str, ...]:
    lines = (split(decode(line), delimiter=",") for line in head.removeprefix(b"\xef\xbb\xbf").splitlines())
    header = (names for names, _ in zip(lines, range(HEADER_LINES), strict=False) if any(n in CLOCKS for n in names))
    return next(header, ())


def _three(names: Sequence[str], *, stem: str, units: Iterable[str]) -> tuple[tuple[str, str, str], str] | None:
    """The columns x, y, z of a triad that name one unit, and that unit."""
    for unit in units:
        found = [next((n for n in names if re.fullmatch(f"{stem}{axis}_{re.escape(unit)}", n)), "") for axis in "xyz"]
        if all(found):
            return (found[0], found[1], found[2]), unit
    return None
