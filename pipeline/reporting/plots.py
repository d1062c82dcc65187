"""More of the report's charts: macro-F1 over the number of labels, and windows on a plane."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...data.page.svg import dot, line, path, rect, svg, text
from ..evaluation.scores import Interval
from .charts import COLOURS


@dataclass(frozen=True)
class Mark:
    """A value over a number of labels."""

    shots: int
    """Labelled windows of each class."""
    value: float
    """Between 0 and 1."""
    interval: Interval
    """Where the whisker begins and ends."""


def label_curves(curves: Mapping[str, Sequence[Mark]], *, label: str) -> str:
    """A line for each contender over the number of labels, on a logarithmic axis, with whiskers."""
    left, right, top, bottom = 48.0, 620.0, 16.0, 276.0
    shots = sorted({mark.shots for marks in curves.values() for mark in marks})
    parts = _shares(left, right, top=top, bottom=bottom)
    places = {count: _log_place(count, shots, left + 24, right - 24) for count in shots}
    for count, x in places.items():
        parts.append(text(x, bottom + 20, str(count), kind="small quiet", anchor="middle"))
    parts.append(
        text((left + right) / 2, bottom + 42, "labelled windows of each gait", kind="small quiet", anchor="middle")
    )
    for number, (name, marks) in enumerate(curves.items()):
        parts += _curve(
            name, marks, places=places, number=number, shift=3.0 * (number - (len(curves) - 1) / 2), scale=(bottom, top)
        )
    parts += _legend(curves, x=right + 20, y=top + 10)
    return svg(parts, width=860, height=bottom + 54, label=label)


def plane_chart(
    x: Sequence[float], y: Sequence[float], *, group: Sequence[int], names: Sequence[str], kind: str, title: str
) -> str:
    """Points on a plane, coloured by group: `kind` is the letter of the style sheet's colours, `l` or `h`."""
    side, top = 400.0, 30.0
    spread = max(max(x) - min(x), max(y) - min(y), 1e-9)
    middle = ((max(x) + min(x)) / 2, (max(y) + min(y)) / 2)
    parts = [text(0, 16, title, kind="strong"), rect(0, top, side, side, kind="frame")]
    for across, up, member in zip(x, y, group, strict=True):
        place = [
            side / 2 + (value - centre) / spread * (side - 24)
            for value, centre in zip((across, up), middle, strict=True)
        ]
        parts.append(
            dot(place[0], top + side - place[1], kind=f"point {_colour(kind, member)}", radius=3.5, tip=names[member])
        )
    lines = _flow(names, width=side)
    for row, members in enumerate(lines):
        for at, member in members:
            parts += [
                dot(at + 5, top + side + 18 + 20 * row, kind=_colour(kind, member), radius=4.5),
                text(at + 14, top + side + 22.5 + 20 * row, names[member], kind="small"),
            ]
    return svg(parts, width=side, height=top + side + 12 + 20 * len(lines), label=title)


def _curve(
    name: str,
    marks: Sequence[Mark],
    *,
    places: Mapping[int, float],
    number: int,
    shift: float,
    scale: tuple[float, float],
) -> list[str]:
    """One contender's line, drawn a little aside so that whiskers do not hide each other."""
    points, parts = [], []
    for mark in marks:
        x = places[mark.shots] + shift
        low, value, high = (
            scale[0] + (scale[1] - scale[0]) * each for each in (mark.interval[0], mark.value, mark.interval[1])
        )
        tip = f"{name}, {mark.shots}: {mark.value:.3f}, interval {mark.interval[0]:.3f} to {mark.interval[1]:.3f}"
        parts += [
            line(x, low, x, high, kind=f"whisker c{number % COLOURS}"),
            dot(x, value, kind=f"t{number % COLOURS}", radius=4.5, tip=tip),
        ]
        points.append((x, value))
    return [*([path(points, kind=f"curve c{number % COLOURS}")] if len(points) > 1 else []), *parts]


def _legend(names: Mapping[str, object], *, x: float, y: float) -> list[str]:
    parts = []
    for number, name in enumerate(names):
        parts += [
            dot(x, y + 24 * number - 4.5, kind=f"t{number % COLOURS}", radius=5),
            text(x + 12, y + 24 * number, name, kind="strong" if number == 0 else ""),
        ]
    return parts


def _shares(left: float, right: float, *, top: float, bottom: float) -> list[str]:
    """Lines at 0, 0.2, ... 1."""
    parts = []
    for tick in range(0, 11, 2):
        y = bottom + (top - bottom) * tick / 10
        parts.append(line(left, y, right, y, kind="grid"))
        parts.append(text(left - 8, y + 4, f"{tick / 10:.1f}", kind="small quiet", anchor="end"))
    return parts


def _log_place(count: int, counts: Sequence[int], left: float, right: float) -> float:
    if len(counts) == 1:
        return (left + right) / 2
    return left + (right - left) * math.log(count / counts[0]) / math.log(counts[-1] / counts[0])


def _colour(kind: str, member: int) -> str:
    """Five colours for classes, twelve for horses; beyond that they begin anew."""
    return f"{kind}{member % (12 if kind == 'h' else COLOURS)}"


def _flow(names: Sequence[str], *, width: float) -> list[list[tuple[float, int]]]:
    """Where each name of a legend stands, line by line, by an estimate of how wide letters are."""
    lines: list[list[tuple[float, int]]] = [[]]
    at = 0.0
    for member, name in enumerate(names):
        wide = 30.0 + 7.2 * len(name)
        if at and at + wide > width:
            lines.append([])
            at = 0.0
        lines[-1].append((at, member))
        at += wide
    return lines
