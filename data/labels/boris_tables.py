"""Reads labels that BORIS exported as tables: events (a row for each start and stop) or aggregated events (a row each).

Media files and frame rates joined by `;` and image indices `NA` do not matter: only the times in seconds are read.
"""

from collections.abc import Mapping
from pathlib import Path

from ..errors import BadInput
from .boris_states import Event, paired, tier_name
from .table import Span
from .text import decode_text, header_of, lines_of, read_label_text, rows_below, to_seconds

EVENTS = ("Time", "Behavior")
AGGREGATED = ("Behavior", "Start (s)", "Stop (s)")
STATUS = ("Behavior type", "Status")
"""The column that says START, STOP or POINT: as version 8 and later, and as earlier ones call it."""


class BorisEvents:
    """Rows `Time, ..., Behavior, ..., START` and `STOP`, below a preamble in older versions."""

    generic = False

    def recognises(self, head: bytes) -> bool:
        """A header with time, behaviour, and which of the two it is."""
        lines = lines_of(decode_text(head))
        return any(header_of(lines, needed=(*EVENTS, status)) is not None for status in STATUS)

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """Its states, each from a START to the STOP of the same behaviour and subject."""
        text = read_label_text(path)
        status = STATUS[0] if header_of(lines_of(text), needed=(*EVENTS, STATUS[0])) else STATUS[1]
        events = []
        for number, row in rows_below(text, needed=(*EVENTS, status), path=path):
            _refuse_offset(row, path=path)
            place = f"line {number}"
            seconds = to_seconds(row["Time"], path=path, place=place)
            events.append(Event(seconds, row["Behavior"], _tier(row), row[status].upper(), place, _modifiers(row)))
        return paired(events, path=path)


class BorisAggregated:
    """Rows `..., Behavior, ..., Start (s), Stop (s), ...`."""

    generic = False

    def recognises(self, head: bytes) -> bool:
        """A header with behaviour, start and stop."""
        return header_of(lines_of(decode_text(head)), needed=AGGREGATED) is not None

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """Its states and points, as they stand."""
        spans = []
        for number, row in rows_below(read_label_text(path), needed=AGGREGATED, path=path):
            _refuse_offset(row, path=path)
            place = f"line {number}"
            start, stop = (to_seconds(row[name], path=path, place=place) for name in AGGREGATED[1:])
            spans.append(Span(start, stop, row["Behavior"], place, tier=_tier(row), modifiers=_modifiers(row)))
        return tuple(spans)


def _tier(row: Mapping[str, str]) -> str:
    return tier_name(observation=row.get("Observation id", ""), subject=row.get("Subject", ""))


def _modifiers(row: Mapping[str, str]) -> str:
    """Columns `Modifier #1`, `Modifier #2`, ... as newer versions write them, or one column `Modifiers`."""
    chosen = [value for name, value in row.items() if name == "Modifiers" or name.startswith("Modifier #")]
    return "|".join(value for value in chosen if value)


def _refuse_offset(row: Mapping[str, str], *, path: Path) -> None:
    """A time offset shifts the times away from the film's own."""
    offset = row.get("Time offset (s)", "")
    if offset and to_seconds(offset, path=path, place="Time offset (s)") != 0.0:
        remedy = "Set the observation's time offset to 0 in BORIS and export again."
        raise BadInput(path, found=f"a time offset of {offset} s", expected="times of the film itself", remedy=remedy)
