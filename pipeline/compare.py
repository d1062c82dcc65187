"""Runs side by side: where their settings differ, how they trained, and what they score."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, get_args

from ..data.errors import BadInput
from ..data.files import write_atomically
from .evaluation.score_table import align
from .evaluation.scores import Interval, MethodScores, Scores, read_scores
from .evaluation.settings import BaselineName, ClassifierName, FewShotBaseline
from .recipe import flattened
from .run_recipe import load_run_recipe
from .runtime.formatting import counted
from .training.checkpoint import read_facts
from .training.run import Run, read_rows

ABSENT = "-"
"""Stands where a run has nothing to show."""
WAYS = {"imu_to_film": "sensors to film", "film_to_imu": "film to sensors"}
"""Directions of retrieval, as readers are told."""
SETTINGS, TRAINING, SCORES, FEW_LABELS = "settings that differ", "training", "scores", "few labels"

Rows = list[list[str]]
Best = tuple[int, dict[str, dict[str, float]]]
"""A step, and the retrieval on the validation horses after it."""
Figure = Callable[[Any], str | None]
"""What a row shows of a run's scores or validation; None where there is nothing."""


@dataclass(frozen=True)
class ComparedRun:
    """What a run's folder tells of it."""

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
    validations: tuple[Best, ...] = field(repr=False)
    """Step and validation retrieval, each time it was looked at."""
    scores: Scores | None = field(repr=False)
    """None where it was not evaluated."""

    @property
    def best(self) -> Best | None:
        """The validation with the best mean MRR of both ways, the first of equals."""
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
            TRAINING: self._rows(lambda run: run.best, figures=_VALIDATION),
            SCORES: self._rows(lambda run: run.scores, figures=_SCORES),
            FEW_LABELS: self._rows(lambda run: run.scores, figures=self._few_labels()),
        }
        steps = [["steps trained", *(str(run.steps) for run in self.runs)]]
        steps.append(["checkpoint of step", *(ABSENT if run.kept is None else str(run.kept) for run in self.runs)])
        groups[TRAINING] = steps + groups[TRAINING]
        return {name: rows for name, rows in groups.items() if rows}

    @property
    def cautions(self) -> list[str]:
        """Why some figures must not be held against each other."""
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

    def _rows(self, source: Callable[[ComparedRun], Any], *, figures: "Mapping[str, Figure]") -> Rows:
        """The figures that any run has; `ABSENT` for those that have not."""
        found = {name: [_cell(source(run), figure) for run in self.runs] for name, figure in figures.items()}
        return [[name, *cells] for name, cells in found.items() if any(cell != ABSENT for cell in cells)]

    def _few_labels(self) -> "dict[str, Figure]":
        entries = [entry for run in self.runs if run.scores is not None for entry in run.scores.label_efficiency]
        figures: dict[str, Figure] = {}
        for shots in sorted({entry.shots for entry in entries}):
            for name in ("pretrained", "scratch", *get_args(FewShotBaseline)):
                figures[f"{name}, {counted(shots, 'window')} a gait"] = partial(_few_shot, shots=shots, name=name)
            figures[f"pretrained - scratch, {counted(shots, 'window')} a gait"] = partial(_difference, shots=shots)
        return figures


def compare(runs: Sequence[Path]) -> Comparison:
    """What the folders of these runs tell; runs that are not evaluated, or not even trained, show what they have."""
    twice = [str(run) for run in runs if [other.resolve() for other in runs].count(run.resolve()) > 1]
    if len(runs) < 2 or twice:
        found = f"{twice[0]} twice" if twice else f"{len(runs)} run"
        raise BadInput("compare", found=found, expected="two runs or more", remedy="Name the folders of several runs.")
    return Comparison(tuple(_read(run) for run in runs))


def write_json(comparison: Comparison, path: Path) -> None:
    """Writes the comparison whole or not at all: settings that differ, and the figures of each run."""
    content = {
        "differing": comparison.differing,
        "rows": {group: {name: cells for name, *cells in rows} for group, rows in comparison.groups.items()},
        "cautions": comparison.cautions,
        "runs": [_as_json(run) for run in comparison.runs],
    }
    write_atomically(path, json.dumps(content, indent=1) + "\n")


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


def _read(folder: Path) -> ComparedRun:
    rows, checkpoint = read_rows(Run(folder)), Run(folder).checkpoint
    scores = read_scores(folder) if (folder / "scores.json").is_file() else None
    recipe = load_run_recipe(folder, overrides=scores.probed if scores else ())
    return ComparedRun(
        name=str(folder),
        settings=flattened(recipe),
        steps=rows[-1]["step"] if rows else 0,
        kept=read_facts(checkpoint)["step"] if checkpoint.is_file() else None,
        losses=tuple((row["step"], row["loss"]) for row in rows),
        validations=tuple((row["step"], row["validation"]) for row in rows if row.get("validation")),
        scores=scores,
    )


def _cell(source: Any, figure: Figure) -> str:
    told = None if source is None else figure(source)
    return ABSENT if told is None else told


def _recall(found: Best, *, way: str) -> str:
    return f"{found[1][way]['R@10']:.3f}"


def _judge(scores: Scores, *, name: str) -> str | None:
    return _outcome(scores.classifiers[name]) if name in scores.classifiers else None


def _control(scores: Scores, *, name: str) -> str | None:
    return _outcome(scores.baselines[name]) if name in scores.baselines else None


def _retrieval(scores: Scores, *, way: str) -> str | None:
    if scores.retrieval is None:
        return None
    return f"{scores.retrieval[way]['R@10']:.3f} (chance {scores.chance['retrieval']['R@10']:.3f})"


def _few_shot(scores: Scores, *, shots: int, name: str) -> str | None:
    entry = next((entry for entry in scores.label_efficiency if entry.shots == shots), None)
    if entry is None or name not in entry.means:
        return None
    return _ranged(entry.means[name], entry.mean_intervals.get(name))


def _difference(scores: Scores, *, shots: int) -> str | None:
    entry = next((entry for entry in scores.label_efficiency if entry.shots == shots), None)
    if entry is None or entry.mean_difference is None or entry.difference_interval is None:
        return None
    return f"{entry.mean_difference:+.3f} ({entry.difference_interval[0]:+.3f} to {entry.difference_interval[1]:+.3f})"


def _outcome(outcome: MethodScores) -> str:
    return _ranged(outcome.macro_f1, outcome.intervals["macro_f1"])


def _ranged(value: float, interval: Interval | None) -> str:
    return f"{value:.3f}" if interval is None else f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def _setting(value: object) -> str:
    return (", ".join(map(str, value)) or "(none)") if isinstance(value, list) else str(value)


_VALIDATION: dict[str, Figure] = {
    "best validation at step": lambda found: str(found[0]),
    **{f"R@10 there, {name}": partial(_recall, way=way) for way, name in WAYS.items()},
}
_SCORES: dict[str, Figure] = {
    "test windows": lambda scores: str(scores.n_windows),
    "macro-F1, linear probe": lambda scores: _outcome(scores),
    **{f"macro-F1, {name}": partial(_judge, name=name) for name in get_args(ClassifierName)},
    **{f"baseline: {name}": partial(_control, name=name) for name in get_args(BaselineName)},
    **{f"test R@10, {name}": partial(_retrieval, way=way) for way, name in WAYS.items()},
}
