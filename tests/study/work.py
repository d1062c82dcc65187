"""A cell's figures, by the package's own functions: pretraining, fits on all labels and on few, retrieval."""

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from equigait.data.sites import resolve_sites
from equigait.data.splits import split_horses
from equigait.pipeline.augmentation.mirror import SIGNS, reflected
from equigait.pipeline.augmentation.mounts import rotation_matrices
from equigait.pipeline.datasets.dataset_split import DatasetSplit, split_windows
from equigait.pipeline.datasets.sensor_windows import SensorWindows
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.evaluation.classifiers.classifier import Classifier
from equigait.pipeline.evaluation.classifiers.linear_probe import LinearProbe
from equigait.pipeline.evaluation.classifiers.table import CLASSIFIERS, Setup
from equigait.pipeline.evaluation.protocols.label_sampling import draw_rows
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.runtime.seeds import seed_for
from equigait.pipeline.training.checkpoint import load_model
from equigait.pipeline.training.model import Model
from equigait.pipeline.training.retrieval import retrieval_chance, retrieve
from jaxtyping import Float32
from torch import Tensor

from .cells import Cell
from .found import AS_MOUNTED
from .sets import TASKS, Task

TURNED, MIRRORED, OTHER_REIN = "turned", "mirrored", "other rein"


def find(cell: Cell, *, root: Path) -> dict[str, Any]:
    """All that is asked of this contender on this part of the set."""
    begun = time.process_time()
    windows, recipe = cell.set.load(root / "data", cell.part), cell.recipe
    unseen = cell.set.unseen(windows, cell.part)
    recipe = recipe.model_copy(update={"split": recipe.split.model_copy(update={"test": unseen})})
    prepared = time.process_time()
    run = root / "runs" / f"{cell.name}.{cell.digest[:8]}"
    model = pretrained(windows, recipe=recipe, run=run) if cell.who.pretrained else None
    scored = {
        name: score_task(TASKS[name], cell=cell, windows=windows, recipe=recipe, model=model) for name in cell.tasks
    }
    result = {
        "tasks": scored,
        "retrieval": None if model is None else retrieval(windows.of(unseen), model=model, recipe=recipe),
        "unseen": list(unseen),
        "cpu_seconds": round(time.process_time() - prepared, 1),
        "preparing_cpu_seconds": round(prepared - begun, 1),
    }
    shutil.rmtree(run, ignore_errors=True)  # tens of megabytes
    return result


def pretrained(windows: WindowDataset, *, recipe: Recipe, run: Path) -> Model:
    """The model after its last step; a run that was killed goes on where it was saved."""
    return load_model(pretrain_corpus(windows, run=run, recipe=recipe)).eval()


def score_task(
    task: Task, *, cell: Cell, windows: WindowDataset, recipe: Recipe, model: Model | None
) -> dict[str, Any]:
    """Truth and, draw by draw, what is predicted; of test windows with changed mounts too, where the set asks."""
    if task.classes:
        recipe = recipe.model_copy(update={"probe": recipe.probe.model_copy(update={"classes": task.classes})})
    if task.shots is not None:
        few = recipe.evaluate.model_copy(update={"supervised": recipe.evaluate.few_shot.supervised})
        recipe = recipe.model_copy(update={"evaluate": few})
    split = split_horses(windows.horses, spec=recipe.split)
    parts = split_windows(windows, classes=recipe.probe.classes, **vars(split))
    kinds = mounts(parts.test, recipe=recipe) if cell.set.changed_mounts else {AS_MOUNTED: parts.test}
    test = _joined(list(kinds.values()))
    parts = replace(parts, test=test, pool=parts.pool.take(parts.pool.has_film & False))
    classifier = CLASSIFIERS[cell.who.classifier](Setup(parts.train, recipe, None if model is None else model.student))
    if isinstance(classifier, LinearProbe):
        classifier = classifier.with_features_of(test)
    predicted = [_predicted(classifier, task=task, draw=draw, parts=parts, recipe=recipe) for draw in range(task.draws)]
    length = len(test) // len(kinds)
    return {
        "classes": list(parts.test.classes),
        "truth": test.label[:length].tolist(),
        "horse": list(test.horse[:length]),
        "recording": list(test.recording[:length]),
        "predicted": {
            kind: [draw[number * length : (number + 1) * length] for draw in predicted]
            for number, kind in enumerate(kinds)
        },
    }


def _predicted(classifier: Classifier, *, task: Task, draw: int, parts: DatasetSplit, recipe: Recipe) -> list[int]:
    """The class of each test window by a classifier fitted to all labels, or to this draw; -1 where it has no film.

    The draw depends on neither contender nor student: all see the same windows."""
    if task.shots is not None:
        seed = seed_for("study", recipe.seed, task.shots, draw)
        rows = draw_rows(parts.train, shots=task.shots, horses=None, seed=seed)
        parts, recipe = replace(parts, train=parts.train.take(rows)), recipe.model_copy(update={"seed": seed})
    output = classifier.fit_predict(parts, settings=recipe)
    found = np.full(len(parts.test), -1)
    found[output.rows] = output.probability.argmax(axis=1)
    return [int(each) for each in found]


def mounts(test: WindowDataset, *, recipe: Recipe) -> dict[str, WindowDataset]:
    """The test windows as they are; each sensor turned about any axis by any angle, one turn a window and sensor; each
    sensor in its own mirror image; and the horse in its mirror image, which goes on the other rein."""
    sites, shape = resolve_sites(recipe.grid.sites), test.imu.shape
    imu = test.imu[:].reshape(shape[0], len(sites), 2, 3, shape[2])
    changed = {
        TURNED: any_turn(imu.shape[:2], seed=recipe.seed)[:, :, None] @ imu,
        MIRRORED: imu * torch.tensor(SIGNS)[:, :, None],
        OTHER_REIN: reflected(imu, sites=sites),
    }
    return {AS_MOUNTED: test} | {
        kind: replace(test, imu=SensorWindows.of(each.reshape(shape))) for kind, each in changed.items()
    }


def any_turn(shape: tuple[int, ...], *, seed: int) -> Float32[Tensor, "windows sites 3 3"]:
    """Rotations about uniform axes by angles uniform in a full circle."""
    generator = torch.Generator().manual_seed(seed_for("turned", seed))
    axis = torch.nn.functional.normalize(torch.randn((*shape, 3), generator=generator), dim=-1)
    return rotation_matrices(axis, angle_radians=2 * torch.pi * torch.rand(shape, generator=generator))


def _joined(kinds: list[WindowDataset]) -> WindowDataset:
    """All of them, one after the other."""
    if len(kinds) == 1:
        return kinds[0]
    first = kinds[0]
    repeated = first.take(np.tile(np.arange(len(first)), len(kinds)))
    return replace(repeated, imu=SensorWindows.of(torch.cat([each.imu[:] for each in kinds])))


def retrieval(unseen: WindowDataset, *, model: Model, recipe: Recipe) -> dict[str, Any] | None:
    """R@10 both ways among all filmed windows of those who are unseen, labelled or not, and its chance."""
    filmed = unseen.filmed()
    if not (len(filmed) and recipe.objective.needs_film):
        return None
    found = retrieve(*(side.cpu() for side in model.shared(filmed.imu, film=filmed.film)))
    ways = {way: scores["R@10"] for way, scores in found.items()}
    return {"ways": ways, "chance": retrieval_chance(len(filmed))["R@10"], "windows": len(filmed)}
