"""The page of an inspection: whether recordings can be used, then each with its signals and its figures."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from ...data.quality.facts import Envelope, RecordingReport
from ...data.quality.text import HEAD, all_remarks, clock_line, clock_time, film_line, label_line, sensor_cells
from ...data.readers.sensor import STANDARD_GRAVITY
from ...data.recording import ClockMap
from ...data.words import WORDS
from ..runtime.formatting import command, counted
from .formatting import GAITS, plain_site
from .pages import write_page

GLOSSARY = {
    "Rate, stated": "samples a second as the stamps have it, and as file or manifest say",
    "Lost": "samples missing between the first and the last, or not numbers",
    "Gaps, longest": "holes of more than three samples; no window crosses them",
    "Clip a, clip w": "samples at the end of the accelerometer's, of the gyroscope's range",
    "Rest |a|": "where the sensor rests most, in m/s²: gravity is 9.81",
    "Drift": "parts per million against the other sensors, where their motion shows it",
}
TOPS_G = (1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 64.0)


@dataclass(frozen=True)
class TimeLine:
    """The time that a recording's charts share."""

    name: str
    """`film time` or `sensor time`."""
    clock: ClockMap | None
    """From the sensors' clock to it; None where it is theirs."""
    spans: list[tuple[float, float]] = field(default_factory=list)
    """What is drawn on it, start and stop."""

    def moved(self, start: float, stop: float) -> tuple[float, float]:
        """A span of sensor time on this line."""
        if self.clock is None:
            return start, stop
        first, last = self.clock.to_film(np.array([start, stop])).tolist()
        return first, last


def write_inspection(reports: Sequence[RecordingReport], path: Path, *, dataset: Path) -> Path:
    """Write one self-contained HTML page of these reports; returns its path."""
    labels = [*GAITS, *sorted({span[2] for r in reports if r.labels for span in r.labels.spans} - set(GAITS))]
    name = dataset.resolve().name if dataset.is_dir() else dataset.resolve().parent.name
    step, words = _next(reports, dataset=dataset)
    return write_page(
        path,
        "inspection",
        title=f"Recordings of {name}",
        answer=_answer(reports),
        tiles_shown=_tiles(reports),
        recordings=[_recording(report, labels=labels, page=path) for report in reports],
        head=[f"{each[0].upper()}{each[1:]}" for each in HEAD],
        glossary=GLOSSARY,
        next_step=step,
        next_command=words,
    )


def status(report: RecordingReport) -> str:
    """`refused`, `remarks` or `sound`."""
    if report.refused:
        return "refused"
    return "remarks" if all_remarks(report) else "sound"


def _recording(report: RecordingReport, *, labels: Sequence[str], page: Path) -> dict[str, Any]:
    entries = {report.words.subject.capitalize(): report.horse or "unknown"}
    if report.film is not None:
        entries["Film"] = f"{report.film.file}: {film_line(report.film)}"
    if report.film is not None or report.clock.origin is not None:
        entries["Clock"] = clock_line(report.clock)
    if report.labels_file is not None:
        entries["Labels"] = label_line(report)
    return {
        "id": report.id,
        "status": status(report),
        "refusals": [*report.refusals, *(f"{s.site}: {s.refusal}" for s in report.sensors if s.refusal)],
        "remarks": all_remarks(report),
        "entries": entries,
        "sync": _sync(report, page=page),
        "rows": [[plain_site(s.site), *sensor_cells(s.facts)] for s in report.sensors if s.facts is not None],
        "series": _series(report, labels=labels),
    }


def _sync(report: RecordingReport, *, page: Path) -> dict[str, Any] | None:
    """The page that the last synchronisation left, its reasons, and the command that settles the clock."""
    found = report.manifest.parent / "sync.html"
    if report.clock.verdict is None or not found.is_file():
        return None
    settle = report.settling_command if report.clock.origin is None else None
    link = quote(os.path.relpath(found, page.parent))
    return {"page": link, "verdict": report.clock.verdict, "reasons": report.clock.reasons, "command": settle}


def _series(report: RecordingReport, *, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Rows of the drawing: labels and film, then the sensors, on film time where the clock is known."""
    facts, filmed = report.clock, report.film is not None
    clock = None
    if facts.offset_seconds is not None:
        clock = ClockMap(
            facts.offset_seconds, drift_ppm=facts.drift_ppm or 0.0, reference_seconds=facts.reference_seconds
        )
    lower = TimeLine("film time" if clock is not None and filmed else "sensor time", clock)
    upper = lower if clock is not None or not filmed else TimeLine("film time", None)
    rows = [(upper, row) for row in (_labels_row(report, labels=labels), _film_row(report)) if row]
    rows += [(lower, row) for row in _sensor_rows(report, line=lower)]
    for line, row in rows:
        line.spans.append((row["start"], row["stop"]))
    lasts = {id(line): number for number, (line, _) in enumerate(rows)}
    return [
        row
        | {"time": line.name, "last": lasts[id(line)] == number}
        | {"from": min(s for s, _ in line.spans), "until": max(s for _, s in line.spans)}
        for number, (line, row) in enumerate(rows)
    ]


def _labels_row(report: RecordingReport, *, labels: Sequence[str]) -> dict[str, Any] | None:
    if report.labels is None or not report.labels.spans:
        return None
    bouts = [(round(start, 2), round(stop, 2), name, labels.index(name)) for start, stop, name in report.labels.spans]
    ends = {"start": min(each[0] for each in bouts), "stop": max(each[1] for each in bouts)}
    return {"name": "labels", "unit": "", "top": 1, "bouts": bouts, "gaps": [], "low": [], "high": [], **ends}


def _film_row(report: RecordingReport) -> dict[str, Any] | None:
    film = report.film
    if film is None:
        return None
    usual = 1000.0 / max(film.rate_hz, 1e-9)
    high = _plain(film.intervals.high)
    name = f"film: time between frames, usually {usual:.0f} ms"
    top = float(np.nanmax(film.intervals.high, initial=0.0))
    ends = {"start": film.start_seconds, "stop": film.start_seconds + film.duration_seconds}
    row = {"name": name, "unit": "ms", "top": round(1.15 * min(max(top, 1.5 * usual), 8 * usual), 3), "gaps": []}
    return row | ends | {"low": [None if each is None else 0 for each in high], "high": high}


def _sensor_rows(report: RecordingReport, *, line: TimeLine) -> list[dict[str, Any]]:
    """|a| of every sensor that could be read, from lowest to highest in each column of time, and its gaps."""
    forces = [
        (sensor, sensor.force) for sensor in report.sensors if sensor.facts is not None and sensor.force is not None
    ]
    top = _top_g([force for _, force in forces])
    rows = []
    for sensor, force in forces:
        start, stop = line.moved(force.start_seconds, force.stop_seconds)
        gaps = [[round(each, 3) for each in line.moved(*gap)] for gap in sensor.gaps]
        low, high = (_plain(values / STANDARD_GRAVITY) for values in (force.low, force.high))
        row = {"name": f"{plain_site(sensor.site)}: |a|", "unit": "g", "top": top, "gaps": gaps}
        rows.append(row | {"start": start, "stop": stop, "low": low, "high": high})
    return rows


def _top_g(forces: Sequence[Envelope]) -> float:
    """A round number of g that holds nearly all of every sensor's."""
    highs = [force.high[np.isfinite(force.high)] for force in forces]
    typical = max((float(np.percentile(high, 98)) for high in highs if high.size), default=20.0) / STANDARD_GRAVITY
    return next((step for step in TOPS_G if step >= typical), TOPS_G[-1])


def _plain(values: Any) -> list[float | None]:
    return [round(float(value), 2) if np.isfinite(value) else None for value in values]


def _answer(reports: Sequence[RecordingReport]) -> str:
    refused = sum(report.refused for report in reports)
    remarked = sum(status(report) == "remarks" for report in reports)
    if refused:
        return f"{refused} of {len(reports)} recordings cannot be used as they are: the reasons stand with each below."
    if remarked:
        return f"All {len(reports)} recordings can be used; {remarked} of them should be checked first."
    return f"All {len(reports)} recordings are sound."


def _next(reports: Sequence[RecordingReport], *, dataset: Path) -> tuple[str, str]:
    """The sentence before the next command, and the command."""
    place = dataset.resolve()
    without = next((r for r in reports if r.film is not None and r.clock.origin is None), None)
    if without is not None and without.settling_command:
        return f"Next, the clock of {without.id}:", without.settling_command
    if any(report.refused for report in reports):
        return "When what is refused has been mended, inspect again:", command("inspect", place)
    folder = place if dataset.is_dir() else place.parent
    return "Next, the teacher watches the films once:", command("extract-teacher", place, "--cache", folder / "cache")


def _tiles(reports: Sequence[RecordingReport]) -> list[tuple[str, str, str]]:
    seconds = sum(max((s.facts.duration_seconds for s in r.sensors if s.facts), default=0.0) for r in reports)
    filmed = sum(report.film.duration_seconds for report in reports if report.film is not None)
    horses = len({report.horse for report in reports if report.horse})
    subjects = {report.words.subject for report in reports if report.horse} or {WORDS.subject}
    labelled: dict[str, float] = {}
    for report in reports:
        for label, length in (report.labels.seconds if report.labels else {}).items():
            labelled[label] = labelled.get(label, 0.0) + length
    unplaced = sum(report.labels_file is not None and report.labels is None for report in reports)
    most = ", ".join(f"{label} {clock_time(length)}" for label, length in labelled.items())
    more = f"{counted(unplaced, 'label file')} cannot be placed" if unplaced else "" if most else "none"
    clocks = sum(report.clock.origin is not None for report in reports)
    accepted = f"sync accepted {sum(report.clock.verdict == 'ACCEPT' for report in reports)}"
    return [
        ("Recordings", str(len(reports)), f"of {counted(horses, subjects.pop() if len(subjects) == 1 else 'subject')}"),
        ("Sensors", clock_time(seconds), "together"),
        ("Film", clock_time(filmed), f"clocks known for {clocks} of {len(reports)}; {accepted}"),
        ("Labels", clock_time(sum(labelled.values())), "; ".join(filter(None, [most, more]))),
    ]
