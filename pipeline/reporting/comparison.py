"""Several runs on one page: what differs, how they trained, what they score, and what they make of few labels."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from ... import __version__
from ...data.files import write_atomically
from ...data.page.html import notes, page, paragraph, scrolling, section, side_by_side, table
from ..compare import FEW_LABELS, SCORES, TRAINING, ComparedRun, Comparison
from .charts import Row, curve_chart, interval_chart
from .plots import Mark, label_curves
from .provenance import thinned


def write_comparison(comparison: Comparison, path: Path) -> Path:
    """The page, which needs no other file; its path."""
    head = f'<header><span class="mark">equigait</span><h1>{len(comparison.runs)} runs side by side</h1></header>'
    names, groups = ["", *(_short(run, comparison.runs) for run in comparison.runs)], comparison.groups
    charts = {TRAINING: _training, SCORES: _scores, FEW_LABELS: _few_labels}
    body = [
        head,
        paragraph(", ".join(run.name for run in comparison.runs), kind="quiet"),
        notes(comparison.cautions, kind="warn"),
        *(
            section(name.capitalize(), body=[table(names, rows=rows), *charts.get(name, _nothing)(comparison.runs)])
            for name, rows in groups.items()
        ),
        f"<footer>equigait {escape(__version__)}</footer>",
    ]
    write_atomically(path, page("equigait: runs side by side", body=[part for part in body if part]))
    return path


def _nothing(_: Sequence[ComparedRun]) -> list[str]:
    return []


def _scores(runs: Sequence[ComparedRun]) -> list[str]:
    rows = [
        Row(_short(run, runs), run.scores.macro_f1, run.scores.intervals["macro_f1"], kind="ours")
        for run in runs
        if run.scores is not None
    ]
    words = paragraph("Macro-F1 of the linear probe on horses never seen:")
    return [words, scrolling(interval_chart(rows, chance={}, label="Macro-F1 of each run"))]


def _few_labels(runs: Sequence[ComparedRun]) -> list[str]:
    curves = {
        _short(run, runs): [
            Mark(entry.shots, entry.means["pretrained"], entry.mean_intervals["pretrained"])
            for entry in run.scores.label_efficiency
            if "pretrained" in entry.mean_intervals
        ]
        for run in runs
        if run.scores is not None
    }
    drawn = {name: marks for name, marks in curves.items() if marks}
    if not drawn:
        return []
    chart = label_curves(drawn, label="Macro-F1 of each run over the number of labelled windows")
    return [paragraph("Macro-F1 of the linear probe, mean over the draws:"), scrolling(chart)]


def _training(runs: Sequence[ComparedRun]) -> list[str]:
    losses = {_short(run, runs): thinned(list(run.losses)) for run in runs if run.losses}
    if not losses:
        return []
    high = 1.05 * max(loss for points in losses.values() for _, loss in points)
    charts = [curve_chart(losses, title="Loss of pretraining", low=0.0, high=high)]
    found = {_short(run, runs): _recall(run) for run in runs if run.validations}
    if found:
        charts.append(curve_chart(found, title="R@10 on validation horses, mean of both ways", low=0.0, high=1.0))
    note = "Losses of different objectives, batch sizes or penalties are not on one scale: compare retrieval instead."
    return [side_by_side(charts), paragraph(note, kind="note")]


def _recall(run: ComparedRun) -> list[tuple[float, float]]:
    return [(step, _mean(found)) for step, found in run.validations]


def _mean(found: Mapping[str, Mapping[str, float]]) -> float:
    return sum(way["R@10"] for way in found.values()) / len(found)


def _short(run: ComparedRun, runs: Sequence[ComparedRun]) -> str:
    """The folder's own name, or its path where two runs bear that name."""
    name = Path(run.name).name
    return name if [Path(other.name).name for other in runs].count(name) == 1 else run.name
