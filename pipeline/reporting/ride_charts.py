"""Charts of a ride and of a horse over time: the ribbon of gaits, left against right, and how figures move by ride."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from ...data.words import WORDS, Words
from ..inference.bouts import PredictedBout
from ..inference.symmetry_summary import MeasureSummary
from .charts import GRID, INK, LABEL_COLOURS, LETTER, ON_COLOUR, QUIET, SERIES, WIDE, chart_axes, responsive
from .ride_facts import MEASURE_NAMES, RideFacts, clock_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SAFE_MM = 15.0
"""Half the width of the chart of symmetry at least."""
TICKS_SECONDS = (5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600)


@dataclass(frozen=True)
class Point:
    """A figure of one ride with its spread."""

    place: int
    """Number of the ride in the order of time."""
    value: float
    spread: float


def ribbon_chart(facts: RideFacts, *, words: Words = WORDS) -> Markup:
    """The gaits along the ride, named where there is room, and under them how sure the program is of each bout."""
    (start, stop), colours = facts.span, facts.colours
    left, right = 18.0 + LETTER * len(words.behaviour), 26.0

    def draw(width: float) -> "Figure":
        figure, axes = chart_axes(width, 138.0, left=left, right=right, top=8.0, bottom=38.0)
        pixels = (width - left - right) / max(stop - start, 1e-9)
        for bout in facts.bouts:
            _ribbon(axes, bout, start=start, pixels=pixels, colour=colours.get(bout.label))
        axes.set(xlim=(0, stop - start), ylim=(-1.25, 1.05), xlabel="time from the start (min:s)")
        axes.set_yticks([-1.2, -0.7, -0.2], ["0", "½", "1"])
        axes.text(
            -0.005, 0.55, words.behaviour, transform=axes.get_yaxis_transform(), ha="right", va="center", color=QUIET
        )
        step = next((each for each in TICKS_SECONDS if (stop - start) / each <= width / 75), TICKS_SECONDS[-1])
        places = np.arange(0.0, stop - start + 1e-9, step)
        axes.set_xticks(places, [clock_words(each) for each in places])
        axes.grid(visible=False, axis="x")
        return figure

    return responsive(draw, label=f"{words.behaviours.capitalize()} over time and how sure the program is")


def symmetry_chart(summaries: Sequence[MeasureSummary]) -> Markup:
    """Mean and SD of each measure of left against right that has a mean, on its published range."""
    shown = [each for each in summaries if each.mean is not None]
    reach = max([SAFE_MM, *(abs(each.mean or 0.0) + (each.sd or 0.0) + 1.0 for each in shown)])

    def draw(width: float) -> "Figure":
        left = 14.0 + LETTER * max(len(MEASURE_NAMES[each.measure]) for each in shown)
        figure, axes = chart_axes(width, 56.0 + 24.0 * len(shown), left=left, right=14.0, top=6.0)
        for row, each in enumerate(shown):
            mean, sd, reference = float(each.mean or 0.0), float(each.sd or 0.0), each.reference
            if reference is not None:
                span = reference.high - reference.low
                axes.barh(row, span, left=reference.low, height=0.74, color=GRID)
            colour = SERIES[1] if each.evidence == "weak" else SERIES[0]
            axes.plot([mean - sd, mean + sd], [row, row], color=colour, linewidth=3, alpha=0.45)
            axes.plot([mean], [row], "o", color=colour, markersize=7)
        axes.axvline(0.0, color=QUIET, linewidth=1)
        axes.set(xlim=(-reach, reach), ylim=(len(shown) - 0.5, -0.5), xlabel="right less left (mm)")
        axes.set_yticks(range(len(shown)), [MEASURE_NAMES[each.measure] for each in shown])
        axes.grid(visible=False)
        return figure

    return responsive(draw, label="Left against right in the trot")


def rides_chart(
    points: Sequence[Point],
    *,
    days: Sequence[str],
    events: Sequence[int],
    unit: str,
    published: tuple[float, float] | None,
) -> Markup:
    """One figure over the rides of a horse, with its spread; dashed lines before the rides that follow an event."""

    def draw(width: float) -> "Figure":
        figure, axes = chart_axes(width, 170.0, left=58.0, right=14.0)
        if published is not None:
            axes.axhspan(*published, color=GRID)
        for point in points:
            ends = [point.value - point.spread, point.value + point.spread]
            axes.plot([point.place] * 2, ends, color=SERIES[0], linewidth=3, alpha=0.4)
        axes.plot([p.place for p in points], [p.value for p in points], "o-", color=SERIES[0], linewidth=1.2)
        for place in events:
            axes.axvline(place - 0.5, color=SERIES[3], linestyle="--", linewidth=1.4)
        axes.set(xlim=(-0.5, len(days) - 0.5), ylim=_bounds(points, published=published), ylabel=unit)
        most = max(2, int((width - 72.0) / 62.0))
        places = list(range(0, len(days), -(-len(days) // most)))
        axes.set_xticks(places, [days[place] for place in places])
        axes.grid(visible=False, axis="x")
        return figure

    return responsive(draw, label=f"{unit} by ride", wide=0.48 * WIDE)


def _bounds(points: Sequence[Point], *, published: tuple[float, float] | None) -> tuple[float, float]:
    """Of the axis: what is above and below zero alike for differences, else no closer than a tenth to either side."""
    low, high = (f(p.value + side * p.spread for p in points) for f, side in ((min, -1), (max, 1)))
    if any(point.spread for point in points):
        reach = 1.1 * max(abs(low), abs(high), *(abs(end) for end in published or (SAFE_MM / 2,)))
        return -reach, reach
    return 0.9 * low, 1.1 * high


def _ribbon(axes: "Axes", bout: PredictedBout, *, start: float, pixels: float, colour: int | None) -> None:
    left, length = bout.start_seconds - start, bout.seconds
    fill = LABEL_COLOURS[colour] if colour is not None else "none"
    hatch = None if colour is not None else "////"
    axes.barh(0.55, length, left=left, height=0.9, color=fill, hatch=hatch, edgecolor=QUIET, linewidth=0.0)
    axes.plot([left, left + length], [bout.confidence - 1.2] * 2, color=INK, linewidth=1.6, solid_capstyle="butt")
    if length * pixels > LETTER * len(bout.label) + 6:
        ink = ON_COLOUR if colour is not None else INK
        axes.text(left + length / 2, 0.55, bout.label, ha="center", va="center", color=ink, fontsize=12.5, clip_on=True)
