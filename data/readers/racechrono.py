"""Reads CSV exports of RaceChrono: a preamble of eleven lines, and rows wherever any of its sensors gave a value."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from ..errors import BadInput
from .delimited import read_text
from .headed import header_names, read_columns
from .sensor import Acceleration, AngularRate
from .table import Device, Table

TIME = "Time (s)"
FORCE_UNITS: dict[str, Literal["m/s^2", "g"]] = {"G": "g", "g": "g", "m/s2": "m/s^2", "m/s²": "m/s^2"}
RATE_UNITS: dict[str, Literal["deg/s", "rad/s"]] = {"deg/s": "deg/s", "rad/s": "rad/s"}


class RaceChronoReader:
    """Rows are 1 to 19 ms apart; between a sensor's own samples (often 25 a second) the app interpolates."""

    generic = False

    def recognises(self, head: bytes) -> bool:
        """Its name in the first line, and the header that begins with the time."""
        return b"RaceChrono" in head.partition(b"\n")[0] and bool(header_names(head, first=TIME))

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The logger's or phone's accelerometer and gyroscope, and any other columns of these names."""
        data = read_text(path)
        names = header_names(data[:65536], first=TIME)
        force = _three(names, quantity="acceleration", path=path)
        rate = _three(names, quantity="rate of rotation", path=path)
        _, table = read_columns(data, path=path, own=(TIME, *force, *rate), asked=columns)
        device = Device(
            acceleration=Acceleration(columns=force, unit=FORCE_UNITS[_unit(force[0])]),
            angular_rate=AngularRate(columns=rate, unit=RATE_UNITS[_unit(rate[0])]),
            stamp_seconds=table[TIME],
        )
        return Table(path, table, {"": device})


def _three(names: Sequence[str], *, quantity: str, path: Path) -> tuple[str, str, str]:
    units = "|".join(map(re.escape, FORCE_UNITS | RATE_UNITS))
    found = [
        next((name for name in names if re.fullmatch(rf"{axis} {quantity} \(({units})\)( \*.*)?", name)), "")
        for axis in "XYZ"
    ]
    if not all(found):
        there = ", ".join(name for name in names if quantity in name or "acceleration" in name) or "none of the kind"
        expected = f"X, Y and Z {quantity}"
        raise BadInput(path, found=there, expected=expected, remedy="Log the phone's or device's own sensors.")
    return found[0], found[1], found[2]


def _unit(name: str) -> str:
    return name.partition("(")[2].partition(")")[0]
