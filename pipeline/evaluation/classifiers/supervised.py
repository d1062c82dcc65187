"""Training a student with labels: from scratch, which a pretrained student has to beat, or from where it stands."""

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from numpy import ndarray as Array
from torch import Tensor, nn

from ....data.sites import resolve_sites
from ...augmentation.augment import augment
from ...datasets.window_dataset import WindowDataset
from ...probing.linear import balanced_log_loss, log_softmax
from ...recipe import Recipe
from ...runtime.device import choose_device
from ...runtime.seeds import generator_for, seed_for
from ...students.embedding import WindowSequence, embed
from ...students.student import Student
from ...students.table import build_student
from ...training.optimiser import decay_groups
from .. import metrics
from ..settings import SupervisedSettings


class SupervisedStudent(nn.Module):
    """A student with a linear layer behind it: the same function as student and probe together."""

    def __init__(self, student: Student, *, head: nn.Linear) -> None:
        super().__init__()
        self.student, self.head = student, head

    def forward(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch classes"]:
        """Logits, one row a window."""
        logits: Tensor = self.head(self.student(imu))
        return logits


@dataclass(frozen=True)
class Trained:
    """A training with labels, at its end and where the validation horses liked it best."""

    last: SupervisedStudent
    """After the last step."""
    best: SupervisedStudent
    """At the look with the best macro-F1 on validation horses; `last` when there are none."""
    steps: int
    """Optimiser steps taken."""


def train_supervised(
    train: WindowDataset, *, validation: WindowDataset, recipe: Recipe, settings: SupervisedSettings, seed: int
) -> Trained:
    """Trains the recipe's student from random initialisation."""
    model = untrained(recipe, train=train, seed=seed)
    groups = decay_groups(model, weight_decay=settings.weight_decay)
    return teach(model, groups=groups, train=train, validation=validation, recipe=recipe, settings=settings, seed=seed)


def untrained(recipe: Recipe, *, train: WindowDataset, seed: int) -> SupervisedStudent:
    """The recipe's student at random initialisation, standardised for these windows, all classes alike to its head."""
    _, channels, steps = train.imu.shape
    student = build_student(recipe.student, channels=channels, steps=steps, seed=seed)
    student.fit_standardisation(train.imu)
    unmade = nn.Linear(student.embedding, len(train.classes), device="meta")  # which draws no random numbers
    head = unmade.to_empty(device="cpu")
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    return SupervisedStudent(student, head=head)


def teach(
    model: SupervisedStudent,
    *,
    groups: Sequence[dict[str, Any]],
    train: WindowDataset,
    validation: WindowDataset,
    recipe: Recipe,
    settings: SupervisedSettings,
    seed: int,
) -> Trained:
    """Cross-entropy on class-balanced, augmented batches of the training windows; the model given is trained.

    `groups` are AdamW's, a group without its own `lr` takes the settings'. Torch's random state is left as it was.
    """
    device = choose_device(recipe.train.device, setting="train.device")
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(seed_for("supervised dropout", seed))
        return _teach(
            model.train().to(device),
            optimiser=torch.optim.AdamW(groups, lr=settings.learning_rate),
            train=train,
            validation=validation,
            recipe=recipe,
            settings=settings,
            seed=seed,
        )


def probabilities(model: SupervisedStudent, imu: WindowSequence) -> Float64[Array, "windows classes"]:
    """What the trained network says of windows, in evaluation mode."""
    return np.asarray(np.exp(log_softmax(embed(model, imu).astype(np.float64))))


def _teach(
    model: SupervisedStudent,
    *,
    optimiser: torch.optim.Optimizer,
    train: WindowDataset,
    validation: WindowDataset,
    recipe: Recipe,
    settings: SupervisedSettings,
    seed: int,
) -> Trained:
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, settings=settings))
    best, best_merit, stale, step = model, (-math.inf, -math.inf), 0, 0
    for step, rows in enumerate(_balanced_rows(train.label, settings=settings, seed=seed), start=1):
        _step(model, train=train, rows=rows, optimiser=optimiser, recipe=recipe, settings=settings, seed=(seed, step))
        schedule.step()
        if len(validation) and (step % settings.check_every == 0 or step == settings.steps):
            merit = _merit(model, validation=validation)
            stale = 0 if merit[0] > best_merit[0] else stale + 1
            if merit > best_merit:
                best, best_merit = copy.deepcopy(model), merit
            if settings.patience is not None and stale >= settings.patience:
                break
    return Trained(last=model.eval(), best=best.eval(), steps=step)


def _step(
    model: SupervisedStudent,
    *,
    train: WindowDataset,
    rows: Int64[Array, "batch"],
    optimiser: torch.optim.Optimizer,
    recipe: Recipe,
    settings: SupervisedSettings,
    seed: tuple[int, int],
) -> None:
    device = model.head.weight.device
    imu = augment(
        train.imu[torch.from_numpy(rows)].to(device),
        settings=recipe.augment,
        fill_value=model.student.mean,
        generator=generator_for("supervised augmentation", *seed, device=device),
        sites=resolve_sites(recipe.grid.sites),
    )
    loss = nn.functional.cross_entropy(model(imu), torch.from_numpy(train.label[rows]).to(device))
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    nn.utils.clip_grad_norm_(model.parameters(), settings.clip_norm)
    optimiser.step()


def _balanced_rows(
    label: Int64[Array, "windows"], *, settings: SupervisedSettings, seed: int
) -> Iterator[Int64[Array, "batch"]]:
    """Per step a batch in which classes are as equal as they can be: those that had one less come first in the next."""
    rng = np.random.default_rng(seed_for("supervised batches", seed))
    by_class = [np.flatnonzero(label == each) for each in np.unique(label)]
    for step in range(settings.steps):
        classes = rng.permutation(np.arange(step * settings.batch, (step + 1) * settings.batch) % len(by_class))
        yield np.array([rng.choice(by_class[each]) for each in classes], dtype=np.int64)


def _rate(step: int, *, settings: SupervisedSettings) -> float:
    """Share of the peak learning rate: linear warm-up, then a half cosine to zero (Loshchilov and Hutter 2017)."""
    warmup = math.ceil(settings.warmup_share * settings.steps)
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, settings.steps - warmup)))


def _merit(model: SupervisedStudent, *, validation: WindowDataset) -> tuple[float, float]:
    """Macro-F1 on the validation horses; of equals the lower loss is better."""
    log_probability = log_softmax(embed(model, validation.imu).astype(np.float64))
    confusion = metrics.confusion_matrix(
        validation.label, predicted=log_probability.argmax(axis=1), classes=len(validation.classes)
    )
    return float(metrics.macro_f1(confusion)), -balanced_log_loss(log_probability, label=validation.label)
