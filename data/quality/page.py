"""The inspection as one HTML page: what to mend first, then every recording with its drawing and its figures."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from ..files import write_atomically
from ..page.html import definitions, linked, notes, page, paragraph, scrolling, section, table, tile, tiles
from .facts import RecordingReport
from .text import HEAD, all_remarks, clock_line, clock_time, film_line, label_line, sensor_cells
from .timeline import timeline

GAITS = ("walk", "trot", "canter", "transition", "stand")
"""Labels that come first, so that a gait has one colour on every page."""
NAMES = tuple(f"{name[0].upper()}{name[1:]}" for name in HEAD)
GLOSSARY = {
    "Rate, stated": "samples a second as the stamps have it, and as file or manifest say",
    "Lost": "samples missing between the first and the last, or not numbers",
    "Gaps, longest": "holes of more than three samples; no window crosses them",
    "Clip a, clip w": "samples at the end of the accelerometer's, of the gyroscope's range",
    "Rest |a|": "where the sensor rests most, in m/s²: gravity is 9.81",
    "Drift": "parts per million against the other sensors, where their motion tells",
}


def write_page(reports: Sequence[RecordingReport], path: Path, *, dataset: Path) -> None:
    """Write one self-contained HTML page of these reports."""
    write_atomically(path, render(reports, dataset=dataset))


def render(reports: Sequence[RecordingReport], *, dataset: Path) -> str:
    """The page as text."""
    labels = _vocabulary(reports)
    name = dataset.resolve().name if dataset.is_dir() else dataset.resolve().parent.name
    body = [
        f'<header><span class="mark">equigait</span><h1>Recordings of {escape(name)}</h1>',
        paragraph(_sentence(reports), kind="lead"),
        "</header>",
        tiles(_tiles(reports)),
        linked([(_anchor(number), report.id, status(report)) for number, report in enumerate(reports)]),
        *(_card(report, anchor=_anchor(number), labels=labels) for number, report in enumerate(reports)),
        section("What the columns mean", body=[definitions(GLOSSARY)]),
    ]
    return page(f"Recordings of {name}", body=body)


def status(report: RecordingReport) -> str:
    """`refused`, `remarks` or `sound`."""
    if report.refused:
        return "refused"
    return "remarks" if all_remarks(report) else "sound"


def _card(report: RecordingReport, *, anchor: str, labels: Sequence[str]) -> str:
    """One recording: what stands against it, what it is, its drawing and its figures."""
    refusals = [*report.refusals, *(f"{s.site}: {s.refusal}" for s in report.sensors if s.refusal)]
    entries = {"Horse": report.horse or "unknown"}
    if report.film is not None:
        entries["Film"] = f"{report.film.file}: {film_line(report.film)}"
    if report.film is not None or report.clock.origin is not None:
        entries["Clock"] = clock_line(report.clock)
    if report.labels is not None:
        entries["Labels"] = label_line(report.labels)
    rows = [[s.site.replace("_", " "), *sensor_cells(s.facts)] for s in report.sensors if s.facts is not None]
    drawn = report.film is not None or bool(rows)
    body = [
        notes(refusals, kind="bad"),
        notes(all_remarks(report), kind="warn"),
        definitions(entries),
        scrolling(timeline(report, labels=labels)) if drawn else "",
        table(NAMES, rows=rows) if rows else "",
    ]
    return section(report.id, body=body, anchor=anchor, badge=status(report))


def _sentence(reports: Sequence[RecordingReport]) -> str:
    refused = sum(report.refused for report in reports)
    remarked = sum(status(report) == "remarks" for report in reports)
    if refused:
        return f"{refused} of {len(reports)} recordings cannot be used as they are: the reasons stand in red below."
    if remarked:
        return f"All {len(reports)} recordings can be used; {remarked} of them should be looked at first."
    return f"All {len(reports)} recordings are sound."


def _tiles(reports: Sequence[RecordingReport]) -> list[str]:
    seconds = sum(max((s.facts.duration_seconds for s in r.sensors if s.facts), default=0.0) for r in reports)
    filmed = sum(report.film.duration_seconds for report in reports if report.film is not None)
    horses = len({report.horse for report in reports if report.horse})
    labelled: dict[str, float] = {}
    for report in reports:
        for label, length in (report.labels.seconds if report.labels else {}).items():
            labelled[label] = labelled.get(label, 0.0) + length
    most = ", ".join(f"{label} {clock_time(length)}" for label, length in labelled.items()) or "none"
    clocks = sum(report.clock.origin is not None for report in reports)
    accepted = f"sync accepted {sum(report.clock.verdict == 'ACCEPT' for report in reports)}"
    return [
        tile("Recordings", figure=str(len(reports)), below=f"of {horses} {'horse' if horses == 1 else 'horses'}"),
        tile("Sensors", figure=clock_time(seconds), below="together"),
        tile("Film", figure=clock_time(filmed), below=f"clocks known for {clocks} of {len(reports)}; {accepted}"),
        tile("Labels", figure=clock_time(sum(labelled.values())), below=most),
    ]


def _vocabulary(reports: Sequence[RecordingReport]) -> list[str]:
    found = {span[2] for report in reports if report.labels for span in report.labels.spans}
    return [*GAITS, *sorted(found - set(GAITS))]


def _anchor(number: int) -> str:
    return f"recording-{number + 1}"
