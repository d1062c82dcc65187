"""A data set inspected: every recording in turn, and what only shows among all of them."""

import logging
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..files import file_digest
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
    return tuple(_with_similar_horses(list(_with_same_films(list(_with_namesakes(reports))))))


def _with_same_films(reports: list[RecordingReport]) -> Iterator[RecordingReport]:
    """Films that are one file byte by byte: one of them was copied to the wrong recording."""
    films = {report.manifest: report.manifest.parent / report.film.file for report in reports if report.film}
    sizes = Counter(path.stat().st_size for path in films.values() if path.is_file())
    digests = {
        manifest: file_digest(path)
        for manifest, path in films.items()
        if path.is_file() and sizes[path.stat().st_size] > 1
    }
    for report in reports:
        own = digests.get(report.manifest)
        same = [str(other) for other, digest in digests.items() if digest == own and other != report.manifest]
        if own and same:
            remark = f"its film is byte by byte that of {', '.join(same)}: was it copied to the wrong recording?"
            report = replace(report, remarks=(*report.remarks, remark))
        yield report


def _with_similar_horses(reports: list[RecordingReport]) -> Iterator[RecordingReport]:
    """Horses whose names differ in capitals, blanks or accents alone: splits by horse would part one from itself."""
    names = sorted({report.horse for report in reports if report.horse})
    for report in reports:
        others = [name for name in names if name != report.horse and _plain(name) == _plain(report.horse)]
        if others and report.horse:
            remark = f"its horse is called {report.horse!r} here and {', '.join(map(repr, others))} elsewhere: splits "
            remark += "take them for different horses; write one name"
            report = replace(report, remarks=(*report.remarks, remark))
        yield report


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def _with_namesakes(reports: list[RecordingReport]) -> Iterator[RecordingReport]:
    for report in reports:
        namesakes = [other.manifest for other in reports if other.id == report.id and other is not report]
        if namesakes:
            others = ", ".join(str(each) for each in namesakes)
            line = f"{report.manifest}: found the id {report.id}, as in {others}; expected ids that differ."
            report = replace(report, refusals=(*report.refusals, f"{line} Give each its own `id:`."))
        yield report
