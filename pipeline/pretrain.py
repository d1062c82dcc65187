"""Pretraining: a student learns to match sensor windows with the teacher's features of their film."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from ..data.errors import BadInput, first_line
from .datasets.streaming import TrainingNeeds
from .datasets.training_set import TrainingSet, open_training_set, training_set
from .datasets.window_dataset import WindowDataset
from .recipe import Recipe, open_run
from .runtime.device import choose_device, tensor_float32
from .runtime.process_group import ProcessGroup, init_distributed, take_own_gpu
from .training.loop import TrainingLoop
from .training.run import Run
from .training.tensorboard import check_tensorboard
from .training.trainer import Trainer

logger = logging.getLogger(__name__)


def pretrain(cache: str | Path, *, run: Path, recipe: Recipe) -> Path:
    """Pretrains a student on the cache's films; the run's folder. A run that was cut off goes on where it was saved."""
    needs = TrainingNeeds(
        needs_film=recipe.objective.needs_film,
        memory_gib=recipe.train.memory_gib,
        jitter_steps=recipe.augment.jitter_steps,
        seed=recipe.seed,
    )
    return _pretrain(open_training_set(cache, settings=recipe, needs=needs, run=run), run=run, recipe=recipe)


def pretrain_corpus(windows: WindowDataset, *, run: Path, recipe: Recipe) -> Path:
    """The same for windows that are in memory already."""
    found = training_set(windows, split=recipe.split, needs_film=recipe.objective.needs_film, run=run)
    return _pretrain(found, run=run, recipe=recipe)


def _pretrain(windows: TrainingSet, *, run: Path, recipe: Recipe) -> Path:
    check_tensorboard(enabled=recipe.train.tensorboard)
    if recipe.train.threads is not None:
        torch.set_num_threads(recipe.train.threads)
    take_own_gpu(recipe.train.device)
    device = choose_device(recipe.train.device, setting="train.device")
    exact = recipe.train.precision == "float32"
    with init_distributed(device) as group, tensor_float32(device, wanted=not exact):
        files = _open_together(run, recipe=recipe, group=group)
        with _memory_errors(device), torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            if group.rank == 0:
                logger.info("%s", windows.summary(subject=recipe.words.subject))
            train, validation = windows.train, windows.validation
            trainer = Trainer(recipe, train=train, validation=validation, device=device, group=group)
            TrainingLoop(files, trainer=trainer, facts=windows.facts, content=windows.content).train()
        group.barrier()
    return files.folder


def _open_together(run: Path, *, recipe: Recipe, group: ProcessGroup) -> Run:
    """The run's folder, made by rank 0 before the other processes open it."""
    if group.rank:
        group.barrier()
    files = open_run(run, recipe=recipe)
    if not group.rank:
        group.barrier()
    return files


@contextmanager
def _memory_errors(device: torch.device) -> Iterator[None]:
    """Refuse a GPU with too little memory in one line."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise BadInput(
            "train.device",
            found=f"{device}: {first_line(error)}",
            expected="memory for all windows and a batch's activations",
            remedy="Lower train.batch, let train.memory_gib keep windows on the CPU, or set train.device=cpu.",
        ) from None
