"""The linear probe of a frozen student, and the same classifier on any other features."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from jaxtyping import Float32
from numpy import ndarray as Array
from torch import Tensor

from ..datasets.dataset_split import DatasetSplit
from ..datasets.window_dataset import WindowDataset
from ..students.embedding import embed
from ..students.student import Student
from .linear import LabelledFeatures, LinearClassifier, fit_linear, require_all_classes
from .oversampling import oversample
from .self_training import UnlabelledFeatures, regresses, share_of, with_confident
from .settings import ProbingSettings

Featurise = Callable[[WindowDataset], Float32[Array, "windows dim"]]
"""Computes a row of features for each window."""


def probe_student(student: Student, *, parts: DatasetSplit, settings: ProbingSettings) -> LinearClassifier:
    """The linear probe of a frozen student, fitted on its embeddings; the student is unchanged."""
    return fit_parts(embedded_by(student), parts=parts, settings=settings, fill_value=student.mean)


def embedded_by(student: Student) -> Featurise:
    """Windows to the embeddings of a frozen student."""
    return lambda windows: embed(student, windows.imu)


def computed_once(by: Featurise, *, windows: WindowDataset) -> Featurise:
    """The same way to features, which computes those of these windows at most once."""
    known = cache(lambda: by(windows))
    return lambda asked: known() if asked is windows else by(asked)


def fit_parts(
    featurise: Featurise,
    *,
    parts: DatasetSplit,
    settings: ProbingSettings,
    fill_value: Float32[Tensor, "channels"] | None = None,
) -> LinearClassifier:
    """`fit_features` on the training horses' windows, those without a label too; validation horses choose."""
    others = parts.unlabelled
    return fit_features(
        featurise,
        train=parts.train,
        validation=parts.validation,
        settings=settings,
        fill_value=fill_value,
        unlabelled=None if others is None else unnamed(others, by=featurise),
    )


def fit_features(
    featurise: Featurise,
    *,
    train: WindowDataset,
    validation: WindowDataset,
    settings: ProbingSettings,
    fill_value: Float32[Tensor, "channels"] | None = None,
    unlabelled: UnlabelledFeatures | None = None,
) -> LinearClassifier:
    """The same classifier, selected in the same way, on any features.

    Few windows are oversampled by augmented copies, in which dropped sites show `fill_value`, by default these windows'
    mean. Where more windows are unlabelled than labelled, it is refitted with those that it classifies with the largest
    margin, unless it then regresses on the labelled windows.
    """
    require_all_classes(train.label, classes=train.classes)
    copied = oversample(train, settings=settings, fill_value=fill_value)
    augmented = replace(featured(copied, by=featurise), weight=len(train) / max(len(copied), 1))
    validation_features = featured(validation, by=featurise) if len(validation) else None
    fit = partial(fit_linear, classes=train.classes, settings=settings.probe, validation=validation_features)
    first = fit(augmented)
    if not unlabelled or not (share := share_of(len(unlabelled), labelled=len(train), settings=settings.probe)):
        return first
    known = LabelledFeatures(augmented.features[: len(train)], train.label, train.horse)  # without copies
    joined = with_confident(known, unlabelled=unlabelled, first=first, share=share)
    refitted = replace(fit(joined), self_taught=len(joined.label) - len(train))
    return first if regresses(refitted, first=first, labelled=augmented) else refitted


def featured(windows: WindowDataset, *, by: Featurise) -> LabelledFeatures:
    """Windows as rows of features, with label and horse."""
    return LabelledFeatures(by(windows), windows.label, windows.horse)


def unnamed(windows: WindowDataset, *, by: Featurise) -> UnlabelledFeatures:
    """Windows as rows of features, with their horse and without labels."""
    return UnlabelledFeatures(by(windows), windows.horse)
