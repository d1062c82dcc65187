"""Units that a file states for its columns, in a row below their names, in brackets or as an attribute."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import BadInput
from .sensor import METRES_PER_SECOND2_PER_UNIT, RADIANS_PER_SECOND_PER_UNIT, SECONDS_PER_UNIT

UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "msecs", "millis", "milliseconds"),
    "us": ("us", "µs", "microseconds"),
    "ns": ("ns", "nanoseconds"),
    "m/s^2": (
        "m/s^2",
        "m/s2",
        "m/s²",
        "m/(s^2)",
        "m/(sec^2)",
        "m/sec^2",
        "m/s/s",
        "m/s**2",
        "ms2",
        "mps2",
        "m_s2",
        "ms-2",
        "m s-2",
    ),
    "g": ("g",),
    "mg": ("mg",),
    "deg/s": ("deg/s", "dps", "°/s", "deg/sec", "°/sec", "degrees/s", "degs", "deg_s"),
    "rad/s": ("rad/s", "rad/sec", "radians/s", "rads", "rad_s"),
}
"""Spellings of each unit that a manifest can declare."""
OTHERS = {
    *("min", "minutes", "hours", "days"),
    *(
        "cm/s^2",
        "cm/s2",
        "cm/s²",
        "cms2",
        "cm_s2",
        "cmps2",
        "mms2",
        "mm_s2",
        "fts2",
        "ft_s2",
        "mm/s^2",
        "mm/s2",
        "mm/s²",
        "ft/s^2",
        "ft/s2",
        "ft/s²",
        "gal",
    ),
    *("rpm", "r/min", "rev/min", "1/min", "rps", "r/s", "rev/s", "turns/s"),
    *("deg/min", "mdps", "mdeg/s", "mrad/s", "ut", "µt", "gauss"),
}
"""Units of time, acceleration, turning and what is taken for it that no manifest can declare."""
TIMES = {*SECONDS_PER_UNIT, "min", "minutes", "hours", "days"}
RATES = {*RADIANS_PER_SECOND_PER_UNIT, "rpm", "rps", "mdps"}
"""Of units at the end of a name these alone are of time and of turning; the others are of acceleration."""
MEASURED = {*SECONDS_PER_UNIT, *METRES_PER_SECOND2_PER_UNIT, *RADIANS_PER_SECOND_PER_UNIT}


def unit_of(text: str) -> str:
    """The unit that this spells, as a manifest writes it, or as it stands where none can declare it; "" for no unit.

    Of a time `seconds since 2026-05-31`, as netCDF has it, the seconds count.
    """
    whole = text.partition(" since ")[0].strip().lower()
    words = (whole, whole.strip("[]()").strip())  # the brackets of m/(s^2) are its own
    found = (unit for word in words for unit, spellings in UNITS.items() if word in spellings)
    return next(found, words[1] if words[1] in OTHERS else "")


def split_brackets(name: str) -> tuple[str, str]:
    """A column's name, and what stands in brackets at its end; "" for none."""
    name = name.strip()
    opening = {"]": "[", ")": "("}.get(name[-1:])
    before, found, inside = name[:-1].rpartition(opening) if opening else ("", "", "")
    return (before.strip(), inside.strip()) if found and inside.strip() else (name, "")


def unit_at_end(name: str) -> str:
    """The unit of two letters or more that a name ends in behind a blank or a dash, such as `gx_dps`; "" for none."""
    words = re.split(r"[\s_]+", name.strip().lower())
    ends = ("_".join(words[-length:]) for length in (2, 1) if len(words) > length)
    return next((unit for end in ends if len(end) > 1 and (unit := unit_of(end))), "")


def refuse_other_unit(path: Path, *, columns: Sequence[str], declared: str, stated: Mapping[str, str]) -> None:
    """Refuses a declared unit where the file states another for one of these columns; counts have any."""
    for name in columns:
        unit = unit_of(stated.get(name, "") or split_brackets(name)[1])
        if not unit and _kind(declared) == _kind(unit_at_end(name)):
            unit = unit_at_end(name)
        if unit and unit != declared and declared in MEASURED:
            found = f"{name} in {unit} by the file itself, declared in {declared}"
            other = "" if unit in MEASURED else ", export it in a unit that a manifest knows"
            remedy = f"Correct `unit:`{other}, or mend what the file says."
            raise BadInput(path, found=found, expected="one unit", remedy=remedy)


def _kind(unit: str) -> str:
    """What a unit measures; "" for no unit."""
    return "time" if unit in TIMES else "turning" if unit in RATES else "acceleration" if unit else ""
