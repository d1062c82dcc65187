"""What the processes of a group do in the tests: a module of its own, so that a new process can import it."""

from pathlib import Path
from typing import Any

import torch
from equigait.pipeline.datasets.window_dataset import WindowDataset
from equigait.pipeline.pretrain import pretrain_corpus
from equigait.pipeline.recipe import Recipe
from equigait.pipeline.runtime.process_group import ProcessGroup, init_distributed
from equigait.pipeline.training.trainer import Trainer
from synthetic_corpus import small_recipe, synthetic_corpus
from torch import distributed, multiprocessing

ALIKE = ("student.width=16", "student.layers=1", "train.batch=16", "train.clip_norm=1e9", "augment.site_dropout=0.2")
"""A small student without dropout: its masks would differ between one process and several."""


OBJECTIVES = [
    "{name: siglip}",
    "{name: infonce, form: sum}",
    "{name: queue, size: 8}",
    "{name: regression}",
    "{name: masked}",
    "{name: sum, terms: [{name: two-view}, {name: per-site, weight: 0.5, sites: 1}, {name: masked}]}",
    "{name: sum, terms: [{name: siglip}, {name: neighbours, size: 24}]}",
]
"""What is learned from in turn: pairs, a queue, a regression, reconstruction, and a sum of several."""


def small_corpus() -> WindowDataset:
    return synthetic_corpus(horses=3, windows=10)


def recipe_of(*overrides: str) -> Recipe:
    return small_recipe(*ALIKE, *overrides)


def gradients(objective: str, *, group: ProcessGroup | None = None) -> dict[str, torch.Tensor]:
    """The averaged gradients of the third step, and the loss, by name. Tiny steps: only queue and batch move on."""
    corpus = small_corpus()
    recipe = recipe_of(f"objective={objective}", "train.learning_rate=1e-7")
    trainer = Trainer(recipe, train=corpus, validation=corpus, device=torch.device("cpu"), group=group)
    for step in range(3):
        facts = trainer.step(step)
    found = {name: weight.grad.clone() for name, weight in trainer.model.named_parameters() if weight.grad is not None}
    return found | {"loss": torch.tensor(facts["loss"])}


def compute(objectives: list[str], folder: str) -> None:
    """Writes what rank 0 has found for each objective."""
    with init_distributed(torch.device("cpu")) as group:
        found = [gradients(objective, group=group) for objective in objectives]
        if group.rank == 0:
            torch.save(found, Path(folder) / "found.pt")


def gradient_differences(size: int, *, folder: Path) -> dict[str, dict[str, float]]:
    """For each objective, how far each gradient (and the loss) of so many processes is from one process's, relative
    to its norm."""
    in_processes(size, compute, OBJECTIVES, folder=folder)
    found = {}
    for objective, together in zip(OBJECTIVES, torch.load(folder / "found.pt"), strict=True):
        by_one = gradients(objective)
        assert together.keys() == by_one.keys()
        found[objective] = {
            name: float((together[name] - expected).norm() / expected.norm()) for name, expected in by_one.items()
        }
    return found


def train(overrides: list[str], folder: str) -> None:
    """A whole run in the group."""
    pretrain_corpus(small_corpus(), run=Path(folder) / "run", recipe=recipe_of(*overrides))


def in_processes(size: int, work: Any, *arguments: Any, folder: Path) -> None:
    """Runs `work(*arguments, folder)` in so many processes that know of each other; the first failure ends all."""
    multiprocessing.set_forkserver_preload([__name__])
    multiprocessing.start_processes(
        _worker, args=(size, work, arguments, str(folder)), nprocs=size, start_method="forkserver"
    )


def _worker(rank: int, size: int, work: Any, arguments: tuple[Any, ...], folder: str) -> None:
    torch.set_num_threads(1)
    meeting = f"file://{folder}/meeting"
    distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=size)
    try:
        work(*arguments, folder)
    finally:
        distributed.destroy_process_group()
