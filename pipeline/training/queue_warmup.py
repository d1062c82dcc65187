"""Queue warm-up: training windows whose films fill a queue are left out of the first epoch, as in COMODO."""

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
from ..runtime.seeds import generator_for
from .model import Model
from .settings import TrainingSettings


class WarmupBatches(Batches):
    """Batches whose first epoch leaves out the windows `queue_rows`, whose films fill the queue."""

    def __init__(self, windows: WindowDataset, *, queue_size: int, settings: BatchSettings) -> None:
        super().__init__(windows, settings=settings)
        order = torch.randperm(len(windows), generator=generator_for("queue", settings.seed)).to(settings.device)
        self.queue_rows, self._others = order[:queue_size], order[queue_size:]
        self._first_steps = len(self._others) // self.batch

    def rows(self, step: int) -> Int64[Tensor, "batch"]:
        """Which windows step number `step` (from 0) sees."""
        if step >= self._first_steps:
            return super().rows(step - self._first_steps + self.steps_per_epoch)
        return self._others[step * self.batch : (step + 1) * self.batch]


def training_batches(
    train: WindowDataset | StreamingDataset, *, settings: TrainingSettings, device: torch.device
) -> BatchSource:
    """The batches of a run; refused for a training set smaller than its queue, or not in memory with one."""
    queue_size = _queue_size(settings.objective)
    if queue_size > len(train):
        raise BadInput(
            "objective.size",
            found=f"a queue of {queue_size} films and {len(train)} training windows",
            expected="at least as many windows as the queue holds",
            remedy=f"Set the queue's size to {len(train) // 2} or less.",
        )
    drawn = BatchSettings(
        batch=settings.train.batch,
        seed=settings.seed,
        window_seconds=settings.window_seconds,
        device=device,
        jitter_steps=settings.augment.jitter_steps,
        steps=settings.train.steps,
    )
    if isinstance(train, StreamingDataset):
        _check_no_queue(queue_size)
        return StreamingBatches(train, settings=drawn)
    return WarmupBatches(train, queue_size=queue_size, settings=drawn) if queue_size else Batches(train, settings=drawn)


def _check_no_queue(queue_size: int) -> None:
    if queue_size:
        raise BadInput(
            "objective.size",
            found=f"a queue of {queue_size} films, and more windows than train.memory_gib allows",
            expected="all windows in memory: those that fill the queue are left out of the first epoch",
            remedy="Raise train.memory_gib, or take an objective without a queue.",
        )


@torch.no_grad()
def fill_queues(model: Model, *, batches: BatchSource) -> None:
    """Fill the model's queue, if it has one, with the films of the windows `queue_rows`."""
    if not isinstance(batches, WarmupBatches):
        return
    training = model.training
    model.eval()
    film = model.heads.project_film(batches.film[batches.queue_rows])
    model.train(training)
    for module in model.objective.modules():
        if isinstance(module, Queue):
            module.fill(film)


def _queue_size(settings: AnyObjective) -> int:
    terms = settings.terms if isinstance(settings, SumSettings) else (settings,)
    return next((term.size for term in terms if isinstance(term, QueueSettings)), 0)
