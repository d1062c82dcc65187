"""States from the single events of BORIS: each START with the STOP that ends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadInput
from .table import Span


@dataclass(frozen=True)
class Event:
    """One event as BORIS keeps it."""

    seconds: float
    """Film time as the player shows it."""
    behavior: str
    """Its code."""
    tier: str
    """Whose it is: observation and subject."""
    status: str
    """START, STOP, POINT, or empty for a state whose events take turns."""
    place: str
    """Where it stands, for messages."""
    modifiers: str = ""
    """What the observer chose beside the behaviour, joined by `|`; a state ends with the modifiers it began with."""


def tier_name(*, observation: str, subject: str) -> str:
    """One name for an observation and a subject in it, as a manifest's `tier:` chooses it."""
    subject = "" if subject.lower() in ("no focal subject", "none") else subject
    return " / ".join(part for part in (observation, subject) if part)


def paired(events: Sequence[Event], *, path: Path) -> tuple[Span, ...]:
    """Spans from START to STOP. One that is never stopped, or stopped without a start, is refused."""
    open_: dict[tuple[str, str, str], Event] = {}
    spans = []
    # At one instant stops come first, so that a behaviour may be started again at once.
    for event in sorted(events, key=lambda event: (event.seconds, event.status != "STOP")):
        key = (event.tier, event.behavior, event.modifiers)
        if event.status == "POINT":
            spans.append(_span(event, stop_seconds=event.seconds))
            continue
        started = open_.pop(key, None)
        if event.status not in ("STOP" if started else "START", ""):
            raise _unpaired(event if started is None else started, path=path)
        if started is None:
            open_[key] = event
        else:
            spans.append(_span(started, stop_seconds=event.seconds))
    if open_:
        raise _unpaired(next(iter(open_.values())), path=path)
    return tuple(spans)


def _span(event: Event, *, stop_seconds: float) -> Span:
    place, tier, modifiers = event.place, event.tier, event.modifiers
    return Span(event.seconds, stop_seconds, event.behavior, place, tier=tier, modifiers=modifiers)


def _unpaired(event: Event, *, path: Path) -> BadInput:
    behavior = f"{event.behavior} ({event.modifiers})" if event.modifiers else event.behavior
    found = f"{event.status.lower() or 'an event'} of {behavior} at {event.seconds:g} s in {event.place} alone"
    expected = "a START and a STOP for each state"
    return BadInput(path, found=found, expected=expected, remedy="In BORIS: Observations > Check state events.")
