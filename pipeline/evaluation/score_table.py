"""Scores as plain text: classifiers beside chance, with intervals, the confusion matrix, retrieval, few labels."""

import math
from collections.abc import Mapping, Sequence

from ...data.words import WORDS, Words
from ..runtime.formatting import counted
from .scores import FewShot, Interval, MethodScores, Scores

NAMES = {"macro_f1": "macro-F1", "accuracy": "accuracy", "balanced_accuracy": "balanced", "ece": "ECE"}

WIDEST = 120
"""Characters of a confusion matrix that a terminal shows without breaking its lines."""
MISTAKES = 4
"""The commonest mistakes of a class, beyond which they are only counted."""
OURS = "pretrained + probe"
DIFFERENCE = "Difference: macro-F1 of the pretrained student with its probe less the row's, paired by {}."


def format_table(scores: Scores) -> str:
    """The whole evaluation for a terminal."""
    words = scores.words
    parts = [
        f"{scores.n_windows} windows of {counted(len(scores.split['test']), f'unseen {words.subject}')}: "
        f"{', '.join(scores.split['test'])}",
        _methods({OURS: scores, **_on_student(scores), **scores.baselines}, chance=scores.chance, words=words),
        *(f"{name} left out: {reason}" for name, reason in scores.baselines_left_out.items()),
        f"Intervals: {scores.interval_method}.",
        format_confusion(scores.confusion, classes=scores.classes),
    ]
    if scores.retrieval is not None:
        parts.append(_retrieval({**scores.retrieval, "chance": scores.chance["retrieval"]}))
    parts += [_few_shot(entry, words=words) for entry in scores.label_efficiency if entry.scratch]
    if scores.label_efficiency:
        parts.append(_curve(scores.label_efficiency, words=words))
    if scores.missing_sensors:
        parts.append(_missing(scores))
    return "\n\n".join(parts)


def format_methods(outcomes: Mapping[str, MethodScores], *, words: Words = WORDS) -> str:
    """A row for each classifier: scores, and the interval of its macro-F1."""
    return _methods(outcomes, chance={}, words=words)


def format_confusion(confusion: Sequence[Sequence[int]], *, classes: Sequence[str]) -> str:
    """Windows of each true class (row) by predicted class (column), and the share classified correctly.

    A matrix wider than `WIDEST` characters becomes a row a class: how many are right, what others are taken for.
    """
    table = align([["truth \\ predicted", *classes, "right"], *_matrix(confusion, classes=classes)])
    if max(map(len, table.splitlines())) <= WIDEST:
        return table
    return align_left([["truth", "right", "windows", "taken for"], *_mistakes(confusion, classes=classes)])


def _matrix(confusion: Sequence[Sequence[int]], *, classes: Sequence[str]) -> list[list[str]]:
    return [
        [name, *map(str, row), _right(row, index=index)]
        for index, (name, row) in enumerate(zip(classes, confusion, strict=True))
    ]


def _mistakes(confusion: Sequence[Sequence[int]], *, classes: Sequence[str]) -> list[list[str]]:
    """A row a class: the commonest mistakes by number, the rest counted."""
    rows = []
    for index, (name, row) in enumerate(zip(classes, confusion, strict=True)):
        wrong = sorted(
            ((count, at) for at, count in enumerate(row) if count and at != index), key=lambda each: -each[0]
        )
        named = [f"{classes[at]} {count}" for count, at in wrong[:MISTAKES]]
        rest = sum(count for count, _ in wrong[MISTAKES:])
        rows.append(
            [name, _right(row, index=index), str(sum(row)), ", ".join([*named, *([f"others {rest}"] if rest else [])])]
        )
    return rows


def _right(row: Sequence[int], *, index: int) -> str:
    return f"{100 * row[index] / sum(row):.1f} %" if sum(row) else "-"


def _methods(outcomes: Mapping[str, MethodScores], *, chance: Mapping[str, Mapping[str, float]], words: Words) -> str:
    compared = any(outcome.difference for outcome in outcomes.values())
    rows = [["", *NAMES.values(), "interval of macro-F1", *(["difference (interval)"] if compared else [])]]
    for name, outcome in outcomes.items():
        figures = [f"{getattr(outcome, key):.3f}" for key in NAMES]
        low, high = outcome.intervals["macro_f1"]
        rows.append([name, *figures, f"{low:.3f} to {high:.3f}", *([_ahead(outcome)] if compared else [])])
    for name in ("majority", "uniform"):
        if name in chance:
            figures = [f"{chance[name][key]:.3f}" if key in chance[name] else "-" for key in NAMES]
            rows.append([f"chance, {name}", *figures, "", *([""] if compared else [])])
    return align(rows) + (f"\n{DIFFERENCE.format(words.subject)}" if compared else "")


def _ahead(outcome: MethodScores) -> str:
    found = outcome.difference
    return format_difference(found.value, interval=found.interval) if found else ""


def format_difference(value: float, *, interval: Interval) -> str:
    """A difference of scores with its interval: "+0.120 (-0.010 to +0.260)"."""
    return f"{value:+.3f} ({interval[0]:+.3f} to {interval[1]:+.3f})"


def _retrieval(retrieval: Mapping[str, Mapping[str, float]]) -> str:
    keys = list(retrieval["chance"])
    rows = [[name.replace("_", " "), *(f"{found[key]:.3f}" for key in keys)] for name, found in retrieval.items()]
    return align([["retrieval", *keys], *rows])


def _on_student(scores: Scores) -> dict[str, MethodScores]:
    """Other classifiers on the same student, named so that they cannot be taken for baselines."""
    return {
        name if name == "fine-tuned" else f"pretrained + {name}": found for name, found in scores.classifiers.items()
    }


def _few_shot(entry: FewShot, *, words: Words) -> str:
    difference = format_difference(
        entry.mean_difference or 0.0, interval=entry.difference_interval or (math.nan, math.nan)
    )
    sides = [
        f"{name} {_spread(values)}"
        for name, values in (("pretrained", entry.pretrained), ("from scratch", entry.scratch))
    ]
    return (
        f"{counted(entry.shots, 'labelled window')} per {words.behaviour}: macro-F1 {', '.join(sides)}; "
        f"difference {difference} over {counted(len(entry.scratch), 'draw')}"
    )


def _spread(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f} (draws {min(values):.3f} to {max(values):.3f})"


def _curve(entries: Sequence[FewShot], *, words: Words) -> str:
    """Mean macro-F1 of every classifier at each number of shots, with the interval of the mean over the draws."""
    names = list(dict.fromkeys(name for entry in entries for name in entry.mean_intervals))
    rows = [[f"macro-F1 by windows per {words.behaviour}", *names]]
    for entry in entries:
        means = entry.means
        rows.append(
            [str(entry.shots), *(_mean_cell(means.get(name), entry.mean_intervals.get(name)) for name in names)]
        )
    return align(rows)


def _mean_cell(mean: float | None, interval: Interval | None) -> str:
    return "-" if mean is None or interval is None else f"{mean:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def _missing(scores: Scores) -> str:
    """Macro-F1 without a site, and with that site alone."""
    rows = [["macro-F1, sensor missing", "without it", "interval", "it alone", "interval"]]
    for site, found in scores.missing_sensors.items():
        cells = [(found.without, found.without_interval), (found.alone, found.alone_interval)]
        rows.append(
            [site, *(cell for value, (low, high) in cells for cell in (f"{value:.3f}", f"{low:.3f} to {high:.3f}"))]
        )
    return align(rows)


def align_left(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as text, all columns to the left."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def align(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells as text: the first column to the left, the others to the right."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )
