"""What a label format's reader gives: labelled spans in the label file's own words and time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from ..formats import Recogniser


@dataclass(frozen=True)
class Span:
    """One labelled stretch as its file gives it."""

    start_seconds: float
    """Where it begins, on the time base that the manifest declares for the file."""
    stop_seconds: float
    """Where it ends (exclusive)."""
    label: str
    """The file's word for it, before the label map."""
    place: str
    """Where in the file it stands, for messages: `row 3`."""
    tier: str = ""
    """Which of several layers it belongs to (a tier, a subject, a task); empty where the format knows none."""
    modifiers: str = ""
    """What was chosen beside the label (BORIS), joined by `|`; empty where the format knows none."""


@runtime_checkable
class LabelReader(Recogniser, Protocol):
    """One label format: recognises a file by how it begins, and reads it. Options belong into the constructor."""

    def __call__(self, path: Path) -> tuple[Span, ...]:
        """Its spans, in the file's order."""
        ...
