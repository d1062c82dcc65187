"""How hard the middle and the field yard are: macro-F1 of spectral features on unseen horses, from sensors alone."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.datasets.dataset_split import DatasetSplit, split_windows
from equigait.pipeline.datasets.loading import load_windows
from equigait.pipeline.evaluation.classifiers.table import CLASSIFIERS, Setup
from equigait.pipeline.evaluation.metrics import confusion_matrix, macro_f1
from equigait.pipeline.evaluation.protocols.label_sampling import draw_rows
from equigait.pipeline.extract_teacher import extract_teacher
from equigait.pipeline.recipe import Recipe, load_recipe

from .measure import Found, Limit

YARDS = {
    "middle": YardSpec(difficulty="middle", horses=32, seconds=60.0, seed=7, film=False),
    "field": YardSpec(difficulty="field", horses=24, seconds=180.0, seed=1, film=False),
}
"""Half of the horses teach, half are scored."""
DRAWS = 3


@cache
def parts(difficulty: str) -> tuple[DatasetSplit, Recipe]:
    """The labelled windows of a yard, and the recipe that bears its name."""
    spec, recipe = YARDS[difficulty], load_recipe(difficulty)
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        simulate_yard(Path(folder) / "yard", spec=spec)
        extract_teacher(Path(folder) / "yard", cache=Path(folder) / "cache", recipe=recipe)
        windows = load_windows(Path(folder) / "cache", settings=recipe)
    horses = np.random.default_rng(0).permutation(windows.horses).tolist()
    half = len(horses) // 2
    sides = {"train": horses[:half], "validation": [], "test": horses[half:]}
    return split_windows(windows, classes=recipe.probe.classes, **sides), recipe


def spectral_macro_f1(difficulty: str, *, shots: int | None) -> list[float]:
    """Macro-F1 for each draw of `shots` labels a class; of one fit on all labels when None."""
    split, recipe = parts(difficulty)
    chosen = [split]
    if shots is not None:
        nothing = split.pool.take(split.pool.has_film & False)
        rows = [draw_rows(split.train, shots=shots, horses=None, seed=draw) for draw in range(DRAWS)]
        chosen = [replace(split, train=split.train.take(each), pool=nothing) for each in rows]
    return [_macro_f1(each, recipe=recipe) for each in chosen]


def _macro_f1(split: DatasetSplit, *, recipe: Recipe) -> float:
    output = CLASSIFIERS["spectral"](Setup(split.train, recipe, None)).fit_predict(split, settings=recipe)
    predicted = output.probability.argmax(axis=1)
    return float(macro_f1(confusion_matrix(split.test.label, predicted=predicted, classes=len(split.test.classes))))


def _found(difficulty: str, *, shots: int | None, at_most: float) -> Callable[[], Found]:
    def measure() -> Found:
        scores = spectral_macro_f1(difficulty, shots=shots)
        return Found(
            float(np.mean(scores)), at_most, {"draws": scores, "yard": YARDS[difficulty].model_dump(mode="json")}
        )

    return measure


def _limit(difficulty: str, *, shots: int | None, at_most: float) -> Limit:
    labels = f"{shots} labels a class" if shots else "all labels"
    return Limit(
        figure=f"macro-F1 of spectral features on unseen horses of the {difficulty} yard, {labels}",
        unit="macro-F1",
        value=_found(difficulty, shots=shots, at_most=at_most),
        note="More would mean that the yard is too easy to compare anything on it.",
    )


BENCHES = {
    "field-yard-ten-labels": _limit("field", shots=10, at_most=0.85),
    "field-yard-all-labels": _limit("field", shots=None, at_most=0.90),
    "middle-yard-one-label": _limit("middle", shots=1, at_most=0.75),
    "middle-yard-ten-labels": _limit("middle", shots=10, at_most=0.97),
    "middle-yard-all-labels": _limit("middle", shots=None, at_most=0.97),
}
