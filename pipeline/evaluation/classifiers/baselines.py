"""Controls: what other ways of telling the same gaits score on the same windows of the same unseen horses.

Each control learns from the labelled windows of the training horses, chooses on the validation horses, and answers for
the test windows. A new control is one function and one line in `CONTROLS`.
"""

from typing import Protocol

import numpy as np
from jaxtyping import Float32
from numpy import ndarray as Array

from ...datasets.dataset_split import DatasetSplit
from ...datasets.window_dataset import WindowDataset
from ...probing.student_probe import Featurise, fit_parts, probe_student
from ...recipe import Recipe
from ...runtime.seeds import seed_for
from ...students.embedding import embed
from ...students.student import Student
from ...students.table import build_student
from .output import Answer, by_kernel, by_training, for_all
from .spectral import spectral_features
from .supervised import train_supervised


class CannotAnswerError(Exception):
    """A control that these recordings do not allow; the message says why."""


class Control(Protocol):
    """What stands in the table of controls."""

    def __call__(self, parts: DatasetSplit, *, recipe: Recipe) -> Answer:
        """Learns from `parts.train`, may choose on `parts.validation`, answers for `parts.test`."""
        ...


def random_init(parts: DatasetSplit, *, recipe: Recipe) -> Answer:
    """The same student at its random initialisation, frozen, and the same probe: what its architecture is worth."""
    student = untrained_student(parts.train, recipe=recipe)
    classifier = probe_student(student, parts=parts, settings=recipe)
    probability = classifier.probabilities(embed(student, parts.test.imu))
    return for_all(parts, probability, note="student at random initialisation, frozen, and the same linear probe")


def untrained_student(train: WindowDataset, *, recipe: Recipe) -> Student:
    """The student that pretraining began with, standardised for these windows."""
    _, channels, steps = train.imu.shape
    student = build_student(recipe.student, channels=channels, steps=steps, seed=seed_for("student", recipe.seed))
    student.fit_standardisation(train.imu)
    return student


def spectral(parts: DatasetSplit, *, recipe: Recipe) -> Answer:
    """Spectral features and the same logistic regression: no learning of features at all."""
    featurise = spectrally(recipe)
    classifier = fit_parts(featurise, parts=parts, settings=recipe)
    probability = classifier.probabilities(featurise(parts.test))
    return for_all(parts, probability, note="mean, spread, band powers and dominant frequency, logistic regression")


def spectral_svm(parts: DatasetSplit, *, recipe: Recipe) -> Answer:
    """The same features and a Gaussian kernel: the strongest that goes without learning features."""
    return by_kernel(parts, featurise=spectrally(recipe), recipe=recipe, what="spectral features")


def spectrally(recipe: Recipe) -> Featurise:
    """Windows to spectral features at the recipe's rate."""
    return lambda windows: spectral_features(windows.imu, rate_hz=recipe.grid.rate_hz)


def supervised(parts: DatasetSplit, *, recipe: Recipe) -> Answer:
    """The same student trained from scratch on all labels of the training horses."""
    settings = recipe.evaluate.supervised
    seed = seed_for("supervised", recipe.seed)
    trained = train_supervised(parts.train, validation=parts.validation, recipe=recipe, settings=settings, seed=seed)
    return by_training(trained, parts=parts, what="student trained from scratch on")


def teacher(parts: DatasetSplit, *, recipe: Recipe) -> Answer:
    """The teacher's own film features and the same logistic regression: what the student could learn from at most."""
    train, validation, test = map(_filmed, (parts.train, parts.validation, parts.test))
    filmed = DatasetSplit(train, validation, test, pool=parts.pool.filmed())
    rows = np.flatnonzero(parts.test.has_film.numpy())
    if not (len(rows) and len(filmed.train)):
        raise CannotAnswerError("no film of the labelled windows")
    blind = [name for label, name in enumerate(train.classes) if label not in train.label]
    if blind:
        raise CannotAnswerError(f"no film of the training horses' {', '.join(blind)}")
    classifier = fit_parts(_film_features, parts=filmed, settings=recipe)
    probability = classifier.probabilities(_film_features(filmed.test))
    note = f"film instead of sensors: teacher features, logistic regression; {len(rows)} of {len(parts.test)} windows"
    return Answer(rows, probability, note)


CONTROLS: dict[str, Control] = {
    "random-init": random_init,
    "spectral": spectral,
    "spectral-svm": spectral_svm,
    "supervised": supervised,
    "teacher": teacher,
}


def _film_features(windows: WindowDataset) -> Float32[Array, "windows dim"]:
    return np.asarray(windows.film[:].numpy(), dtype=np.float32)


def _filmed(windows: WindowDataset) -> WindowDataset:
    return windows.take(np.flatnonzero(windows.has_film.numpy()))
