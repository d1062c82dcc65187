"""The drawing of a recording: film, labels and every sensor's |a| on one line of time, holes in red."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..page.svg import line, path, rect, svg, text
from ..readers.sensor import STANDARD_GRAVITY
from ..recording import ClockMap
from .facts import Envelope, FilmFacts, LabelFacts, RecordingReport, SensorReport

LEFT, RIGHT, WIDTH = 150.0, 868.0, 890.0
FILM_HIGH, LABEL_HIGH, SENSOR_HIGH, SPACE = 34.0, 20.0, 46.0, 12.0
STEPS_SECONDS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)


@dataclass(frozen=True)
class _Axis:
    """Where a time lies from left to right."""

    start: float
    stop: float

    def x(self, seconds: float) -> float:
        share = (seconds - self.start) / max(self.stop - self.start, 1e-9)
        return LEFT + (RIGHT - LEFT) * min(max(share, 0.0), 1.0)


def timeline(report: RecordingReport, *, labels: Sequence[str]) -> str:
    """One drawing: on film time where the clock is known, else film above and sensors below, each on its own time."""
    clock = _clock(report)
    film_ends = _film_ends(report)
    imu_ends = [
        (s.facts.start_seconds, s.facts.start_seconds + s.facts.duration_seconds) for s in report.sensors if s.facts
    ]
    shared = clock is not None or not film_ends
    moved = [_moved(ends, clock) for ends in imu_ends] if shared else imu_ends
    parts: list[str] = []
    y = 6.0
    upper = _axis([*film_ends, *(moved if shared else [])])
    if report.film is not None:
        parts += _film_row(report.film, axis=upper, y=y)
        y += FILM_HIGH + SPACE
    if report.labels is not None and report.labels.spans:
        parts += _label_row(report.labels, axis=upper, y=y, labels=labels)
        y += LABEL_HIGH + SPACE
    if not shared and film_ends:
        y = _scale(parts, axis=upper, y=y, name="film time") + SPACE
    lower = upper if shared else _axis(moved)
    top = _top_g(report.sensors)
    for sensor in report.sensors:
        parts += _sensor_row(sensor, axis=lower, clock=clock if shared else None, y=y, top=top)
        y += SENSOR_HIGH + SPACE
    y = _scale(parts, axis=lower, y=y, name="film time" if clock is not None and film_ends else "sensor time")
    return svg(parts, width=WIDTH, height=y + 4, label=f"Film, labels and sensors of {report.id} over time")


def _film_row(film: FilmFacts, *, axis: _Axis, y: float) -> list[str]:
    """A bar where the film runs, and above it the longest interval between frames of each moment."""
    start, stop = axis.x(film.start_seconds), axis.x(film.start_seconds + film.duration_seconds)
    usual = 1000.0 / max(film.rate_hz, 1e-9)
    tip = f"{film.frames} frames, usually {usual:.1f} ms apart"
    parts = [
        text(LEFT - 12, y + 14, "film", kind="strong", anchor="end"),
        text(LEFT - 12, y + 29, f"{usual:.0f} ms a frame", kind="small quiet", anchor="end"),
        rect(start, y + FILM_HIGH - 8, stop - start, 8, kind="film", tip=tip),
    ]
    highest = max(4 * usual, 1.0)
    points = _columns(film.intervals)
    heights = [(axis.x(at), y + 22 - 20 * min(high / highest, 1.0)) for at, _, high in points if np.isfinite(high)]
    return [*parts, path(heights, kind="curve c1")] if heights else parts


def _label_row(facts: LabelFacts, *, axis: _Axis, y: float, labels: Sequence[str]) -> list[str]:
    """A bar for each bout, with its name where there is room."""
    parts = [text(LEFT - 12, y + 14, "labels", kind="strong", anchor="end")]
    for start, stop, label in facts.spans:
        left, right = axis.x(start), axis.x(stop)
        tip = f"{label}, {start:.1f} to {stop:.1f} s"
        parts.append(rect(left, y, max(right - left, 1.0), LABEL_HIGH, kind=f"l{labels.index(label) % 5}", tip=tip))
        if right - left > 9 * len(label):
            parts.append(text((left + right) / 2, y + 15, label, kind="small on-colour", anchor="middle"))
    return parts


def _sensor_row(sensor: SensorReport, *, axis: _Axis, clock: ClockMap | None, y: float, top: float) -> list[str]:
    """|a| from lowest to highest in each moment, with a line at 1 g; holes below it in red."""
    base = y + SENSOR_HIGH
    parts = [text(LEFT - 12, y + 20, sensor.site.replace("_", " "), kind="strong", anchor="end")]
    if sensor.facts is None or sensor.force is None:
        return [*parts, text(LEFT + 8, y + 20, "refused, see above", kind="small quiet")]
    parts.append(text(LEFT - 12, y + 36, f"|a| to {top:g} g", kind="small quiet", anchor="end"))
    parts.append(line(LEFT, base, RIGHT, base, kind="grid"))

    def place(seconds: float, force: float) -> tuple[float, float]:
        share = min(max(force / STANDARD_GRAVITY / top, 0.0), 1.0)
        return axis.x(_moved((seconds, seconds), clock)[0]), base - SENSOR_HIGH * share

    for run in _runs(sensor.force):
        upper = [place(at, high) for at, _, high in run]
        lower = [place(at, low) for at, low, _ in run]
        parts.append(path([*upper, *reversed(lower), upper[0]], kind="area"))
    rest = base - SENSOR_HIGH / top
    parts.append(line(LEFT, rest, RIGHT, rest, kind="chance"))
    for start, stop in sensor.gaps:
        left, right = (axis.x(at) for at in _moved((start, stop), clock))
        parts.append(rect(left, base - 1, max(right - left, 1.5), 6, kind="gap", tip=f"{stop - start:.2f} s missing"))
    return parts


def _scale(parts: list[str], *, axis: _Axis, y: float, name: str) -> float:
    """Marks of time under what was drawn; where the next may begin."""
    step = next((s for s in STEPS_SECONDS if (axis.stop - axis.start) / s <= 9), 14400)
    for tick in range(int(np.ceil(axis.start / step)), int(np.floor(axis.stop / step)) + 1):
        seconds = tick * step
        minutes, rest = divmod(abs(seconds), 60)
        word = f"{'-' if seconds < 0 else ''}{minutes}:{rest:02d}"
        parts.append(line(axis.x(seconds), y, axis.x(seconds), y + 5, kind="tick"))
        parts.append(text(axis.x(seconds), y + 18, word, kind="small quiet", anchor="middle"))
    parts.append(text(LEFT - 32, y + 18, name, kind="small quiet", anchor="end"))
    return y + 24


def _clock(report: RecordingReport) -> ClockMap | None:
    """The manifest's clock, if film time can be told; sensors alone are on their own."""
    facts = report.clock
    if facts.offset_seconds is None:
        return None
    return ClockMap(facts.offset_seconds, drift_ppm=facts.drift_ppm or 0.0, reference_seconds=facts.reference_seconds)


def _moved(ends: tuple[float, float], clock: ClockMap | None) -> tuple[float, float]:
    if clock is None:
        return ends
    start, stop = clock.to_film(np.array(ends, dtype=np.float64))
    return float(start), float(stop)


def _film_ends(report: RecordingReport) -> list[tuple[float, float]]:
    film = report.film
    return [(film.start_seconds, film.start_seconds + film.duration_seconds)] if film is not None else []


def _axis(ends: Sequence[tuple[float, float]]) -> _Axis:
    return _Axis(min((e[0] for e in ends), default=0.0), max((e[1] for e in ends), default=1.0))


def _top_g(sensors: Sequence[SensorReport]) -> float:
    """A round number of g that holds nearly all of every sensor's."""
    highs = [sensor.force.high[np.isfinite(sensor.force.high)] for sensor in sensors if sensor.force is not None]
    typical = max((float(np.percentile(high, 98)) for high in highs if high.size), default=20.0) / STANDARD_GRAVITY
    return next((step for step in (1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0) if step >= typical), 64.0)


def _columns(envelope: Envelope) -> list[tuple[float, float, float]]:
    """Middle, lowest and highest of each column of time."""
    count = len(envelope.high)
    middle = envelope.start_seconds + (np.arange(count) + 0.5) / count * (
        envelope.stop_seconds - envelope.start_seconds
    )
    return list(zip(middle.tolist(), envelope.low.tolist(), envelope.high.tolist(), strict=True))


def _runs(envelope: Envelope) -> list[list[tuple[float, float, float]]]:
    """Columns in a row that hold samples."""
    runs: list[list[tuple[float, float, float]]] = [[]]
    for column in _columns(envelope):
        if np.isfinite(column[1]):
            runs[-1].append(column)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
