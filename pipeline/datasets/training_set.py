"""The training set: which windows train and which choose the checkpoint, in memory or, past its limit, in the cache."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...data.errors import BadInput
from ...data.splits import Split, SplitSpec, split_horses
from ..runtime.formatting import counted
from .loading import exceeds_memory, memory_windows, open_recordings
from .settings import DatasetSettings
from .streaming import StreamingDataset, TrainingNeeds, index_recordings
from .window_dataset import WindowDataset, digest_of

MOST_VALIDATION = 4096
"""Windows that choose the checkpoint: a validation costs as much in every yard, and ranks are among as many."""


@dataclass(frozen=True)
class TrainingSet:
    """What a run learns from."""

    train: WindowDataset | StreamingDataset
    """Windows of the training horses."""
    validation: WindowDataset
    """Windows of the horses that choose the checkpoint: all, or MOST_VALIDATION of them."""
    facts: dict[str, Any]
    """Where they come from, for the checkpoint."""
    content: str
    """SHA-256 of both: a resumed run must find the same."""

    def summary(self, *, subject: str) -> str:
        """Who trains, who chooses and who is left, in a line; `subject` is what one of them is called."""
        horses = self.facts["horses"]
        return (
            f"{len(self.train)} windows of {counted(len(horses['train']), subject)} train; {len(self.validation)} of "
            f"{_names(horses['validation'])} choose the checkpoint; left for scores: {_names(horses['test'])}"
        )


def open_training_set(cache: str | Path, *, settings: DatasetSettings, needs: TrainingNeeds, run: Path) -> TrainingSet:
    """The windows of a cache: all in memory, unless they would take more than `needs.memory_gib`."""
    recordings = open_recordings(cache, settings=settings)
    if not exceeds_memory(recordings, memory_gib=needs.memory_gib):
        windows = memory_windows(recordings)
        return training_set(windows, split=settings.split, needs_film=needs.needs_film, run=run)
    indexed, horses = index_recordings(recordings, needs=needs)
    split = split_horses(horses, spec=settings.split)
    train, validating = indexed.of(split.train), indexed.of(split.validation)
    _check_enough(len(train), split=split, run=run)
    content = hashlib.sha256(f"{train.digest} {validating.digest}".encode()).hexdigest()
    most = min(MOST_VALIDATION, indexed.validation_capacity)
    validation = indexed.windows.of(split.validation).thinned(most).cut_out()
    return TrainingSet(train, validation, facts=_facts(indexed.windows, split=split), content=content)


def training_set(windows: WindowDataset, *, split: SplitSpec, needs_film: bool, run: Path) -> TrainingSet:
    """The same of windows that are in memory already."""
    found = split_horses(windows.horses, spec=split)
    usable = windows.filmed() if needs_film else windows.without_film()
    train, validation = usable.of(found.train), usable.of(found.validation)
    _check_enough(len(train), split=found, run=run)
    facts, content = _facts(windows, split=found), digest_of(train, validation)
    return TrainingSet(train, validation.thinned(MOST_VALIDATION), facts=facts, content=content)


def _names(horses: Sequence[str]) -> str:
    return ", ".join(horses) or "nobody"


def _check_enough(windows: int, *, split: Split, run: Path) -> None:
    if windows < 2:
        raise BadInput(
            run,
            found=f"{windows} windows with film among the training horses {', '.join(split.train)}",
            expected="sensors and film of the same time",
            remedy="Run `extract-teacher` on recordings with film, or check their clocks.",
        )


def _facts(windows: WindowDataset, *, split: Split) -> dict[str, Any]:
    """What a checkpoint says about where it comes from."""
    return {
        "sites": list(windows.sites),
        "labels": list(windows.classes),
        "teacher": windows.teacher,
        "horses": {"train": list(split.train), "validation": list(split.validation), "test": list(split.test)},
    }
