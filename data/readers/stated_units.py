"""Units that a file states for its columns, in a row below their names, in brackets or as an attribute."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import BadInput
from .sensor import METRES_PER_SECOND2_PER_UNIT, RADIANS_PER_SECOND_PER_UNIT, SECONDS_PER_UNIT

UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "millis", "milliseconds"),
    "us": ("us", "µs", "microseconds"),
    "ns": ("ns", "nanoseconds"),
    "m/s^2": ("m/s^2", "m/s2", "m/s²", "m/(s^2)", "m/s/s", "m/s**2", "ms2", "mps2", "m_s2", "ms-2", "m s-2"),
    "g": ("g",),
    "mg": ("mg",),
    "deg/s": ("deg/s", "dps", "°/s", "deg/sec", "°/sec", "degrees/s", "degs", "deg_s"),
    "rad/s": ("rad/s", "rad/sec", "radians/s", "rads", "rad_s"),
}
"""Spellings of each unit that a manifest can declare."""
OTHERS = {
    *("min", "minutes", "hours", "days"),
    *("cm/s^2", "cm/s2", "cm/s²", "mm/s^2", "mm/s2", "mm/s²", "ft/s^2", "ft/s2", "ft/s²", "gal"),
    *("rpm", "r/min", "rev/min", "1/min", "rps", "r/s", "rev/s", "turns/s"),
    *("deg/min", "mdps", "mdeg/s", "mrad/s", "ut", "µt", "gauss"),
}
"""Units of time, acceleration, turning and what is taken for it that no manifest can declare."""
MEASURED = {*SECONDS_PER_UNIT, *METRES_PER_SECOND2_PER_UNIT, *RADIANS_PER_SECOND_PER_UNIT}


def unit_of(text: str) -> str:
    """The unit that this spells, as a manifest writes it, or as it stands where none can declare it; "" for no unit.

    Of a time `seconds since 2026-05-31`, as netCDF has it, the seconds count.
    """
    word = text.partition(" since ")[0].strip().strip("[]()").strip().lower()
    return next((unit for unit, spellings in UNITS.items() if word in spellings), word if word in OTHERS else "")


def split_brackets(name: str) -> tuple[str, str]:
    """A column's name, and what stands in brackets at its end; "" for none."""
    name = name.strip()
    opening = {"]": "[", ")": "("}.get(name[-1:])
    before, found, inside = name[:-1].rpartition(opening) if opening else ("", "", "")
    return (before.strip(), inside.strip()) if found and inside.strip() else (name, "")


def refuse_other_unit(path: Path, *, columns: Sequence[str], declared: str, stated: Mapping[str, str]) -> None:
    """Refuses a declared unit where the file states another for one of these columns; counts have any."""
    for name in columns:
        unit = unit_of(stated.get(name, "") or split_brackets(name)[1])
        if unit and unit != declared and declared in MEASURED:
            found = f"{name} in {unit} by the file itself, declared in {declared}"
            other = "" if unit in MEASURED else ", export it in a unit that a manifest knows"
            remedy = f"Correct `unit:`{other}, or mend what the file says."
            raise BadInput(path, found=found, expected="one unit", remedy=remedy)
