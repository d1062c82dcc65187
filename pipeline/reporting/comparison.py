"""Several runs side by side: what differs, how they trained, what they score; as rows, as JSON, as a page."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...data.files import write_atomically
from ..evaluation.score_table import align, format_difference
from ..evaluation.scores import FewShot, MethodScores, Scores
from ..runtime.formatting import command, counted
from . import methods
from .charts import Curve, Row, curve_chart, interval_chart
from .formatting import with_interval
from .pages import write_page
from .run_page import thinned

ABSENT = "-"
"""Stands where a run has nothing to show."""
DIRECTIONS = {"imu_to_film": "sensors to film", "film_to_imu": "film to sensors"}
"""Directions of retrieval, as readers see them."""
SETTINGS, TRAINING, SCORES, FEW_LABELS = "settings that differ", "training", "scores", "few labels"

Rows = list[list[str]]
Validation = tuple[int, dict[str, dict[str, float]]]
"""A step, and the retrieval on the validation horses after it."""


@dataclass(frozen=True)
class ComparedRun:
    """What a run's folder holds."""

    name: str
    """Its folder."""
    settings: dict[str, Any] = field(repr=False)
    """Every setting by its path."""
    steps: int
    """Training steps in its log."""
    kept: int | None
    """Step of its checkpoint; None where there is none yet."""
    losses: tuple[tuple[int, float], ...] = field(repr=False)
    """Step and training loss, of every logged step."""
    validations: tuple[Validation, ...] = field(repr=False)
    """Step and validation retrieval, each time it was computed."""
    scores: Scores | None = field(repr=False)
    """None where it was not evaluated."""

    @property
    def best(self) -> Validation | None:
        """The validation with the best mean MRR of both directions, the first of equals."""
        return max(self.validations, key=lambda found: sum(way["MRR"] for way in found[1].values()), default=None)


@dataclass(frozen=True)
class Comparison:
    """Several runs, and the rows of their table."""

    runs: tuple[ComparedRun, ...]
    """In the order given."""

    @property
    def differing(self) -> dict[str, tuple[Any, ...]]:
        """Settings that are not the same in all runs, by path: a value for each run."""
        keys = dict.fromkeys(key for run in self.runs for key in run.settings)
        rows = {key: tuple(run.settings.get(key, ABSENT) for run in self.runs) for key in keys}
        return {key: values for key, values in rows.items() if any(value != values[0] for value in values)}

    @property
    def groups(self) -> dict[str, Rows]:
        """What there is to compare, by kind; a row is its name, then a cell for each run."""
        groups = {
            SETTINGS: [[key, *(_setting(value) for value in values)] for key, values in self.differing.items()],
            TRAINING: self._rows(_training_cells),
            SCORES: self._rows(_score_cells),
            FEW_LABELS: self._rows(_few_label_cells),
        }
        return {name: rows for name, rows in groups.items() if rows}

    @property
    def cautions(self) -> list[str]:
        """Why some figures cannot be compared fairly."""
        scored = [run.scores for run in self.runs if run.scores is not None]
        unlike = {
            "different test horses": len({scores.split["test"] for scores in scored}) > 1,
            "different numbers of test windows": len({scores.n_windows for scores in scored}) > 1,
            "different gaits": len({scores.classes for scores in scored}) > 1,
        }
        return [f"Scores of {what}: no fair comparison." for what, found in unlike.items() if found]

    def __str__(self) -> str:
        head = ["", *(run.name for run in self.runs)]
        tables = align([head, *(row for rows in self.groups.values() for row in rows)])
        return "\n\n".join([tables, *self.cautions])

    def short_name(self, run: ComparedRun) -> str:
        """The folder's own name, or its path where two runs bear that name."""
        name = Path(run.name).name
        return name if [Path(other.name).name for other in self.runs].count(name) == 1 else run.name

    def _rows(self, cells_of: Callable[[ComparedRun], Mapping[str, str]]) -> Rows:
        """The figures that any run has, in the order in which runs show them; `ABSENT` for those that have not."""
        found = [cells_of(run) for run in self.runs]
        names = dict.fromkeys(name for cells in found for name in cells)
        return [[name, *(cells.get(name, ABSENT) for cells in found)] for name in names]


def write_json(comparison: Comparison, path: Path) -> None:
    """Write the comparison whole or not at all: settings that differ, and the figures of each run."""
    content = {
        "differing": comparison.differing,
        "rows": {group: {name: cells for name, *cells in rows} for group, rows in comparison.groups.items()},
        "cautions": comparison.cautions,
        "runs": [_as_json(run) for run in comparison.runs],
    }
    write_atomically(path, json.dumps(content, indent=1) + "\n")


def write_comparison(comparison: Comparison, path: Path) -> Path:
    """Write the page, which needs no other file; returns its path."""
    names = [comparison.short_name(run) for run in comparison.runs]
    best = _best(comparison)
    chosen = Path((best[0] if best else comparison.runs[0]).name).resolve()
    charts = {TRAINING: _training_charts, SCORES: _score_charts, FEW_LABELS: _few_label_charts}
    return write_page(
        path,
        "comparison",
        title=f"{len(names)} runs side by side",
        answer=_answer(comparison, best=best),
        runs=[run.name for run in comparison.runs],
        head=["", *names],
        cautions=comparison.cautions,
        groups=[(name, rows, charts.get(name, lambda _: [])(comparison)) for name, rows in comparison.groups.items()],
        next_step="To see the first of them by itself:"
        if best
        else "To evaluate the first of them (CACHE: its cache):",
        next_command=command("report", "--run", chosen)
        if best
        else command("evaluate", "--cache", "CACHE", "--run", chosen),
    )


def _best(comparison: Comparison) -> list[ComparedRun]:
    """The runs with the highest macro-F1; none where none was evaluated."""
    scored = [(run.scores.macro_f1, run) for run in comparison.runs if run.scores is not None]
    return [run for value, run in scored if value == max(scored, key=lambda each: each[0])[0]]


def _answer(comparison: Comparison, *, best: Sequence[ComparedRun]) -> str:
    if not best or best[0].scores is None:
        return "None of these runs has been evaluated yet."
    if comparison.cautions:
        return "The scores of these runs cannot be compared fairly."
    names = " and ".join(comparison.short_name(run) for run in best)
    score = with_interval(best[0].scores.macro_f1, best[0].scores.intervals["macro_f1"])
    return f"{names} {'has' if len(best) == 1 else 'have'} the highest macro-F1 on the test horses: {score}."


def _training_cells(run: ComparedRun) -> dict[str, str]:
    cells = {"steps trained": str(run.steps), "checkpoint of step": ABSENT if run.kept is None else str(run.kept)}
    if run.best is None:
        return cells
    step, found = run.best
    recall = {f"R@10 there, {name}": f"{found[way]['R@10']:.3f}" for way, name in DIRECTIONS.items()}
    return cells | {"best validation at step": str(step)} | recall


def _score_cells(run: ComparedRun) -> dict[str, str]:
    scores = run.scores
    if scores is None:
        return {}
    found: dict[str, MethodScores] = {"macro-F1, linear probe": scores}
    found |= {f"macro-F1, {name}": each for name, each in methods.classifier_outcomes(scores).items()}
    found |= {f"baseline: {name}": each for name, each in methods.baseline_outcomes(scores).items()}
    cells = {"test windows": str(scores.n_windows)}
    cells |= {name: with_interval(each.macro_f1, each.intervals["macro_f1"]) for name, each in found.items()}
    for way, name in DIRECTIONS.items() if scores.retrieval is not None else ():
        chance = scores.chance["retrieval"]["R@10"]
        cells[f"test R@10, {name}"] = f"{(scores.retrieval or {})[way]['R@10']:.3f} (chance {chance:.3f})"
    return cells


def _few_label_cells(run: ComparedRun) -> dict[str, str]:
    cells: dict[str, str] = {}
    if run.scores is None:
        return cells
    for entry in run.scores.label_efficiency:
        given = f"{counted(entry.shots, 'window')} per {run.scores.words.behaviour}"
        for name, mean in entry.means.items():
            cells[f"{name}, {given}"] = with_interval(mean, entry.mean_intervals.get(name))
        if entry.mean_difference is not None and entry.difference_interval is not None:
            cells[f"pretrained - scratch, {given}"] = format_difference(
                entry.mean_difference, interval=entry.difference_interval
            )
    return cells


def _training_charts(comparison: Comparison) -> list[str]:
    losses = {comparison.short_name(run): thinned(run.losses) for run in comparison.runs if run.losses}
    if not losses:
        return []
    charts = [curve_chart(losses, x="training step", y="loss of pretraining", half=True)]
    found: dict[str, Curve] = {
        comparison.short_name(run): [(step, _mean_recall(ways), None) for step, ways in run.validations]
        for run in comparison.runs
        if run.validations
    }
    if found:
        charts.append(curve_chart(found, x="training step", y="R@10 on validation horses", top=1.0, half=True))
    return list(charts)


def _score_charts(comparison: Comparison) -> list[str]:
    rows = [
        Row(comparison.short_name(run), run.scores.macro_f1, run.scores.intervals["macro_f1"], ours=True)
        for run in comparison.runs
        if run.scores is not None
    ]
    return [interval_chart(rows, measure="macro-F1 of the linear probe on the test horses")]


def _few_label_charts(comparison: Comparison) -> list[str]:
    curves = {
        comparison.short_name(run): [_point(entry) for entry in run.scores.label_efficiency if entry.pretrained]
        for run in comparison.runs
        if run.scores is not None and run.scores.label_efficiency
    }
    x = "labelled windows of each gait"
    return [curve_chart(curves, x=x, y="macro-F1, mean over draws", top=1.0, logarithmic=True)] if curves else []


def _point(entry: FewShot) -> tuple[float, float, tuple[float, float] | None]:
    return float(entry.shots), entry.means["pretrained"], entry.mean_intervals.get("pretrained")


def _mean_recall(found: Mapping[str, Mapping[str, float]]) -> float:
    return sum(way["R@10"] for way in found.values()) / len(found)


def _as_json(run: ComparedRun) -> dict[str, Any]:
    scores = run.scores
    return {
        "name": run.name,
        "steps": run.steps,
        "checkpoint_step": run.kept,
        "best_validation": dict(zip(("step", "retrieval"), run.best, strict=True)) if run.best else None,
        "scores": None if scores is None else {"macro_f1": scores.macro_f1, "interval": scores.intervals["macro_f1"]},
        "few_shot": {} if scores is None else {str(entry.shots): entry.means for entry in scores.label_efficiency},
    }


def _setting(value: object) -> str:
    return (", ".join(map(str, value)) or "(none)") if isinstance(value, list) else str(value)
