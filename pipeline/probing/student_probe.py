"""The linear probe of a frozen student, and the same classifier on any other features."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from jaxtyping import Float32
from numpy import ndarray as Array
from torch import Tensor, nn

from ..datasets.dataset_split import DatasetSplit
from ..datasets.window_dataset import WindowDataset
from ..students.embedding import embed
from ..students.joined_features import STUDENT, JoinedFeatures
from ..students.student import Student
from .linear import FeatureBlock, LabelledFeatures, LinearClassifier, require_all_classes
from .opinion_pool import fit_pool
from .oversampling import oversample
from .self_training import UnlabelledFeatures, regresses, share_of, with_confident
from .settings import ProbingSettings


@dataclass(frozen=True)
class Featurise:
    """Computes a row of features for each window."""

    compute: Callable[[WindowDataset], Float32[Array, "windows dim"]]
    """Windows to their features."""
    blocks: tuple[FeatureBlock, ...] = ()
    """Where the columns come from, in order; empty where all are of one kind."""

    def __call__(self, windows: WindowDataset) -> Float32[Array, "windows dim"]:
        """The features of these windows."""
        return self.compute(windows)


def embedded_by(student: Student) -> Featurise:
    """Windows to the embeddings of a frozen student."""
    return Featurise(lambda windows: embed(student, windows.imu))


def joined_by(student: Student, *, settings: ProbingSettings) -> Featurise:
    """Windows to the embeddings of a frozen student, and beside them the features of `probe.features`."""
    if not settings.probe.features:
        return embedded_by(student)
    network = JoinedFeatures(student, blocks=settings.probe.features, rate_hz=settings.grid.rate_hz)
    blocks = tuple(FeatureBlock(name, width) for name, width in network.widths.items())
    return Featurise(lambda windows: embed(network, windows.imu), blocks)


def network_of(student: Student, *, classifier: LinearClassifier, rate_hz: float) -> nn.Module:
    """The network that gives the features which this classifier of a student reads."""
    others = [block.name for block in classifier.blocks if block.name != STUDENT]
    return JoinedFeatures(student, blocks=others, rate_hz=rate_hz) if others else student


def computed_once(by: Featurise, *, windows: WindowDataset) -> Featurise:
    """The same way to features, which computes those of these windows at most once."""
    known = cache(lambda: by(windows))
    return replace(by, compute=lambda asked: known() if asked is windows else by(asked))


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
    fit = partial(fit_pool, classes=train.classes, settings=settings.probe, validation=validation_features)
    first = fit(augmented)
    if not unlabelled or not (share := share_of(len(unlabelled), labelled=len(train), settings=settings.probe)):
        return first
    rows = augmented.features[: len(train)]  # without copies
    known = LabelledFeatures(rows, train.label, train.horse, blocks=featurise.blocks)
    joined = with_confident(known, unlabelled=unlabelled, first=first, share=share)
    refitted = replace(fit(joined), self_taught=len(joined.label) - len(train))
    return first if regresses(refitted, first=first, labelled=augmented) else refitted


def featured(windows: WindowDataset, *, by: Featurise) -> LabelledFeatures:
    """Windows as rows of features, with label and horse."""
    return LabelledFeatures(by(windows), windows.label, windows.horse, blocks=by.blocks)


def unnamed(windows: WindowDataset, *, by: Featurise) -> UnlabelledFeatures:
    """Windows as rows of features, with their horse and without labels."""
    return UnlabelledFeatures(by(windows), windows.horse)
