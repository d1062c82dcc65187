"""A data set inspected: every recording in turn, and what only shows among all of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..manifest.files import find_recordings
from ..progress import Tell, announced
from .facts import RecordingReport
from .recording import inspect_recording


def inspect_dataset(dataset: Path, *, tell: Tell = lambda _: None) -> tuple[RecordingReport, ...]:
    """A report of each recording, by path. Recordings that share an id are refused: in a cache they are one.

    `tell` takes a line on each before it is looked at.
    """
    manifests = announced(find_recordings(dataset), tell=tell)
    return tuple(_with_twins([inspect_recording(path) for path in manifests]))


def _with_twins(reports: list[RecordingReport]) -> Iterator[RecordingReport]:
    for report in reports:
        twins = [other.manifest for other in reports if other.id == report.id and other is not report]
        if twins:
            others = ", ".join(str(twin) for twin in twins)
            line = f"{report.manifest}: found the id {report.id}, which {others} has too; expected ids that are unique."
            report = replace(report, refusals=(*report.refusals, f"{line} Give each its own `id:`."))
        yield report
