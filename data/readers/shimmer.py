"""Reads CSV exports of Shimmer sensors (Consensys): names, a row of units, one or several sensors in a file."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from ..errors import BadInput
from .delimited import DELIMITERS, HEADER_LINES, decode, read_text
from .dialect import split
from .headed import read_columns
from .sensor import SECONDS_PER_UNIT, Acceleration, AngularRate
from .stated_units import unit_of
from .table import Device, Table

ACCELEROMETERS = ("Accel_WR", "Accel_LN", "Accel")
"""By preference: the low-noise one ends at +-2 g, which a horse's walk exceeds, so the wide-range one goes first."""
CLOCKS = ("TimestampSync_Unix_CAL", "Timestamp_Unix_CAL", "Timestamp_CAL", "Timestamp_Shimmer_CAL")
"""By preference: on the clock that sensors share, the sensor's own, and older names."""
FORCE_UNITS: dict[str, Literal["m/s^2", "g"]] = {"m/s^2": "m/s^2", "g": "g"}
RATE_UNITS: dict[str, Literal["deg/s", "rad/s"]] = {"deg/s": "deg/s", "rad/s": "rad/s"}
DEFAULT_MARK = re.compile(r"\*|\(?default\)?", re.IGNORECASE)
"""Beside the unit of a channel whose calibration is the model's default, not the device's own (Consensys)."""
KNOWN_UNITS = {*FORCE_UNITS, *RATE_UNITS, *SECONDS_PER_UNIT}
"""One of these at least stands in the row below the names."""


class ShimmerReader:
    """`"sep=,"`, names such as `Shimmer_B64E_Accel_WR_X_CAL`, units, numbers. Devices go by what stands before: `B64E`
    or the name given in Consensys, with `Shimmer_` left off."""

    generic = False

    def recognises(self, head: bytes) -> bool:
        """A line of Shimmer's names, with calibrated or raw channels."""
        return any(_prefix(name) is not None for name in _names_and_units(head)[0])

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The sensors' signals, and any other columns of these names."""
        data = read_text(path)
        names, units = _names_and_units(data[:65536])
        of = {name: _known(unit) for name, unit in zip(names, units, strict=True)}
        default = {name for name, unit in zip(names, units, strict=True) if DEFAULT_MARK.search(unit)}
        prefixes = dict.fromkeys(prefix for name in names if (prefix := _prefix(name)) is not None)
        clocks = {prefix: _clock(prefix, units=of, path=path) for prefix in prefixes}
        triads = {prefix: _triads(prefix, units=of, path=path) for prefix in prefixes}
        own = [*clocks.values(), *(column for pair in triads.values() for triad in pair for column in triad.columns)]
        _, table = read_columns(data, path=path, own=own, asked=columns, lines_below=1)
        devices = {
            prefix.strip("_").removeprefix("Shimmer_"): Device(
                acceleration=triads[prefix][0],
                angular_rate=triads[prefix][1],
                stamp_seconds=table[clock] * SECONDS_PER_UNIT[of[clock]],
                remarks=_calibration_remarks(triads[prefix], default=default),
            )
            for prefix, clock in clocks.items()
        }
        return Table(path, table, devices)


def _prefix(name: str) -> str | None:
    """What stands before a channel's own name: the sensor's."""
    match = re.fullmatch(r"(?P<prefix>(?:.*_)?)(?:Accel(?:_WR|_LN)?|Gyro)_X_(?:CAL|RAW|UNCAL)", name)
    return match["prefix"] if match else None


def _names_and_units(head: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The line of names and the row of units below it; empty where they are not there."""
    lines = head.removeprefix(b"\xef\xbb\xbf").splitlines()[:HEADER_LINES]
    for at, line in enumerate(lines[:-1]):
        for delimiter in DELIMITERS[:3]:
            names = split(decode(line), delimiter=delimiter)
            units = split(decode(lines[at + 1]), delimiter=delimiter)
            named = any(_prefix(name) is not None for name in names)
            below = len(units) == len(names) and bool(KNOWN_UNITS & {_known(unit) for unit in units})
            if named and below:
                return names, units
    return (), ()


def _known(unit: str) -> str:
    """A unit as manifests write it, without the mark of a default calibration; another one as it stands."""
    plain = DEFAULT_MARK.sub("", unit).strip()
    return unit_of(plain) or plain


def _clock(prefix: str, *, units: Mapping[str, str], path: Path) -> str:
    there = [f"{prefix}{clock}" for clock in CLOCKS if units.get(f"{prefix}{clock}") in SECONDS_PER_UNIT]
    if not there:
        expected = f"a column {prefix}{CLOCKS[1]} in ms"
        raise BadInput(path, found="no time in ms or s", expected=expected, remedy="Export Unix time stamps.")
    return there[0]


def _triads(prefix: str, *, units: Mapping[str, str], path: Path) -> tuple[Acceleration, AngularRate]:
    for kind in ACCELEROMETERS:
        force = _three(f"{prefix}{kind}")
        rate = _three(f"{prefix}Gyro")
        if _one_unit(force, of=units) in FORCE_UNITS and _one_unit(rate, of=units) in RATE_UNITS:
            return (
                Acceleration(columns=force, unit=FORCE_UNITS[units[force[0]]]),
                AngularRate(columns=rate, unit=RATE_UNITS[units[rate[0]]]),
            )
    raise BadInput(
        path,
        found=f"columns {', '.join(f'{name} in {unit}' for name, unit in units.items() if name)[:600]}",
        expected=f"{prefix}Accel_WR_X_CAL to _Z_CAL in m/(s^2) and {prefix}Gyro_X_CAL to _Z_CAL in deg/s",
        remedy="Export calibrated data of accelerometer and gyroscope.",
    )


def _one_unit(names: Sequence[str], *, of: Mapping[str, str]) -> str:
    """The unit of these columns; empty where they differ."""
    units = {of.get(name, "") for name in names}
    return units.pop() if len(units) == 1 else ""


def _calibration_remarks(triads: tuple[Acceleration, AngularRate], *, default: set[str]) -> tuple[str, ...]:
    kinds = zip(("accelerometer", "gyroscope"), triads, strict=True)
    named = [name for name, triad in kinds if default & set(triad.columns)]
    return (f"default calibration of {' and '.join(named)}, not the device's own",) if named else ()


def _three(stem: str) -> tuple[str, str, str]:
    return f"{stem}_X_CAL", f"{stem}_Y_CAL", f"{stem}_Z_CAL"
