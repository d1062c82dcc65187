"""Queues before the first step: training windows whose films fill them sit out the first epoch, as in COMODO."""

import torch
from jaxtyping import Int64
from torch import Tensor

from ...data.errors import BadInput
from ..datasets.batches import Batches, BatchSettings, BatchSource
from ..datasets.streaming import StreamingDataset
from ..datasets.streaming_batches import StreamingBatches
from ..datasets.window_dataset import WindowDataset
from ..objectives.queue import Queue
from ..objectives.settings import AnyObjective, QueueSettings, SumSettings
from ..recipe import Recipe
from ..runtime.seeds import generator_for
from .model import Model


class SeededBatches(Batches):
    """Batches whose first epoch leaves out the windows that filled a queue: their own films are in it already."""

    def __init__(self, windows: WindowDataset, *, seeds: int, settings: BatchSettings) -> None:
        super().__init__(windows, settings=settings)
        order = torch.randperm(len(windows), generator=generator_for("queue", settings.seed)).to(settings.device)
        self.seeds, self._others = order[:seeds], order[seeds:]
        self._first_steps = len(self._others) // self.batch

    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """Which windows step number `step` (from 0) sees."""
        if step >= self._first_steps:
            return super().rows(step - self._first_steps + self.steps_per_epoch)
        return self._others[step * self.batch : (step + 1) * self.batch]


def training_batches(train: WindowDataset | StreamingDataset, *, recipe: Recipe, device: torch.device) -> BatchSource:
    """The batches of a run; a training set smaller than the recipe's queue is refused, and one past memory with any."""
    seeds = _queue_size(recipe.objective)
    if seeds > len(train):
        raise BadInput(
            "objective.size",
            found=f"a queue of {seeds} films and {len(train)} training windows",
            expected="at least as many windows as the queue holds",
            remedy=f"Set the queue's size to {len(train) // 2} or less.",
        )
    settings = BatchSettings(
        batch=recipe.train.batch,
        seed=recipe.seed,
        window_seconds=recipe.window_seconds,
        device=device,
        jitter_steps=recipe.augment.jitter_steps,
    )
    if isinstance(train, StreamingDataset):
        _check_no_queue(seeds)
        return StreamingBatches(train, settings=settings)
    return SeededBatches(train, seeds=seeds, settings=settings) if seeds else Batches(train, settings=settings)


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
