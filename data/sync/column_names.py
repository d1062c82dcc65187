"""What the columns of a plain sensor table are, by the names that loggers use and by what their values can be.

Only what is unambiguous is taken: one column for each role, a unit that the name states or that physics leaves alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..formats import choose_format
from ..readers import FORMATS
from ..readers.delimited import DELIMITERS, HEADER_BYTES, HEADER_LINES, decode, read_text
from ..readers.dialect import split
from ..readers.parquet_file import parquet_names
from ..readers.physics import GRAVITY_BAND, SHAKING, TURNS_AT_MOST, measure_gravity
from ..readers.sensor import METRES_PER_SECOND2_PER_UNIT, SECONDS_PER_UNIT, STANDARD_GRAVITY
from ..readers.stated_units import split_brackets, unit_of

PREFIXES = {
    "acceleration": r"a|acc|accel|acceleration|accelerometer",
    "angular_rate": r"g|gyr|gyro|gyroscope|w|omega|rotationrate|angularvelocity|angularrate|angvel",
}
"""What stands before (or behind) an axis; a bare `x`, `y`, `z` is an acceleration where no other column is one."""
TIMES = {"t", "time", "timestamp", "timestamps", "elapsed", "elapsedtime", "unixtime", "epoch", "seconds", "millis"}
TIME_UNITS, FORCE_UNITS, RATE_UNITS = ("s", "ms", "us", "ns"), ("m/s^2", "g", "mg"), ("deg/s", "rad/s")
SLOWEST_HZ, FASTEST_HZ = 10.0, 2000.0
"""Rates of inertial sensors: less than a factor of 1000 apart, so that the spacing of stamps tells their unit."""
USUAL_HZ = (20.0, 800.0)
"""Of stamps whose unit no name states: row numbers would be 1000 samples a second in ms, ticks of 0.1 ms 10 or so."""
TURNS_IN_RADIANS = 25.0
"""A moving body whose 99th percentile is below this turns in rad/s: in deg/s a walking trunk exceeds 40."""

Role = tuple[str, str]
"""What a column is, and of which axis: `("angular_rate", "x")`, `("time", "")`."""


def guess_columns(path: Path, *, rate_hz: float | None = None) -> dict[str, object]:
    """The keys `time`, `acceleration` and `angular_rate` of a manifest's sensor for this plain table.

    With `rate_hz` no time column is needed. Empty where names or values leave a doubt; shapes and formats that cannot
    be read raise BadInput as ever.
    """
    for names in _headers(path):
        roles = _roles(names)
        forces = [roles.get(("acceleration", axis)) for axis in "xyz"]
        if None not in forces and (rate_hz is not None or ("time", "") in roles):
            return _declared(path, roles=roles, rate_hz=rate_hz)
    return {}


def describe_columns(keys: Mapping[str, object]) -> str:
    """What was taken for what, in a line."""
    parts = []
    for name in ("time", "acceleration", "angular_rate"):
        value = keys[name]
        if not isinstance(value, Mapping):
            parts.append("no angular rate")
        elif "rate_hz" in value:
            parts.append(f"{value['rate_hz']:g} samples a second")
        else:
            columns = value.get("columns") or [value["column"]]
            parts.append(f"{', '.join(columns)} as {name.replace('_', ' ')} in {value['unit']}")
    return "; ".join(parts)


def _headers(path: Path) -> Iterator[tuple[str, ...]]:
    """The lines that may name the columns, as names."""
    if path.suffix == ".parquet" or path.read_bytes()[:4] == b"PAR1":
        yield parquet_names(path)
        return
    for line in read_text(path)[:HEADER_BYTES].splitlines()[:HEADER_LINES]:
        for delimiter in DELIMITERS:
            yield split(decode(line), delimiter=delimiter)


def _roles(names: Sequence[str]) -> dict[Role, tuple[str, str]]:
    """Column and stated unit ("" without one) of each role; roles that two columns claim are left out."""
    found: dict[Role, list[tuple[str, str]]] = {}
    for name in names:
        stem, unit = _stem(name)
        if (role := _role(stem)) is not None:
            found.setdefault(role, []).append((name, unit))
    if any(role[0] == "acceleration" for role in found):
        found = {role: columns for role, columns in found.items() if role[0] != "axis"}
    named = {("acceleration" if kind == "axis" else kind, axis): c for (kind, axis), c in found.items()}
    return {role: columns[0] for role, columns in named.items() if len(columns) == 1}


def _role(stem: str) -> Role | None:
    if stem in TIMES:
        return "time", ""
    if stem in ("x", "y", "z"):
        return "axis", stem
    for kind, prefixes in PREFIXES.items():
        if match := re.fullmatch(rf"(?:{prefixes})([xyz])|([xyz])(?:{prefixes})", stem):
            return kind, match[1] or match[2]
    return None


def _stem(name: str) -> tuple[str, str]:
    """Letters and digits of a name in lower case, and the unit that stands in brackets or at its end."""
    text, unit = split_brackets(name.lower())
    if unit:
        return re.sub(r"[^a-z0-9]", "", text).removeprefix("imu"), unit_of(unit) or "?"
    words = re.findall(r"[a-z0-9]+", text)
    for length in (2, 1):
        if len(words) > length and (unit := unit_of("_".join(words[-length:]))):
            return "".join(words[:-length]).removeprefix("imu"), unit
    return "".join(words).removeprefix("imu"), "ms" if words == ["millis"] else "s" if words == ["seconds"] else ""


def _declared(path: Path, *, roles: dict[Role, tuple[str, str]], rate_hz: float | None) -> dict[str, object]:
    """The keys, if every unit is sure; else nothing."""
    triads = {kind: [roles.get((kind, axis)) for axis in "xyz"] for kind in PREFIXES}
    columns = {kind: [column[0] for column in triad if column] for kind, triad in triads.items()}
    if len(columns["angular_rate"]) not in (0, 3):
        return {}
    stamps = [] if rate_hz is not None else [roles["time", ""][0]]
    wanted = (*stamps, *columns["acceleration"], *columns["angular_rate"])
    values = choose_format(path, declared=None, formats=FORMATS)(path, columns=wanted).columns
    force = np.stack([values[name] for name in columns["acceleration"]], axis=1)
    force = force[np.isfinite(force).all(axis=1)]
    if len(force) < 2:
        return {}
    time_unit = "" if rate_hz is not None else _time_unit(values[stamps[0]], stated=roles["time", ""][1])
    rate = rate_hz or _rate_hz(values[stamps[0]], unit=time_unit)
    force_unit = _force_unit(force, stated=_one_unit(triads["acceleration"]), rate_hz=rate)
    keys: dict[str, object] = {
        "time": {"rate_hz": rate_hz} if rate_hz is not None else {"column": stamps[0], "unit": time_unit},
        "acceleration": {"columns": columns["acceleration"], "unit": force_unit},
        "angular_rate": "none",
    }
    if columns["angular_rate"]:
        turning = np.stack([values[name] for name in columns["angular_rate"]], axis=1)
        scale = METRES_PER_SECOND2_PER_UNIT.get(force_unit, 1.0)
        unit = _rate_unit(turning, stated=_one_unit(triads["angular_rate"]), force=force * scale)
        keys["angular_rate"] = {"columns": columns["angular_rate"], "unit": unit}
        force_unit = force_unit if unit else ""
    return keys if force_unit and rate else {}


def _one_unit(triad: Sequence[tuple[str, str] | None]) -> str:
    """The unit that three names state alike; "?" where they differ."""
    units = {column[1] for column in triad if column}
    return units.pop() if len(units) == 1 else "?"


def _time_unit(stamps: Float64[Array, "rows"], *, stated: str) -> str:
    """As the name states, else the one unit under which the rate is that of an inertial sensor."""
    fitting = [unit for unit in TIME_UNITS if _rate_hz(stamps, unit=unit)]
    if stated:
        return stated if stated in fitting else ""
    usual = len(fitting) == 1 and USUAL_HZ[0] <= _rate_hz(stamps, unit=fitting[0]) <= USUAL_HZ[1]
    return fitting[0] if usual else ""


def _rate_hz(stamps: Float64[Array, "rows"], *, unit: str) -> float:
    """Samples a second under this unit; 0 where no inertial sensor has that rate."""
    steps = np.diff(stamps[np.isfinite(stamps)])
    mean = float(np.mean(steps[steps > 0])) if (steps > 0).any() else 0.0
    rate = 1.0 / (mean * SECONDS_PER_UNIT[unit]) if mean > 0 and unit else 0.0
    return rate if SLOWEST_HZ <= rate <= FASTEST_HZ else 0.0


def _force_unit(force: Float64[Array, "rows 3"], *, stated: str, rate_hz: float) -> str:
    """As the names state, else the one under which gravity is there."""
    if stated:
        return stated if stated in FORCE_UNITS else ""
    gravity = measure_gravity(force, rate_hz=rate_hz).magnitude if rate_hz else 0.0
    low, high = (bound * STANDARD_GRAVITY for bound in GRAVITY_BAND)
    fitting = [unit for unit in FORCE_UNITS if low <= gravity * METRES_PER_SECOND2_PER_UNIT[unit] <= high]
    return fitting[0] if len(fitting) == 1 else ""


def _rate_unit(turning: Float64[Array, "rows 3"], *, stated: str, force: Float64[Array, "rows 3"]) -> str:
    """As the names state, else the one in which a body can turn so fast; a still one shows nothing."""
    if stated:
        return stated if stated in RATE_UNITS else ""
    speed = np.linalg.norm(turning[np.isfinite(turning).all(axis=1)], axis=1)
    fast = float(np.percentile(speed, 99)) if len(speed) else 0.0
    if fast > TURNS_AT_MOST:
        return "deg/s"
    moves = float(np.std(np.linalg.norm(force, axis=1))) > SHAKING
    return "rad/s" if moves and 0.0 < fast < TURNS_IN_RADIANS else ""
