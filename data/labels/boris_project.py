"""Reads labels from a project file of BORIS (`.boris`, JSON), without an export."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import BadInput
from .boris_states import Event, paired, tier_name
from .table import Span
from .text import decode_text, read_label_text, to_seconds


class BorisProject:
    """Observations with their events `[seconds, subject, behaviour, modifiers, comment, ...]`; states take turns."""

    generic = False

    def recognises(self, head: bytes) -> bool:
        """JSON of an object with BORIS's own keys."""
        text = decode_text(head).lstrip()
        keys = ('"behaviors_conf"', '"subjects_conf"', '"project_format_version"', '"time_format"', '"observations"')
        return text.startswith("{") and sum(key in text for key in keys) >= 2

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """The states and points of all its observations: `tier:` chooses among them."""
        project = _load(path)
        points = {
            str(behavior.get("code"))
            for behavior in _mapping(project.get("behaviors_conf")).values()
            if isinstance(behavior, Mapping) and "point" in str(behavior.get("type", "")).lower()
        }
        return paired(list(_events(project, points=points, path=path)), path=path)


def _load(path: Path) -> Mapping[str, Any]:
    try:
        project = json.loads(read_label_text(path))
    except (ValueError, RecursionError) as error:
        raise BadInput(path, found=str(error)[:120], expected="JSON", remedy="Save the project again.") from None
    if not isinstance(project, Mapping) or not isinstance(project.get("observations"), Mapping):
        remedy = "Save the project in BORIS again."
        raise BadInput(path, found="no observations", expected="a project of BORIS", remedy=remedy)
    return project


def _events(project: Mapping[str, Any], *, points: set[str], path: Path) -> Iterator[Event]:
    for name, observation in project["observations"].items():
        observation = _mapping(observation)
        offset = to_seconds(observation.get("time offset") or 0, path=path, place=f"the time offset of {name}")
        events = observation.get("events", [])
        if offset != 0.0 and events:
            found, remedy = f"a time offset of {offset:g} s in {name}", "Set it to 0 in BORIS and save."
            raise BadInput(path, found=found, expected="times of the film itself", remedy=remedy)
        for number, event in enumerate(events if isinstance(events, list) else [None], start=1):
            place = f"event {number} of {name}"
            if not isinstance(event, list) or len(event) < 3:
                expected = "[time, subject, behaviour, ...]"
                raise BadInput(path, found=f"no event in {place}", expected=expected, remedy="Save the project again.")
            behavior = str(event[2])
            tier = tier_name(observation=str(name), subject=str(event[1] or ""))
            seconds = to_seconds(event[0], path=path, place=place)
            modifiers = str(event[3] or "") if len(event) > 3 else ""
            yield Event(seconds, behavior, tier, "POINT" if behavior in points else "", place, modifiers)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
