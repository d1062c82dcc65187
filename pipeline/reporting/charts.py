"""The report's charts: what was taken for what, scores with intervals, few labels draw by draw, curves over steps."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...data.page.svg import dot, line, path, rect, svg, text
from ..evaluation.scores import FewShot, Interval
from ..runtime.formatting import counted

LETTER_WIDTH = 8.0
"""Of a letter of a row's name, at most."""
COLOURS = 5
"""Colours of curves in the style sheet; a sixth curve has the first again."""


@dataclass(frozen=True)
class Row:
    """A score with its interval."""

    name: str
    """At the left."""
    value: float
    """Between 0 and 1."""
    interval: Interval
    """Where the whisker begins and ends."""
    kind: str = "other"
    """`ours` or `other`: the colour."""
    remark: str = ""
    """At the right, after the figure."""


def confusion_chart(confusion: Sequence[Sequence[int]], *, classes: Sequence[str]) -> str:
    """Rows are the truth; the deeper a cell, the larger its share of the row."""
    cell, high, left, top = 118.0, 62.0, 112.0, 46.0
    parts = [text(left + cell * len(classes) / 2, 14, "the model said", kind="quiet", anchor="middle")]
    for column, name in enumerate(classes):
        parts.append(text(left + cell * (column + 0.5), 36, name, kind="strong", anchor="middle"))
    for row, (name, counts) in enumerate(zip(classes, confusion, strict=True)):
        y, whole = top + high * row, sum(counts)
        parts.append(text(left - 12, y + high / 2 + 5, f"truly {name}", kind="strong", anchor="end"))
        for column, count in enumerate(counts):
            share = count / whole if whole else 0.0
            x, kind = left + cell * column, "right" if row == column else "wrong"
            tip = f"{count} of {whole} windows of {name} were taken for {classes[column]}"
            parts.append(rect(x + 2, y + 2, cell - 4, high - 4, kind="cell"))
            parts.append(rect(x + 2, y + 2, cell - 4, high - 4, kind=kind, strength=share**0.75, tip=tip))
            ink = "on-colour" if share > 0.5 else "on-paper"
            parts.append(text(x + cell / 2, y + high / 2, str(count), kind=f"count {ink}", anchor="middle"))
            parts.append(text(x + cell / 2, y + high / 2 + 18, _percent(share), kind=f"small {ink}", anchor="middle"))
    size = (left + cell * len(classes) + 4, top + high * len(classes) + 4)
    return svg(parts, width=size[0], height=size[1], label="Confusion matrix")


def interval_chart(rows: Sequence[Row], *, chance: Mapping[str, float], label: str) -> str:
    """A dot with its whisker for each row on an axis from 0 to 1; chance as a dashed line."""
    left = max(190.0, 24.0 + LETTER_WIDTH * max((len(row.name) for row in rows), default=0))
    right, step, top = left + 450.0, 34.0, 34.0 if chance else 10.0
    bottom = top + step * len(rows)
    parts = _axis(left, right, top=top - 8, bottom=bottom)
    for name, value in chance.items():
        x = left + (right - left) * value
        parts.append(line(x, top - 14, x, bottom, kind="chance"))
        parts.append(text(x, top - 20, f"{name} {value:.2f}", kind="small quiet", anchor="middle"))
    for index, row in enumerate(rows):
        y = top + step * (index + 0.5)
        low, value, high = (left + (right - left) * each for each in (row.interval[0], row.value, row.interval[1]))
        tip = f"{row.name}: {row.value:.3f}, interval {row.interval[0]:.3f} to {row.interval[1]:.3f}"
        parts += [
            text(left - 14, y + 5, row.name, kind="strong" if row.kind == "ours" else "", anchor="end"),
            line(low, y, high, y, kind=f"whisker {row.kind}"),
            dot(value, y, kind=row.kind, radius=6, tip=tip),
            text(right + 16, y + 5, f"{row.value:.3f}", kind="strong" if row.kind == "ours" else ""),
            text(right + 70, y + 5, row.remark, kind="small quiet"),
        ]
    return svg(parts, width=right + 220, height=bottom + 28, label=label)


def few_shot_chart(entries: Sequence[FewShot]) -> str:
    """For each number of shots, every draw as a line from training from scratch to the pretrained probe."""
    left, top, high, step = 48.0, 16.0, 210.0, 390.0
    right = left + step * len(entries)
    parts = []
    for tick in range(0, 11, 2):
        y = top + high * (1 - tick / 10)
        parts.append(line(left, y, right, y, kind="grid"))
        parts.append(text(left - 8, y + 4, f"{tick / 10:.1f}", kind="small quiet", anchor="end"))
    for index, entry in enumerate(entries):
        parts += _draws(entry, x=(left + step * index + 120, left + step * index + 270), top=top, high=high)
    return svg(parts, width=right + 10, height=top + high + 56, label="Macro-F1 with few labels, draw by draw")


def _draws(entry: FewShot, *, x: tuple[float, float], top: float, high: float) -> list[str]:
    parts = []
    for ours, theirs in zip(entry.pretrained, entry.scratch, strict=True):
        below, above = (top + high * (1 - value) for value in (theirs, ours))
        tip = f"one draw: from scratch {theirs:.3f}, pretrained {ours:.3f}"
        parts += [
            line(x[0], below, x[1], above, kind="pair"),
            dot(x[0], below, kind="other", tip=tip),
            dot(x[1], above, kind="ours", tip=tip),
        ]
    given = counted(entry.shots, "labelled window")
    foot, places = top + high + 22, ((x[0], -14, "end", entry.scratch), (x[1], 14, "start", entry.pretrained))
    for place, aside, anchor, values in places:
        mean = sum(values) / len(values)
        parts.append(text(place + aside, top + high * (1 - mean) + 5, f"mean {mean:.2f}", anchor=anchor))
    return [
        *parts,
        text(x[0], foot, "from scratch", anchor="middle"),
        text(x[1], foot, "pretrained", kind="strong", anchor="middle"),
        text(sum(x) / 2, foot + 22, f"{given} a gait", kind="small quiet", anchor="middle"),
    ]


def curve_chart(series: Mapping[str, Sequence[tuple[float, float]]], *, title: str, low: float, high: float) -> str:
    """Lines over training steps, each named at its end."""
    left, right, top, bottom = 48.0, 300.0, 34.0, 190.0
    last = max((point[0] for points in series.values() for point in points), default=1.0)
    parts = [text(left, 16, title, kind="strong")]
    for value in _ticks(low, high):
        y = _place(value, low, high, bottom, top)
        parts += [
            line(left, y, right, y, kind="grid"),
            text(left - 8, y + 4, f"{value:g}", kind="small quiet", anchor="end"),
        ]
    ends: list[float] = []
    for number, (name, points) in enumerate(series.items()):
        places = [
            (left + (right - left) * step / last, _place(value, low, high, bottom, top)) for step, value in points
        ]
        y = places[-1][1] + 4
        while any(abs(y - other) < 15 for other in ends):  # names at the ends must not lie on each other
            y += 15
        ends.append(y)
        parts += [
            path(places, kind=f"curve c{number % COLOURS}"),
            text(right + 8, y, name, kind=f"small t{number % COLOURS}"),
        ]
    parts += [
        text(left, bottom + 18, "0", kind="small quiet", anchor="middle"),
        text(right, bottom + 18, f"step {last:g}", kind="small quiet", anchor="end"),
    ]
    return svg(parts, width=410, height=bottom + 26, label=title)


def _axis(left: float, right: float, *, top: float, bottom: float) -> list[str]:
    parts = []
    for tick in range(0, 11, 2):
        x = left + (right - left) * tick / 10
        parts += [
            line(x, top, x, bottom, kind="grid"),
            text(x, bottom + 18, f"{tick / 10:.1f}", kind="small quiet", anchor="middle"),
        ]
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round values between two bounds."""
    rough = (high - low) / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    first = math.ceil(low / step - 1e-9)
    return [round(step * index, 10) for index in range(first, math.floor(high / step + 1e-9) + 1)]


def _place(value: float, low: float, high: float, bottom: float, top: float) -> float:
    return bottom + (top - bottom) * (value - low) / (high - low)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if 0 < share < 1 else f"{100 * share:.0f} %"
