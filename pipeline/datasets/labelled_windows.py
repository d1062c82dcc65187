"""Labelled windows of disjoint sets of horses: what every contender learns from and is scored on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int64
from numpy import ndarray as Array
from torch import Tensor

from ...data.errors import BadInput
from ...data.recording import UNLABELLED
from .window_dataset import Corpus

POOL_WINDOWS = 2000
"""Windows of the training horses, labelled or not, that a partition keeps at most: a thousand did as well."""


@runtime_checkable
class Windows(Protocol):
    """What features are made from: windows of a corpus, or labelled ones."""

    @property
    def imu(self) -> Float32[Tensor, "windows channels steps"]:
        """Site by site ax ay az (m/s^2) gx gy gz (rad/s)."""
        ...

    @property
    def film(self) -> Float32[Tensor, "windows dim"]:
        """Mean of the teacher's clips inside the window."""
        ...


@dataclass(frozen=True)
class LabelledWindows:
    """Windows of the classes asked for, in the order of recordings and then of time."""

    classes: tuple[str, ...]
    """What `label` counts in."""
    imu: Float32[Tensor, "windows channels steps"] = field(repr=False)
    """Site by site ax ay az (m/s^2) gx gy gz (rad/s)."""
    film: Float32[Tensor, "windows dim"] = field(repr=False)
    """Mean of the teacher's clips inside the window; NaN where there are none."""
    has_film: Bool[Tensor, "windows"] = field(repr=False)
    """Whether at least one clip lies inside the window."""
    label: Int64[Array, "windows"] = field(repr=False)
    """Index into `classes`."""
    horse: tuple[str, ...] = field(repr=False)
    """Who was recorded, per window."""
    recording: tuple[str, ...] = field(repr=False)
    """Id of the recording, per window."""

    def __len__(self) -> int:
        return len(self.label)

    @property
    def horses(self) -> tuple[str, ...]:
        """Every horse once, sorted."""
        return tuple(sorted(set(self.horse)))

    def take(self, rows: Int64[Array, "chosen"]) -> "LabelledWindows":
        """The windows of these row numbers, in this order."""
        index = torch.from_numpy(rows)
        return replace(
            self,
            imu=self.imu[index],
            film=self.film[index],
            has_film=self.has_film[index],
            label=self.label[rows],
            horse=tuple(self.horse[row] for row in rows.tolist()),
            recording=tuple(self.recording[row] for row in rows.tolist()),
        )


@dataclass(frozen=True)
class Partition:
    """Three sets of windows of which no horse is in two."""

    train: LabelledWindows
    """What is learned from."""
    validation: LabelledWindows
    """What chooses penalties, temperatures and when to stop; may be empty."""
    test: LabelledWindows
    """What is scored, and seen by nothing before."""
    pool: Corpus = field(repr=False)
    """Windows of the training horses, whatever they are labelled as, evenly thinned."""

    @property
    def unlabelled(self) -> Corpus | None:
        """Those of the pool that nobody has labelled, neither as a class nor as another activity or a transition; None
        where there are none."""
        silent = self.pool.label == UNLABELLED
        return self.pool.take(silent) if bool(silent.any()) else None

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


def labelled_windows(corpus: Corpus, *, classes: Sequence[str], horses: Collection[str]) -> LabelledWindows:
    """The windows of these horses that carry one of these labels; others, and unlabelled ones, are left out."""
    number = {corpus.labels.index(name): index for index, name in enumerate(classes) if name in corpus.labels}
    wanted = frozenset(horses)
    rows = [
        row
        for row, (label, horse) in enumerate(zip(corpus.label.tolist(), corpus.horse, strict=True))
        if label in number and horse in wanted
    ]
    chosen = corpus.take(torch.tensor(rows, dtype=torch.int64))
    label = np.array([number[label] for label in chosen.label.tolist()], dtype=np.int64)
    return LabelledWindows(
        tuple(classes), chosen.imu, chosen.film, chosen.has_film, label, chosen.horse, chosen.recording
    )


def partition(
    corpus: Corpus,
    *,
    classes: Sequence[str],
    train: Collection[str],
    validation: Collection[str],
    test: Collection[str],
) -> Partition:
    """The labelled windows of the three sets of horses."""
    return Partition(
        train=labelled_windows(corpus, classes=classes, horses=train),
        validation=labelled_windows(corpus, classes=classes, horses=validation),
        test=labelled_windows(corpus, classes=classes, horses=test),
        pool=_thinned(corpus, horses=train),
    )


def _thinned(corpus: Corpus, *, horses: Collection[str]) -> Corpus:
    """Windows of these horses, POOL_WINDOWS of them at most, evenly over recordings and time."""
    wanted = frozenset(horses)
    rows = [row for row, horse in enumerate(corpus.horse) if horse in wanted]
    kept = np.linspace(0, len(rows) - 1, min(len(rows), POOL_WINDOWS)).round().astype(np.int64)
    return corpus.take(torch.tensor(rows, dtype=torch.int64)[torch.from_numpy(kept)])
