"""What a contender says of test windows, whatever it is, and the answers that controls and judges share."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ...datasets.dataset_split import DatasetSplit
from ...probing.student_probe import Featurise, featured
from ...recipe import Recipe
from .rbf_svm import fit_kernel
from .supervised import Trained, probabilities


@dataclass(frozen=True)
class Answer:
    """What a contender says of test windows."""

    rows: Int64[Array, "answered"]
    """Which test windows it answers for: all, but for a teacher that needs film."""
    probability: Float64[Array, "answered classes"]
    """Rows sum to one."""
    note: str
    """What the contender is and what it was given, in a sentence."""


def for_all(parts: DatasetSplit, probability: Float64[Array, "windows classes"], *, note: str) -> Answer:
    """An answer for every test window."""
    return Answer(np.arange(len(parts.test)), probability, note)


def by_kernel(parts: DatasetSplit, *, featurise: Featurise, recipe: Recipe, what: str) -> Answer:
    """What a support vector machine with a Gaussian kernel says by these features; `what` names them in the note."""
    found = fit_kernel(
        featured(parts.train, by=featurise),
        classes=len(parts.train.classes),
        settings=recipe.evaluate.rbf_svm,
        folds=recipe.probe.folds,
    )
    machine = "support vector machine with a Gaussian kernel"
    note = f"{what}, {machine}, C = {found.inverse_penalty:g}, gamma = {found.width:g} / features"
    return for_all(parts, found.probabilities(featurise(parts.test)), note=note)


def by_training(trained: Trained, *, parts: DatasetSplit, what: str) -> Answer:
    """What a student trained with all labels says; `what` says in the note where it began."""
    chosen = "at its best step on the validation horses" if len(parts.validation) else "at its last step"
    note = f"{what} {len(parts.train)} labelled windows, {trained.steps} steps, {chosen}"
    return for_all(parts, probabilities(trained.best, parts.test.imu), note=note)
