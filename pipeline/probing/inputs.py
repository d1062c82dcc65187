"""What probe and evaluate work on: a run's model, and the windows that its recipe sets aside to learn and score."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch

from ...data.errors import BadInput
from ...data.splits import Split, split_horses
from ..datasets.dataset_split import DatasetSplit, split_windows
from ..datasets.loading import load_windows
from ..datasets.window_dataset import WindowDataset
from ..runtime.device import choose_device
from ..training.checkpoint import load_model, read_facts
from ..training.model import Model
from ..training.run import Run
from .settings import ProbingSettings

SettingsT = TypeVar("SettingsT", bound=ProbingSettings)


@dataclass(frozen=True)
class ProbeInputs(Generic[SettingsT]):
    """A run, and the cache as its settings divide it."""

    settings: SettingsT
    """What the run was made from."""
    model: Model
    """Its best model, in evaluation mode, on the settings' device."""
    facts: dict[str, Any]
    """What the checkpoint says about where it comes from."""
    windows: WindowDataset
    """All valid windows of the cache; read on demand where they would take more than `train.memory_gib`."""
    split: Split
    """Horses of the three parts."""
    parts: DatasetSplit
    """Views of their labelled windows."""


def probe_inputs(cache: str | Path, *, run: Path, settings: SettingsT) -> ProbeInputs[SettingsT]:
    """Opens a run and a cache together; refused when the run has learned from horses that would be scored."""
    model = load_model(run).to(choose_device(settings.train.device, setting="train.device"))
    if settings.train.threads is not None:
        torch.set_num_threads(settings.train.threads)
    facts = read_facts(Run(run).checkpoint)
    windows = load_windows(cache, settings=settings, memory_gib=settings.train.memory_gib)
    split = split_horses(windows.horses, spec=settings.split)
    _refuse_trained_on(run, facts=facts, split=split)
    parts = split_windows(windows, classes=settings.probe.classes, **vars(split))
    return ProbeInputs(settings, model.eval(), facts, windows, split, parts)


def scored_without(inputs: ProbeInputs[SettingsT], *, horses: Collection[str]) -> ProbeInputs[SettingsT]:
    """The same with fewer test horses: none of these."""
    test = tuple(horse for horse in inputs.split.test if horse not in horses)
    parts = replace(inputs.parts, test=inputs.parts.test.of(test))
    return replace(inputs, split=replace(inputs.split, test=test), parts=parts)


def _refuse_trained_on(run: Path, *, facts: dict[str, Any], split: Split) -> None:
    trained_on = set(facts["horses"]["train"]) | set(facts["horses"]["validation"])
    shared = sorted(trained_on & set(split.test))
    if shared:
        raise BadInput(
            run,
            found=f"test horses that the run has learned from: {', '.join(shared)}",
            expected="horses that the run has not seen",
            remedy="Has the cache gained horses since? Name split.test in the recipe, or pretrain into a new folder.",
        )
