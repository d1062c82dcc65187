"""What probe and evaluate work on: a run's model, and the windows that its recipe sets aside to learn and score."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ...data.errors import BadInput
from ...data.splits import Split, split_horses
from ..datasets.labelled_windows import Partition, partition
from ..datasets.window_dataset import Corpus, load_corpus
from ..recipe import Recipe
from ..run_recipe import load_run_recipe
from ..runtime.device import choose_device
from ..training.checkpoint import read_facts
from ..training.model import Model
from ..training.run import Run, load_model


@dataclass(frozen=True)
class Material:
    """A run, and the cache as its recipe divides it."""

    recipe: Recipe
    """What the run was made from."""
    model: Model
    """Its best model, in evaluation mode, on the recipe's device."""
    facts: dict[str, Any]
    """What the checkpoint says about where it comes from."""
    corpus: Corpus
    """All valid windows of the cache."""
    split: Split
    """Horses of the three parts."""
    parts: Partition
    """Their labelled windows."""


def run_material(cache: str | Path, *, run: Path, overrides: Sequence[str] = ()) -> Material:
    """Opens a run and a cache together; refused when the run has learned from horses that would be scored."""
    recipe = load_run_recipe(run, overrides=overrides)
    model = load_model(run).to(choose_device(recipe.train.device, setting="train.device"))
    if recipe.train.threads is not None:
        torch.set_num_threads(recipe.train.threads)
    facts = read_facts(Run(run).checkpoint)
    corpus = load_corpus(cache, recipe=recipe)
    split = split_horses(corpus.horses, spec=recipe.split)
    _refuse_seen_horses(run, facts=facts, split=split)
    parts = partition(
        corpus, classes=recipe.probe.classes, train=split.train, validation=split.validation, test=split.test
    )
    return Material(recipe, model.eval(), facts, corpus, split, parts)


def _refuse_seen_horses(run: Path, *, facts: dict[str, Any], split: Split) -> None:
    seen = set(facts["horses"]["train"]) | set(facts["horses"]["validation"])
    shared = sorted(seen & set(split.test))
    if shared:
        raise BadInput(
            run,
            found=f"test horses that the run has learned from: {', '.join(shared)}",
            expected="horses that the run has not seen",
            remedy="Has the cache gained horses since? Name split.test in the recipe, or pretrain into a new folder.",
        )
