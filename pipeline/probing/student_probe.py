"""The probe of a frozen student, and the same classifier on whatever other features a contender has."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from jaxtyping import Float32
from numpy import ndarray as Array
from torch import Tensor

from ..datasets.dataset_split import DatasetSplit
from ..datasets.window_dataset import WindowDataset
from ..recipe import Recipe
from ..students.embedding import embed
from ..students.student import Student
from .linear import LabelledFeatures, LinearClassifier, fit_linear, require_all_classes
from .oversampling import oversample
from .self_training import UnlabelledFeatures, forgets, share_of, with_surest

Featurise = Callable[[WindowDataset], Float32[Array, "windows dim"]]
"""Takes windows to a row of features each."""


def probe_student(student: Student, *, parts: DatasetSplit, recipe: Recipe) -> LinearClassifier:
    """The linear probe of a frozen student: fitted on its embeddings, the student left as it is."""
    return fit_parts(embedded_by(student), parts=parts, recipe=recipe, silence=student.mean)


def embedded_by(student: Student) -> Featurise:
    """Windows to the embeddings of a frozen student."""
    return lambda windows: embed(student, windows.imu)


def fit_parts(
    featurise: Featurise, *, parts: DatasetSplit, recipe: Recipe, silence: Float32[Tensor, "channels"] | None = None
) -> LinearClassifier:
    """`fit_features` on the training horses' windows, those without a label too; validation horses choose."""
    others = parts.unlabelled
    return fit_features(
        featurise,
        train=parts.train,
        validation=parts.validation,
        recipe=recipe,
        silence=silence,
        unlabelled=None if others is None else unnamed(others, by=featurise),
    )


def fit_features(
    featurise: Featurise,
    *,
    train: WindowDataset,
    validation: WindowDataset,
    recipe: Recipe,
    silence: Float32[Tensor, "channels"] | None = None,
    unlabelled: UnlabelledFeatures | None = None,
) -> LinearClassifier:
    """The same classifier, chosen in the same way, on whatever features a contender has.

    Few windows are joined by copies, in which sites that drop out show `silence`, by default these windows' mean. Where
    more windows are unlabelled than labelled, it is fitted anew with those that it is surest of, unless it then forgets
    what the labels said.
    """
    require_all_classes(train.label, classes=train.classes)
    copied = oversample(train, settings=recipe, fill_value=silence)
    taught = replace(featured(copied, by=featurise), weight=len(train) / max(len(copied), 1))
    watched = featured(validation, by=featurise) if len(validation) else None
    fit = partial(fit_linear, classes=train.classes, settings=recipe.probe, validation=watched)
    first = fit(taught)
    if not unlabelled or not (share := share_of(len(unlabelled), labelled=len(train), settings=recipe.probe)):
        return first
    known = LabelledFeatures(taught.features[: len(train)], train.label, train.horse)  # without copies
    joined = with_surest(known, unlabelled=unlabelled, first=first, share=share)
    anew = replace(fit(joined), self_taught=len(joined.label) - len(train))
    return first if forgets(anew, first=first, taught=taught) else anew


def featured(windows: WindowDataset, *, by: Featurise) -> LabelledFeatures:
    """Windows as rows of features, with what they are and of whom."""
    return LabelledFeatures(by(windows), windows.label, windows.horse)


def unnamed(windows: WindowDataset, *, by: Featurise) -> UnlabelledFeatures:
    """Windows as rows of features, with whom they are of and not a word of what they are."""
    return UnlabelledFeatures(by(windows), windows.horse)
