"""The gaits of recordings by their film: a linear classifier on the teacher's features, beside that of the sensors."""

from collections.abc import Collection
from functools import lru_cache

import numpy as np
from jaxtyping import Float32
from numpy import ndarray as Array

from ..datasets.window_dataset import WindowDataset
from .inputs import ProbeInputs
from .linear import LabelledFeatures, LinearClassifier, fit_linear
from .settings import ProbingSettings


def film_features(windows: WindowDataset) -> Float32[Array, "windows dim"]:
    """The teacher's feature of each window."""
    return np.asarray(windows.film[:].numpy(), dtype=np.float32)


def filmed_features(windows: WindowDataset) -> LabelledFeatures:
    """The teacher's features of the windows that have film, with label and horse."""
    filmed = windows.filmed()
    return LabelledFeatures(film_features(filmed), filmed.label, filmed.horse)


def fit_film_probe(inputs: ProbeInputs[ProbingSettings], *, without: Collection[str]) -> LinearClassifier | None:
    """A linear classifier of film features, fitted to the labelled windows of the training horses but some.

    None where their films do not show every class.
    """
    parts, settings = inputs.parts, inputs.settings
    train = filmed_features(parts.train.of(set(parts.train.horses) - set(without)))
    validation = filmed_features(parts.validation.of(set(parts.validation.horses) - set(without)))
    if set(train.label.tolist()) != set(range(len(parts.train.classes))):
        return None
    return fit_linear(
        train,
        classes=parts.train.classes,
        settings=settings.probe,
        validation=validation if len(validation.label) else None,
    )


class FilmProbes:
    """What the films of a cache show, each recording by a classifier that has not learned from its horse."""

    def __init__(self, inputs: ProbeInputs[ProbingSettings]) -> None:
        """Fits nothing yet."""
        self._inputs = inputs
        self._of_horse = lru_cache(maxsize=None)(lambda horse: fit_film_probe(inputs, without=(horse,)))

    def of(self, recording: str) -> tuple[WindowDataset, LinearClassifier, np.ndarray] | None:
        """The filmed windows of a recording, the classifier, and its probabilities; None where there is no such."""
        windows = self._inputs.windows
        windows = windows.take(np.array([name == recording for name in windows.recording], dtype=bool)).filmed()
        classifier = self._of_horse(windows.horse[0]) if len(windows) else None
        if classifier is None:
            return None
        return windows, classifier, classifier.probabilities(film_features(windows))
