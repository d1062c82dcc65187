"""The page of a horse over time: its rides by date, their figures one after another, before and after an event."""

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from ..evaluation.scores import Scores
from ..inference.ride_summary import gait_strides
from ..inference.strides import GAIT_CYCLES
from ..inference.symmetry_summary import REFERENCES
from ..runtime.formatting import counted
from .pages import write_page
from .ride_charts import Point, rides_chart
from .ride_facts import MEASURE_NAMES, RideFacts, condition_words, day_words, length_words
from .ride_page import NONE, SIMULATED, write_ride_page

ENOUGH_DAYS = 4
"""Fewer days of rides show how much a horse varies, not where it goes (Sleip asks for as many)."""


@dataclass(frozen=True)
class Series:
    """One figure over the rides of a horse."""

    name: str
    unit: str
    points: tuple[Point, ...]
    """Of the rides that have it, in order of time."""
    published: tuple[float, float] | None = None


def write_pages(rides: Sequence[RideFacts], out: Path, *, scores: Scores | None = None) -> tuple[Path, ...]:
    """Writes `OUT/pages/RECORDING.html` for each ride, and `OUT/pages/horse-NAME.html` for horses with two or more.

    Letters that a file name should not hold become hyphens; names that are then alike are numbered.
    """
    taken: set[str] = set()
    horses: dict[str, list[tuple[RideFacts, str]]] = {}
    for ride in rides:
        horses.setdefault(ride.horse, []).append((ride, _file_name(ride.id, taken=taken)))
    pages = []
    for name, own in horses.items():
        shared = _file_name(f"horse-{name}", taken=taken) if len(own) > 1 else ""
        pages += [write_ride_page(r, out / "pages" / f, scores=scores, horse_page=quote(shared)) for r, f in own]
        pages += [write_horse_page(own, out / "pages" / shared)] if shared else []
    return tuple(pages)


def write_horse_page(rides: Sequence[tuple[RideFacts, str]], path: Path) -> Path:
    """Write one self-contained HTML page of the rides of one horse, each with the file name of its own page."""
    ordered = sorted(rides, key=lambda each: (each[0].conditions.date or datetime.max, each[0].id))
    facts, files = [each for each, _ in ordered], [quote(file) for _, file in ordered]
    events = [(place, each.conditions.event) for place, each in enumerate(facts) if each.conditions.event]
    days = [day_words(each.conditions, short=True) or str(n + 1) for n, each in enumerate(facts)]
    series = _all_series(facts)
    return write_page(
        path,
        "horse",
        title=f"{facts[0].horse}: {counted(len(facts), 'ride')}",
        answer=_answer(facts, events=events),
        warnings=_warnings(facts, events=events),
        rides=[(file, day_words(f.conditions) or f.id, _ride_row(f)) for f, file in zip(facts, files, strict=True)],
        comparisons=[{"event": name, "rows": _before_and_after(series, place=place)} for place, name in events],
        charts=[(each.name, _chart(each, days=days, events=events)) for each in series if len(each.points) > 1],
    )


def _file_name(name: str, *, taken: set[str]) -> str:
    stem = re.sub(r"[^\w.-]+", "-", name).strip("-.")[:100] or "ride"
    number, chosen = 1, f"{stem}.html"
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{stem}-{number}.html"
    taken.add(chosen.casefold())
    return chosen


def _answer(facts: Sequence[RideFacts], *, events: Sequence[tuple[int, str]]) -> str:
    dated = [each for each in facts if each.conditions.date is not None]
    span = ""
    if dated:
        first, last = (day_words(each.conditions).partition(",")[0] for each in (dated[0], dated[-1]))
        span = f" on {first}" if first == last else f", {first} to {last}"
    total = length_words(sum(each.predicted_seconds for each in facts))
    parts = [f"{place} before {name}, {counted(len(facts) - place, 'ride')} since" for place, name in events]
    return f"{total} of rides{span}." + (f" {'; '.join(parts)}." if parts else "")


def _warnings(facts: Sequence[RideFacts], *, events: Sequence[tuple[int, str]]) -> list[str]:
    days = {each.conditions.date.date() for each in facts if each.conditions.date is not None}
    lines = [SIMULATED] if any(each.prediction.simulated for each in facts) else []
    if undated := [each.id for each in facts if each.conditions.date is None]:
        lines.append(
            f"Without a date, and therefore last, by name: {', '.join(undated)}. Give `date:` in the manifest."
        )
    if len(days) < ENOUGH_DAYS:
        lines.append(f"Rides on {counted(len(days), 'day')}: from {ENOUGH_DAYS} days on one can speak of a trend.")
    for place, name in events:
        before, after = (
            {tuple(condition_words(f.conditions)) for f in part} for part in (facts[:place], facts[place:])
        )
        if place == 0:
            lines.append(f"No ride before {name}: there is nothing to compare.")
        elif before != after:
            said = [" / ".join(sorted(", ".join(each) or "not noted" for each in part)) for part in (before, after)]
            lines.append(f"Conditions before and after {name} differ: {said[0]} before, {said[1]} after.")
    return lines


def _ride_row(facts: RideFacts) -> list[str]:
    trot = gait_strides(facts.prediction.strides, gait="trot")
    event = f"after {facts.conditions.event}" if facts.conditions.event else ""
    minutes = [facts.gait_seconds(gait) for gait in GAIT_CYCLES]
    return [
        "; ".join(filter(None, [event, ", ".join(condition_words(facts.conditions))])) or NONE,
        length_words(facts.predicted_seconds),
        *(length_words(each) if each else NONE for each in minutes),
        f"{60 * trot.stride_hz:.1f}" if trot else NONE,
        f"{100 * facts.confidence:.0f} %" if math.isfinite(facts.confidence) else NONE,
    ]


def _all_series(facts: Sequence[RideFacts]) -> list[Series]:
    """Left against right first, then strides a minute of each gait, then how even they are."""
    sides = []
    for measure, name in MEASURE_NAMES.items():
        summaries = [each.symmetry[measure] for each in facts]
        points = [Point(n, s.mean, s.sd or 0.0) for n, s in enumerate(summaries) if s.mean is not None]
        reference = REFERENCES.get(measure)
        published = (reference.low, reference.high) if reference else None
        sides.append(Series(f"{name}: right less left", "mm", tuple(points), published))
    paces, evenness = [], []
    for gait in GAIT_CYCLES:
        found = [(n, gait_strides(each.prediction.strides, gait=gait)) for n, each in enumerate(facts)]
        known = [(n, each) for n, each in found if each is not None]
        paces.append(Series(f"{gait}: strides", "a minute", tuple(Point(n, 60 * s.stride_hz, 0.0) for n, s in known)))
        even = [Point(n, s.regularity, 0.0) for n, s in known if math.isfinite(s.regularity)]
        evenness.append(Series(f"{gait}: regularity", "1 at best", tuple(even)))
    return [each for each in (*sides, *paces, *evenness) if each.points]


def _before_and_after(series: Sequence[Series], *, place: int) -> list[list[str]]:
    """Mean over rides before and from the ride of an event on, and the difference beside the spread between rides."""
    rows = []
    for each in series:
        before, after = ([p.value for p in each.points if (p.place < place) == early] for early in (True, False))
        if not before or not after:
            continue
        spreads = [statistics.stdev(part) for part in (before, after) if len(part) > 1]
        difference = statistics.mean(after) - statistics.mean(before)
        digits = "z.2f" if each.unit == "1 at best" else "z.1f"
        rows.append(
            [
                f"{each.name} ({each.unit})",
                f"{statistics.mean(before):{digits}} ({counted(len(before), 'ride')})",
                f"{statistics.mean(after):{digits}} ({counted(len(after), 'ride')})",
                f"{difference:+{digits}}",
                f"{max(spreads):{digits}}" if spreads else NONE,
            ]
        )
    return rows


def _chart(each: Series, *, days: Sequence[str], events: Sequence[tuple[int, str]]) -> Markup:
    places = [place for place, _ in events if place > 0]
    return rides_chart(each.points, days=days, events=places, unit=each.unit, published=each.published)
