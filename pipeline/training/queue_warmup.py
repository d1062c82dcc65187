"""Queues before the first step: training windows whose films fill them sit out the first epoch, as in COMODO."""

from typing import TypedDict

import torch
from jaxtyping import Int64
from torch import Tensor

from ...data.errors import BadInput
from ..datasets.batches import Batches, BatchSource
from ..datasets.streaming import Shards
from ..datasets.streaming_batches import ShardBatches
from ..datasets.window_dataset import Corpus
from ..objectives.queue import Queue
from ..objectives.settings import AnyObjective, QueueSettings, SumSettings
from ..recipe import Recipe
from ..runtime.seeds import generator_for
from .model import Model


class SeededBatches(Batches):
    """Batches whose first epoch leaves out the windows that filled a queue: their own films are in it already."""

    def __init__(
        self,
        corpus: Corpus,
        *,
        seeds: int,
        batch: int,
        seed: int,
        window_seconds: float,
        device: torch.device,
        jitter_steps: int = 0,
    ) -> None:
        super().__init__(
            corpus,
            batch=batch,
            seed=seed,
            window_seconds=window_seconds,
            device=device,
            jitter_steps=jitter_steps,
        )
        order = torch.randperm(len(corpus), generator=generator_for("queue", seed)).to(device)
        self.seeds, self._others = order[:seeds], order[seeds:]
        self._first_steps = len(self._others) // self.batch

    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """Which windows step number `step` (from 0) sees."""
        if step >= self._first_steps:
            return super().rows(step - self._first_steps + self.steps_per_epoch)
        return self._others[step * self.batch : (step + 1) * self.batch]


def training_batches(train: Corpus | Shards, *, recipe: Recipe, device: torch.device) -> BatchSource:
    """The batches of a run; a training set smaller than the recipe's queue is refused, and one past memory with any."""
    seeds = _queue_size(recipe.objective)
    if seeds > len(train):
        raise BadInput(
            "objective.size",
            found=f"a queue of {seeds} films and {len(train)} training windows",
            expected="at least as many windows as the queue holds",
            remedy=f"Set the queue's size to {len(train) // 2} or less.",
        )
    told = _Told(batch=recipe.train.batch, seed=recipe.seed, window_seconds=recipe.window_seconds, device=device)
    jitter_steps = recipe.augment.jitter_steps
    if isinstance(train, Shards):
        _check_no_queue(seeds)
        return ShardBatches(train, jitter_steps=jitter_steps, **told)
    if seeds:
        return SeededBatches(train, seeds=seeds, jitter_steps=jitter_steps, **told)
    return Batches(train, jitter_steps=jitter_steps, **told)


class _Told(TypedDict):
    """What every kind of batches is told."""

    batch: int
    seed: int
    window_seconds: float
    device: torch.device


def _check_no_queue(seeds: int) -> None:
    if seeds:
        raise BadInput(
            "objective.size",
            found=f"a queue of {seeds} films, and more windows than train.memory_gib allows",
            expected="all windows in memory: those that fill the queue sit out the first epoch",
            remedy="Raise train.memory_gib, or take an objective without a queue.",
        )


@torch.no_grad()
def fill_queues(model: Model, *, batches: BatchSource) -> None:
    """Fills the model's queue, if it has one, with the films of the windows that sit out."""
    if not isinstance(batches, SeededBatches):
        return
    training = model.training
    model.eval()
    film = model.heads.project_film(batches.film[batches.seeds])
    model.train(training)
    for module in model.objective.modules():
        if isinstance(module, Queue):
            module.fill(film)


def _queue_size(settings: AnyObjective) -> int:
    terms = settings.terms if isinstance(settings, SumSettings) else (settings,)
    return next((term.size for term in terms if isinstance(term, QueueSettings)), 0)
