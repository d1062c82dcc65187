"""Labelled windows of disjoint sets of horses: what every classifier learns from and is scored on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...data.errors import BadInput
from ...data.recording import UNLABELLED
from .window_dataset import WindowDataset

POOL_WINDOWS = 2000
"""Windows of the training horses, labelled or not, that a split keeps at most: a thousand did as well."""


@dataclass(frozen=True)
class DatasetSplit:
    """Three sets of windows of which no horse is in two."""

    train: WindowDataset
    """What is learned from."""
    validation: WindowDataset
    """What chooses penalties, temperatures and when to stop; may be empty."""
    test: WindowDataset
    """What is scored; nothing is fitted or chosen on it."""
    pool: WindowDataset = field(repr=False)
    """Windows of the training horses, whatever they are labelled as, evenly thinned."""

    @property
    def unlabelled(self) -> WindowDataset | None:
        """Those of the pool that nobody has labelled, neither as a class nor as another activity or a transition; None
        where there are none."""
        unlabelled = self.pool.label == UNLABELLED
        return self.pool.take(unlabelled) if bool(unlabelled.any()) else None

    def __post_init__(self) -> None:
        parts = {"training": self.train, "validation": self.validation, "test": self.test}
        for first, second in (("training", "test"), ("validation", "test"), ("training", "validation")):
            shared = sorted(set(parts[first].horses) & set(parts[second].horses))
            if shared:
                raise BadInput(
                    "split",
                    found=f"{', '.join(shared)} among both the {first} and the {second} horses",
                    expected="every horse on one side",
                    remedy="Correct the recipe's split: scores on horses already seen are worth nothing.",
                )


def windows_of_classes(windows: WindowDataset, *, classes: Sequence[str], horses: Collection[str]) -> WindowDataset:
    """A view of the windows of these horses that carry one of these labels, which become its classes.

    `label` counts in these classes from here on, no longer in all labels of the cache.
    """
    number = np.full(len(windows.classes), -1)
    for index, name in enumerate(classes):
        if name in windows.classes:
            number[windows.classes.index(name)] = index
    label = np.where(windows.label >= 0, number[np.maximum(windows.label, 0)], -1).astype(np.int64)
    wanted = frozenset(horses)
    of_horse = np.array([horse in wanted for horse in windows.horse], dtype=bool)
    rows = np.flatnonzero((label >= 0) & of_horse)
    return replace(windows.take(rows), label=label[rows], classes=tuple(classes))


def split_windows(
    windows: WindowDataset,
    *,
    classes: Sequence[str],
    train: Collection[str],
    validation: Collection[str],
    test: Collection[str],
) -> DatasetSplit:
    """The labelled windows of the three sets of horses."""
    return DatasetSplit(
        train=windows_of_classes(windows, classes=classes, horses=train),
        validation=windows_of_classes(windows, classes=classes, horses=validation),
        test=windows_of_classes(windows, classes=classes, horses=test),
        pool=_thinned(windows, horses=train),
    )


def _thinned(windows: WindowDataset, *, horses: Collection[str]) -> WindowDataset:
    """Windows of these horses, POOL_WINDOWS of them at most, evenly over recordings and time."""
    wanted = frozenset(horses)
    rows = np.flatnonzero([horse in wanted for horse in windows.horse])
    kept = np.linspace(0, len(rows) - 1, min(len(rows), POOL_WINDOWS)).round().astype(np.int64)
    return windows.take(rows[kept])
