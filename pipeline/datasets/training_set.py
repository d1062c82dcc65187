"""The training set: which windows teach and which choose the checkpoint, in memory or, past its limit, in the cache."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...data.errors import BadInput
from ...data.splits import Split, split_horses
from ..recipe import Recipe
from ..runtime.formatting import counted
from .streaming import Shards, digest_of, exceeds_memory, joined, survey
from .window_dataset import Corpus, Recordings, corpus_of, open_recordings, without_film


@dataclass(frozen=True)
class TrainingSet:
    """What a run learns from."""

    train: Corpus | Shards
    """Windows of the training horses."""
    validation: Corpus
    """Windows of the horses that choose the checkpoint, in memory."""
    facts: dict[str, Any]
    """Where they come from, for the checkpoint."""
    content: str
    """SHA-256 of both: a resumed run must find the same."""

    def __str__(self) -> str:
        horses = self.facts["horses"]
        return (
            f"{len(self.train)} windows of {counted(len(horses['train']), 'horse')} teach; {len(self.validation)} of "
            f"{_names(horses['validation'])} choose the checkpoint; left for scores: {_names(horses['test'])}"
        )


def open_training_set(cache: str | Path, *, recipe: Recipe, run: Path) -> TrainingSet:
    """The windows of a cache: all in memory, unless they would take more than `train.memory_gib`."""
    recordings = open_recordings(cache, recipe=recipe)
    if exceeds_memory(recordings):
        return _from_cache(recordings, run=run)
    return training_set(corpus_of(recordings.read_all()), recipe=recipe, run=run)


def training_set(corpus: Corpus, *, recipe: Recipe, run: Path) -> TrainingSet:
    """The same of windows that are in memory already."""
    split = split_horses(corpus.horses, spec=recipe.split)
    usable = corpus.filmed() if recipe.objective.needs_film else without_film(corpus)
    train, validation = usable.of(split.train), usable.of(split.validation)
    _check_enough(len(train), split=split, run=run)
    return TrainingSet(train, validation, facts=_facts(corpus, split=split), content=digest_of(train, validation))


def _from_cache(recordings: Recordings, *, run: Path) -> TrainingSet:
    shards, horses = survey(recordings)
    split = split_horses(horses, spec=recordings.recipe.split)
    train, validating = shards.of(split.train), shards.of(split.validation)
    _check_enough(len(train), split=split, run=run)
    validation = joined([validating.read(number) for number in range(len(validating.shards))] or [_none_of(train)])
    facts = _facts(shards.sample, split=split)
    content = hashlib.sha256(f"{train.digest} {digest_of(validation)}".encode()).hexdigest()
    return TrainingSet(train, validation, facts=facts, content=content)


def _names(horses: Sequence[str]) -> str:
    return ", ".join(horses) or "nobody"


def _none_of(train: Shards) -> Corpus:
    sample = train.shards[0].sample
    return sample.of(())


def _check_enough(windows: int, *, split: Split, run: Path) -> None:
    if windows < 2:
        raise BadInput(
            run,
            found=f"{windows} windows with film among the training horses {', '.join(split.train)}",
            expected="sensors and film of the same time",
            remedy="Run `extract-teacher` on recordings with film, or check their clocks.",
        )


def _facts(corpus: Corpus, *, split: Split) -> dict[str, Any]:
    """What a checkpoint says about where it comes from."""
    return {
        "sites": list(corpus.sites),
        "labels": list(corpus.labels),
        "teacher": corpus.teacher,
        "horses": {"train": list(split.train), "validation": list(split.validation), "test": list(split.test)},
    }
