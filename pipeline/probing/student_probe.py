"""The probe of a frozen student, and the same classifier on whatever other features a contender has."""

from collections.abc import Callable
from dataclasses import replace

from jaxtyping import Float32
from numpy import ndarray as Array
from torch import Tensor

from ..recipe import Recipe
from ..students.student import Student
from .copies import with_copies
from .embed import embed
from .labelled import LabelledWindows
from .linear import LabelledFeatures, LinearClassifier, fit_linear

Featurise = Callable[[LabelledWindows], Float32[Array, "windows dim"]]
"""Takes windows to a row of features each."""


def probe_student(
    student: Student, *, train: LabelledWindows, validation: LabelledWindows, recipe: Recipe
) -> LinearClassifier:
    """The linear probe of a frozen student: fitted on its embeddings, the student left as it is."""
    return fit_features(embedded_by(student), train=train, validation=validation, recipe=recipe, silence=student.mean)


def embedded_by(student: Student) -> Featurise:
    """Windows to the embeddings of a frozen student."""
    return lambda windows: embed(student, windows.imu)


def fit_features(
    featurise: Featurise,
    *,
    train: LabelledWindows,
    validation: LabelledWindows,
    recipe: Recipe,
    silence: Float32[Tensor, "channels"] | None = None,
) -> LinearClassifier:
    """The same classifier, chosen in the same way, on whatever features a contender has.

    Few windows are joined by copies, in which sites that drop out show `silence`, by default these windows' mean.
    """
    taught = with_copies(train, recipe=recipe, silence=silence)
    return fit_linear(
        replace(featured(taught, by=featurise), weight=len(train) / max(len(taught), 1)),
        classes=train.classes,
        settings=recipe.probe,
        validation=featured(validation, by=featurise) if len(validation) else None,
    )


def featured(windows: LabelledWindows, *, by: Featurise) -> LabelledFeatures:
    """Windows as rows of features, with what they are and of whom."""
    return LabelledFeatures(by(windows), windows.label, windows.horse)
