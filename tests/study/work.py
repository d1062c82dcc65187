"""Finding a cell's figures: pretraining, probing and scoring by the package's own functions."""

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from equigait.data.splits import split_horses
from equigait.pipeline.datasets.dataset_split import split_windows, windows_of_classes
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.evaluate import evaluate
from equigait.pipeline.evaluation import metrics
from equigait.pipeline.evaluation.classifiers.table import CLASSIFIERS, Setup
from equigait.pipeline.evaluation.protocols.leave_one_out import PRETRAINED, score_each_left_out
from equigait.pipeline.evaluation.scores import FewShot, MethodScores
from equigait.pipeline.evaluation.scoring import describe_intervals, predictions_of, sampling_of, score_output
from equigait.pipeline.leave_one_out import load_fold_run
from equigait.pipeline.pretrain import pretrain, pretrain_corpus
from equigait.pipeline.probe import probe
from equigait.pipeline.probing.probe_file import save_probe
from equigait.pipeline.probing.student_probe import probe_student
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.training.checkpoint import load_student

from .cells import Cell
from .datasets import prepare, windows_of

Tell = Callable[[str], None]
VERSIONS = ("equigait", "numpy", "scikit-learn", "scipy", "torch", "transformers")


def find(cell: Cell, *, root: Path, tell: Tell) -> dict[str, Any]:
    """What the cell comes to, and how it came about."""
    cpu, wall = time.process_time(), time.perf_counter()
    ways = {
        ("split", "pretrained"): _pretrained,
        ("split", "control"): _control,
        ("leave-one-out", "pretrained"): _each_left_out,
        ("leave-one-out", "control"): _each_left_out,
    }
    figures = ways[cell.dataset.protocol, cell.who.kind](cell, root=root, tell=tell)
    return {
        "data": cell.data,
        "contender": cell.contender,
        "what": cell.who.what,
        "seed": cell.seed,
        "protocol": cell.dataset.protocol,
        **figures,
        "settings": [*cell.dataset.overrides, *cell.who.overrides(queue=cell.dataset.queue), *cell.extra],
        "config": cell.dataset.config,
        "command": cell.command,
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "versions": {package: version(package) for package in VERSIONS},
    }


def _pretrained(cell: Cell, *, root: Path, tell: Tell) -> dict[str, Any]:  # noqa: ARG001  # as all ways
    cache, run = prepare(cell.data, seed=cell.seed, root=root), _run(cell, root=root)
    pretrain(cache, run=run, recipe=cell.recipe)
    probe(cache, run=run)
    scores = evaluate(cache, run=run)
    return {
        **_outcome(scores),
        "classes": scores.classes,
        "n_windows": scores.n_windows,
        "scored": scores.split["test"],
        "learned_from": scores.split["train"],
        "chance": scores.chance,
        "retrieval": scores.retrieval,
        "few_shot": [_few_shot(each) for each in scores.label_efficiency],
        "judges": {name: _outcome(each) for name, each in scores.classifiers.items()},
        "interval_method": scores.interval_method,
    }


def _control(cell: Cell, *, root: Path, tell: Tell) -> dict[str, Any]:  # noqa: ARG001  # as all ways
    recipe = cell.recipe
    corpus = windows_of(cell.data, seed=cell.seed, root=root, recipe=recipe)
    split = split_horses(corpus.horses, spec=recipe.split)
    parts = split_windows(corpus, classes=recipe.probe.classes, **vars(split))
    sampling = sampling_of(recipe.evaluate, seed=recipe.seed)
    output = CLASSIFIERS[cell.contender](Setup(parts.train, recipe)).fit_predict(parts, settings=recipe)
    predicted = predictions_of(parts.test.take(output.rows), probability=output.probability)
    return {
        **_outcome(score_output(output, test=parts.test, sampling=sampling)),
        "classes": parts.test.classes,
        "n_windows": len(output.rows),
        "scored": split.test,
        "learned_from": split.train,
        "chance": metrics.chance_levels(parts.test.label, classes=len(parts.test.classes)),
        "interval_method": describe_intervals(predicted, sampling=sampling),
    }


def _each_left_out(cell: Cell, *, root: Path, tell: Tell) -> dict[str, Any]:
    recipe, pretrained = cell.recipe, cell.who.kind == "pretrained"
    corpus, runs = windows_of(cell.data, seed=cell.seed, root=root, recipe=recipe), _run(cell, root=root)
    made = runs_without_each(corpus, runs=runs, recipe=recipe, tell=tell) if pretrained else {}
    found = score_each_left_out(
        corpus,
        settings=recipe,
        methods=recipe.evaluate.classifiers if pretrained else (cell.contender,),
        fold_run=(lambda horse: load_fold_run(made, horse=horse, device=recipe.train.device)) if pretrained else None,
    )
    shutil.rmtree(runs, ignore_errors=True)  # a student a horse: as many as megabytes
    outcome = found.methods[PRETRAINED if pretrained else cell.contender]
    truth = np.repeat(np.arange(len(found.classes)), np.sum(outcome.confusion, axis=1))
    return {
        **_outcome(outcome),
        "classes": found.classes,
        "n_windows": found.n_windows,
        "scored": found.horses,
        "chance": metrics.chance_levels(truth, classes=len(found.classes)),
        "mean_fold_macro_f1": found.mean_fold_macro_f1,
        "judges": {name: _outcome(found.methods[name]) for name in recipe.evaluate.classifiers if pretrained},
        "interval_method": found.interval_method,
    }


def runs_without_each(corpus: WindowDataset, *, runs: Path, recipe: Recipe, tell: Tell) -> dict[str, Path]:
    """A run per labelled horse, pretrained and probed without it; those that a killed study finished are kept."""
    horses = windows_of_classes(corpus, classes=recipe.probe.classes, horses=corpus.horses).horses
    made = {horse: runs / horse.replace(" ", "-") for horse in horses}
    for horse, run in made.items():
        tell(f"pretraining without {horse}")
        split = recipe.split.model_copy(update={"test": (horse,)})
        pretrain_corpus(corpus, run=run, recipe=recipe.model_copy(update={"split": split}))
        others = [other for other in horses if other != horse]
        parts = split_windows(corpus, classes=recipe.probe.classes, train=others, validation=(), test=(horse,))
        save_probe(probe_student(load_student(run), parts=parts, settings=recipe), run=run)
    return made


def _run(cell: Cell, *, root: Path) -> Path:
    """Where the cell trains: another digest is another folder, so that a killed one goes on with what it began as."""
    return root / "runs" / f"{cell.name}.{cell.digest[:8]}"


def _outcome(outcome: MethodScores) -> dict[str, Any]:
    return {
        "macro_f1": outcome.macro_f1,
        "macro_f1_interval": outcome.intervals["macro_f1"],
        "accuracy": outcome.accuracy,
        "confusion": outcome.confusion,
        "per_horse": {horse: score.macro_f1 for horse, score in outcome.per_horse.items()},
        "note": outcome.note,
    }


def _few_shot(found: FewShot) -> dict[str, Any]:
    """Every draw of everyone who took part."""
    told = asdict(found)
    draws: dict[str, Iterable[float]] = {"pretrained": found.pretrained, "scratch": found.scratch, **found.baselines}
    return {
        "shots": found.shots,
        "draws": {name: list(each) for name, each in draws.items() if each},
        "note": told["note"],
    }
