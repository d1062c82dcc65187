"""Static charts as SVG to stand inside a page: text stays text, and colours are the style sheet's, light or dark."""

import hashlib
import io
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup, escape

from ..evaluation.scores import Interval
from .formatting import percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, NARROW = 840.0, 318.0
"""Pixels of a chart on a desk and on a phone: it is drawn for each, so that its letters keep their size."""
INK, QUIET, GRID, ON_COLOUR = "#23272b", "#63676b", "#e9e6de", "#fffffe"
SERIES = ("#14726a", "#a6783a", "#5b5ea6", "#b4442f", "#7a7f84")
LABEL_COLOURS = (
    *SERIES,
    *("#3f7d3a", "#8c2f6b", "#2f6fb0", "#3b3f86", "#8a5bb5", "#6b4a2b", "#5c6b1f", "#c2497f", "#c8641a", "#1f4e5f"),
)
"""Of gaits and behaviours; `formatting.label_colours` numbers them. Dark pages have lighter ones of these numbers."""
_VARIABLES = {INK: "ink", QUIET: "quiet", GRID: "grid", ON_COLOUR: "on-colour"} | {
    colour: f"c{number}" for number, colour in enumerate(LABEL_COLOURS)
}
MARKERS = "osD^vP*X<>hp"
"""With the colours these tell sixty groups apart."""
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "equigait",
    "font.size": 13,
    "text.color": INK,
    **dict.fromkeys(("axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), QUIET),
    **dict.fromkeys(("axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"), 12.5),
    **dict.fromkeys(("axes.spines.top", "axes.spines.right", "legend.frameon"), False),
    **dict.fromkeys(("axes.grid", "axes.axisbelow"), True),
    "grid.color": GRID,
}
"""Of every chart, in matplotlib's words."""
LETTER = 7.0
"""Pixels that a letter of a name takes at most."""
WORDS_IN_CELL, NUMBER_IN_CELL = 46.0, 18.0
"""Pixels of a cell from which a count and its share, or a count alone, fit into it."""


@dataclass(frozen=True)
class Row:
    """A score between 0 and 1 with its interval."""

    name: str
    value: float
    interval: Interval
    ours: bool = False
    """Whether it is the run's own: the first colour."""


Curve = Sequence[tuple[float, float, Interval | None]]
"""Points from left to right: x, y, interval of y."""


def confusion_chart(confusion: Sequence[Sequence[int]], *, classes: Sequence[str], behaviour: str = "gait") -> Markup:
    """Counts by true class (row) and predicted class (column); the deeper a cell, the larger its share of the row.

    Where classes are too many for words in each cell, columns bear the numbers of the rows, and cells what they have
    room for.
    """
    counts = np.array(confusion, dtype=float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def draw(width: float) -> "Figure":
        size, left = min(width, 130.0 + 110.0 * len(classes)), 38.0 + LETTER * max(map(len, classes))
        cell = (size - left) / len(classes)
        if cell >= WORDS_IN_CELL:
            figure, axes = _named_columns(classes, size=size, left=left)
        else:
            left = min(left + 3 * LETTER, 0.45 * size)
            cell = (size - left) / len(classes)
            figure, axes = _numbered_columns(classes, size=size, left=left)
        for (row, column), share in np.ndenumerate(shares):
            colour = SERIES[0] if row == column else SERIES[3]
            axes.barh(row, 0.96, left=column - 0.48, height=0.94, color=colour, alpha=0.08 + 0.92 * share**0.75)
            words = _in_cell(int(counts[row, column]), share=float(share), cell=cell)
            ink, size_of = ON_COLOUR if share > 0.5 else INK, 13 if cell >= WORDS_IN_CELL else 11
            axes.text(column, row, words, ha="center", va="center", color=ink, fontsize=size_of)
        axes.set(xlim=(-0.5, len(classes) - 0.5), ylim=(len(classes) - 0.5, -0.5), ylabel=f"true {behaviour}")
        axes.xaxis.tick_top()
        axes.set_xlabel(f"predicted {behaviour}")
        axes.xaxis.set_label_position("top")
        axes.grid(visible=False)
        return figure

    return responsive(draw, label="Confusion matrix")


def _named_columns(classes: Sequence[str], *, size: float, left: float) -> tuple["Figure", "Axes"]:
    """Axes of a confusion matrix whose columns have room for their classes' names."""
    figure, axes = chart_axes(size, 52.0 + 52.0 * len(classes), left=left, top=48.0, bottom=4.0)
    axes.set_xticks(range(len(classes)), classes)
    axes.set_yticks(range(len(classes)), classes)
    return figure, axes


def _numbered_columns(classes: Sequence[str], *, size: float, left: float) -> tuple["Figure", "Axes"]:
    """Axes of a confusion matrix whose columns bear the numbers of the rows, as many of them as there is room for."""
    figure, axes = chart_axes(size, 52.0 + 18.0 * len(classes), left=left, top=48.0, bottom=4.0)
    every = int(np.ceil(1.3 * NUMBER_IN_CELL / ((size - left) / len(classes))))
    axes.set_xticks(range(0, len(classes), every), [str(at + 1) for at in range(0, len(classes), every)])
    names = (f"{name} {number}" for number, name in enumerate(classes, start=1))
    letters = int((left - 26.0) / LETTER)
    axes.set_yticks(range(len(classes)), [_ending(name, letters=letters) for name in names], fontsize=12)
    return figure, axes


def _in_cell(count: int, *, share: float, cell: float) -> str:
    """What a cell of a confusion matrix of this many pixels has room for."""
    if cell >= WORDS_IN_CELL:
        return f"{count}\n{percent(share)}"
    return str(count) if count and cell >= NUMBER_IN_CELL else ""


def _ending(name: str, *, letters: int) -> str:
    """A name with its number, of which the end counts, in so many letters."""
    if len(name) <= letters:
        return name
    text, number = name.rsplit(" ", 1)
    return f"{text[: max(1, letters - len(number) - 2)]}… {number}"


def interval_chart(rows: Sequence[Row], *, measure: str, chance: float | None = None) -> Markup:
    """A dot with its interval for each row, from the first at the top; chance as a dashed line."""

    def draw(width: float) -> "Figure":
        left = 18.0 + min(LETTER * max((len(row.name) for row in rows), default=0), 0.45 * width)
        figure, axes = chart_axes(width, 64.0 + 26.0 * len(rows), left=left, right=54.0, top=20.0)
        for place, row in enumerate(rows):
            colour = SERIES[0] if row.ours else SERIES[1]
            axes.plot(row.interval, [place, place], color=colour, linewidth=3, alpha=0.45, clip_on=False)
            axes.plot([row.value], [place], "o", color=colour, markersize=8, clip_on=False)
            axes.annotate(
                f"{row.value:.3f}", (1, place), xytext=(10, 0), textcoords="offset points", va="center", fontsize=13
            )
        if chance is not None:
            axes.axvline(chance, color=QUIET, linestyle="--", linewidth=1.2)
            axes.text(chance, -0.75, f"chance {chance:.2f}", ha="center", va="bottom", fontsize=12, color=QUIET)
        axes.set(xlim=(0, 1), ylim=(len(rows) - 0.4, -0.7), xlabel=measure)
        axes.set_yticks(range(len(rows)), [_in_two_lines(row.name, left - 18.0) for row in rows])
        axes.grid(visible=False, axis="y")
        return figure

    return responsive(draw, label=measure)


def curve_chart(
    curves: Mapping[str, Curve],
    *,
    x: str,
    y: str,
    top: float | None = None,
    logarithmic: bool = False,
    half: bool = False,
) -> Markup:
    """Named curves over a common axis with the intervals of their points; `half`: two stand side by side."""

    def draw(width: float) -> "Figure":
        lines = -(-len(curves) // (1 if width < 500 and len(curves) > 1 else 2))
        figure, axes = chart_axes(width, 236.0 + 20.0 * lines, top=12.0 + 20.0 * lines, left=58.0)
        for number, (name, points) in enumerate(curves.items()):
            _curve(axes, points, name=name, number=number, aside=number - (len(curves) - 1) / 2 if logarithmic else 0.0)
        if logarithmic:
            places = sorted({int(point[0]) for points in curves.values() for point in points})
            axes.set_xscale("log")
            axes.set_xticks(places, [str(place) for place in places])
            axes.minorticks_off()
            axes.set_xlim(places[0] / 1.4, places[-1] * 1.4)
        axes.set(xlabel=x, ylabel=y)
        axes.set_ylim(0, None if top is None else 1.03 * top)
        columns = 1 if width < 500 and len(curves) > 1 else 2
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.2)
        return figure

    return responsive(draw, label=f"{y} over {x}", wide=0.48 * WIDE if half else WIDE)


def reliability_chart(bins: Sequence[tuple[float, float, int]]) -> Markup:
    """Share of right predictions over the confidence that the model stated; bins are confidence, accuracy, windows."""
    most = max(count for _, _, count in bins)

    def draw(width: float) -> "Figure":
        figure, axes = chart_axes(min(width, 380.0), 320.0, left=58.0)
        axes.plot([0, 1], [0, 1], color=QUIET, linestyle="--", linewidth=1.2)
        axes.plot([each[0] for each in bins], [each[1] for each in bins], color=SERIES[0], linewidth=1.2, alpha=0.5)
        for confidence, accuracy, count in bins:
            axes.plot([confidence], [accuracy], "o", color=SERIES[0], markersize=4 + 9 * (count / most) ** 0.5)
        axes.set(xlim=(0, 1.03), ylim=(0, 1.05), xlabel="confidence stated", ylabel="share that was right")
        return figure

    return responsive(draw, label="Reliability diagram")


def plane_chart(
    x: Sequence[float], y: Sequence[float], *, group: Sequence[int], names: Sequence[str], axes_names: tuple[str, str]
) -> Markup:
    """Points on a plane, coloured and marked by group; `group` holds indices into `names`."""
    across, up, member = np.array(x), np.array(y), np.array(group)

    def draw(width: float) -> "Figure":
        present = [number for number in range(len(names)) if (member == number).any()]
        columns = max(1, int((width - 60) / (48 + LETTER * max(len(name) for name in names))))
        head = 12.0 + 20.0 * -(-len(present) // columns)
        figure, axes = chart_axes(width, 330.0 + head, top=head, left=58.0)
        for number in present:
            chosen, marker = member == number, MARKERS[number // len(SERIES) % len(MARKERS)]
            colour = SERIES[number % len(SERIES)]
            axes.plot(
                across[chosen], up[chosen], marker, color=colour, markersize=5, alpha=0.75, mew=0, label=names[number]
            )
        axes.set(xlabel=axes_names[0], ylabel=axes_names[1])
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, columnspacing=1.0)
        return figure

    return responsive(draw, label="Windows on a plane", wide=0.48 * WIDE)


def responsive(draw: Callable[[float], "Figure"], *, label: str, wide: float = WIDE) -> Markup:
    """A figure drawn for a wide and for a narrow screen, of which the style sheet shows one."""
    import matplotlib

    with matplotlib.rc_context(STYLE):
        parts = [(kind, _svg(draw(width), label=label)) for kind, width in (("wide", wide), ("narrow", NARROW))]
    return Markup("").join(Markup('<figure class="{}">{}</figure>').format(kind, svg) for kind, svg in parts)


def chart_axes(
    width: float, height: float, *, left: float = 50.0, right: float = 12.0, top: float = 12.0, bottom: float = 44.0
) -> "tuple[Figure, Axes]":
    """A figure of so many pixels and its axes within these margins; one point is one pixel."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width / 72, height / 72), dpi=72)
    box = (left / width, bottom / height, 1 - (left + right) / width, 1 - (top + bottom) / height)
    return figure, figure.add_axes(box)


def _curve(axes: "Axes", points: Curve, *, name: str, number: int, aside: float) -> None:
    """One curve, its points moved a little aside so that intervals do not hide each other."""
    colour, across = SERIES[number % len(SERIES)], [point[0] * 1.012**aside for point in points]
    style = "-" if number < len(SERIES) else "--"
    marker = "o" if any(point[2] for point in points) else None
    axes.plot(across, [point[1] for point in points], style, color=colour, marker=marker, label=name, linewidth=1.8)
    for place, (_, _, ends) in zip(across, points, strict=True):
        if ends is not None:
            axes.plot([place, place], ends, color=colour, linewidth=3, alpha=0.4, solid_capstyle="round")


def _in_two_lines(name: str, pixels: float) -> str:
    """A name broken where it is too long for one line, and shortened where it is too long for two."""
    return textwrap.fill(name, width=max(8, int(pixels / LETTER) + 1), max_lines=2, placeholder=" …")


def _svg(figure: "Figure", *, label: str) -> Markup:
    """The figure as an element of an HTML page: sized in pixels, with ids that no other figure has."""
    file = io.StringIO()
    figure.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    text = file.getvalue()
    body = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    body = body[body.index(">") + 1 :].replace("xlink:href", "href")
    own = "f" + hashlib.sha256(text.encode()).hexdigest()[:8]
    body = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{own}-", body)
    for colour, name in _VARIABLES.items():
        body = body.replace(colour, f"var(--{name})")
    width, height = (float(72 * side) for side in figure.get_size_inches())
    head = f'<svg width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img"'
    return Markup(f'{head} aria-label="{escape(label)}">{body}')
