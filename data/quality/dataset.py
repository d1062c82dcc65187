"""A data set inspected: every recording in turn, and what only shows among all of them."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..manifest.files import find_recordings
from .facts import RecordingReport
from .recording import inspect_recording

logger = logging.getLogger(__name__)


def inspect_dataset(dataset: Path) -> tuple[RecordingReport, ...]:
    """A report of each recording, by path. Recordings that share an id are refused: in a cache they are one."""
    manifests, reports = find_recordings(dataset), []
    for number, path in enumerate(manifests, start=1):
        logger.info("[%d/%d] %s", number, len(manifests), path)
        reports.append(inspect_recording(path))
    return tuple(_with_namesakes(reports))


def _with_namesakes(reports: list[RecordingReport]) -> Iterator[RecordingReport]:
    for report in reports:
        namesakes = [other.manifest for other in reports if other.id == report.id and other is not report]
        if namesakes:
            others = ", ".join(str(each) for each in namesakes)
            line = f"{report.manifest}: found the id {report.id}, which {others} has too; expected ids that are unique."
            report = replace(report, refusals=(*report.refusals, f"{line} Give each its own `id:`."))
        yield report
