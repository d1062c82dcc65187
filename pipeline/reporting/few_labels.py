"""What the report says of few labels: the curve over their number, and training from scratch draw by draw."""

from ...data.page.html import paragraph, scrolling, section, table
from ..evaluation.scores import FewShot, Interval, Scores
from ..runtime.formatting import counted
from .charts import few_shot_chart
from .names import FEW_SHOT_NAMES
from .plots import Mark, label_curves


def few_shot_section(scores: Scores) -> str:
    """What the pretraining saves in labels."""
    entries = scores.label_efficiency
    if not entries:
        return ""
    trained = [entry for entry in entries if entry.scratch]
    body = [paragraph(_in_words(entry)) for entry in trained]
    if any(entry.mean_intervals for entry in entries):
        body += [scrolling(curves_of(entries)), _table(entries)]
    if trained:
        note = "Macro-F1 on the test horses; each line is one draw, both sides from the very same windows."
        body += [scrolling(few_shot_chart(trained)), paragraph(note, kind="note")]
    return section("With few labels", body=[*body, paragraph((trained or entries)[-1].note, kind="note")])


def curves_of(entries: tuple[FewShot, ...]) -> str:
    """Mean macro-F1 of everyone over the number of labels, with intervals of the mean over the draws."""
    curves: dict[str, list[Mark]] = {}
    for key, name in FEW_SHOT_NAMES.items():
        marks = [Mark(e.shots, e.means[key], e.mean_intervals[key]) for e in entries if key in e.mean_intervals]
        if marks:
            curves[name] = marks
    return label_curves(curves, label="Macro-F1 over the number of labelled windows")


def _table(entries: tuple[FewShot, ...]) -> str:
    known = [key for key in FEW_SHOT_NAMES if any(key in entry.means for entry in entries)]
    rows = [[str(entry.shots), *(_cell(entry, key) for key in known)] for entry in entries]
    return table(["windows a gait", *(FEW_SHOT_NAMES[key] for key in known)], rows=rows)


def _cell(entry: FewShot, key: str) -> str:
    if key not in entry.means:
        return "–"
    interval = entry.mean_intervals.get(key)
    return f"{entry.means[key]:.3f}" + (f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else "")


def _in_words(entry: FewShot) -> str:
    ours, theirs = _mean(entry.pretrained), _mean(entry.scratch)
    sure = f"{_points(entry.difference_interval)} over " if entry.difference_interval else ""
    return (
        f"With {counted(entry.shots, 'labelled window')} of each gait, the pretrained model reaches a macro-F1 of "
        f"{ours:.3f} and the same network trained from scratch {theirs:.3f}: "
        f"{100 * (entry.mean_difference or 0.0):+.1f} points ({sure}{len(entry.scratch)} draws)."
    )


def _points(interval: Interval) -> str:
    return f"{100 * interval[0]:+.1f} to {100 * interval[1]:+.1f}"


def _mean(values: tuple[float, ...]) -> float:
    return sum(values) / len(values)
