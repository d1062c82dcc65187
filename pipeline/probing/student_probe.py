"""The probe of a frozen student, and the same classifier on whatever other features a contender has."""

from collections.abc import Callable

from jaxtyping import Float32
from numpy import ndarray as Array
from torch import nn

from ..recipe import Recipe
from .embed import embed
from .labelled import LabelledWindows
from .linear import LabelledFeatures, LinearClassifier, fit_linear

Featurise = Callable[[LabelledWindows], Float32[Array, "windows dim"]]
"""Takes windows to a row of features each."""


def probe_student(
    student: nn.Module, *, train: LabelledWindows, validation: LabelledWindows, recipe: Recipe
) -> LinearClassifier:
    """The linear probe of a frozen student: fitted on its embeddings, the student left as it is."""
    return fit_features(lambda windows: embed(student, windows.imu), train=train, validation=validation, recipe=recipe)


def fit_features(
    featurise: Featurise, *, train: LabelledWindows, validation: LabelledWindows, recipe: Recipe
) -> LinearClassifier:
    """The same classifier, chosen in the same way, on whatever features a contender has."""

    def featured(windows: LabelledWindows) -> LabelledFeatures:
        return LabelledFeatures(featurise(windows), windows.label, windows.horse)

    return fit_linear(
        featured(train),
        classes=train.classes,
        settings=recipe.probe,
        validation=featured(validation) if len(validation) else None,
    )
