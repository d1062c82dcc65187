"""Training a student with labels: from random initialisation, or from a pretrained student and its probe."""

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
from ...datasets.dataset_split import DatasetSplit
from ...datasets.window_dataset import WindowDataset
from ...probing.linear import balanced_log_loss, log_softmax
from ...runtime.device import choose_device
from ...runtime.seeds import generator_for, seed_for
from ...students.embedding import WindowSequence, embed
from ...students.student import Student
from ...students.table import build_student
from ...training.optimiser import decay_groups
from .. import metrics
from ..settings import EvaluationSettings, SupervisedSettings
from .classifier import ClassifierOutput, all_rows


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
    """A training with labels, after its last step and at its best on the validation horses."""

    last: SupervisedStudent
    """After the last step."""
    best: SupervisedStudent
    """With the best macro-F1 on validation horses; `last` when there are none."""
    steps: int
    """Optimiser steps taken."""

    def predict(self, split: DatasetSplit, *, what: str) -> ClassifierOutput:
        """The output for the test windows; `what` says in the note where the training began."""
        selected = "at its best step on the validation horses" if len(split.validation) else "at its last step"
        note = f"{what} {len(split.train)} labelled windows, {self.steps} steps, {selected}"
        return all_rows(probabilities(self.best, split.test.imu), note=note)


@dataclass(frozen=True)
class Supervised:
    """The student trained from random initialisation on the labels of the training horses."""

    standardised_on: WindowDataset
    """Windows whose statistics standardise the student; their labels are not read."""

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        """Trains as `evaluate.supervised` says; the validation horses select the step."""
        training, seed = settings.evaluate.supervised, seed_for("supervised", settings.seed)
        student = untrained_student(self.standardised_on, settings=settings, seed=seed)
        trained = train_supervised(student, split=split, settings=settings, training=training, seed=seed)
        return trained.predict(split, what="student trained from scratch on")


def untrained_student(train: WindowDataset, *, settings: EvaluationSettings, seed: int) -> Student:
    """The student of the settings at random initialisation, standardised for these windows."""
    _, channels, steps = train.imu.shape
    student = build_student(settings.student, channels=channels, steps=steps, seed=seed)
    student.fit_standardisation(train.imu)
    return student


def train_supervised(
    student: Student, *, split: DatasetSplit, settings: EvaluationSettings, training: SupervisedSettings, seed: int
) -> Trained:
    """Trains this student, in place, with a linear layer of zeros behind it."""
    unmade = nn.Linear(student.embedding, len(split.train.classes), device="meta")  # which draws no random numbers
    head = unmade.to_empty(device="cpu")
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    model = SupervisedStudent(student, head=head)
    groups = decay_groups(model, weight_decay=training.weight_decay)
    return LabelTraining(split, settings, training, seed).run(model, groups=groups)


def probabilities(model: SupervisedStudent, imu: WindowSequence) -> Float64[Array, "windows classes"]:
    """The trained network's probabilities, in evaluation mode."""
    return np.asarray(np.exp(log_softmax(embed(model, imu).astype(np.float64))))


@dataclass(frozen=True)
class LabelTraining:
    """Cross-entropy on class-balanced, augmented batches of the training windows."""

    split: DatasetSplit
    """Trains on `train`, selects on `validation` where it holds windows; `test` is not used."""
    settings: EvaluationSettings
    """Device and augmentation, as in pretraining."""
    training: SupervisedSettings
    """Steps, batch, learning rate, when to stop."""
    seed: int
    """Of batches, augmentation and dropout."""

    def run(self, model: SupervisedStudent, *, groups: Sequence[dict[str, Any]]) -> Trained:
        """Trains the model given, in place.

        `groups` are AdamW's; one without its own `lr` takes the settings'. Torch's random state is left as it was.
        """
        device = choose_device(self.settings.train.device, setting="train.device")
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(seed_for("supervised dropout", self.seed))
            model = model.train().to(device)
            return self._run(model, optimiser=torch.optim.AdamW(groups, lr=self.training.learning_rate))

    def _run(self, model: SupervisedStudent, *, optimiser: torch.optim.Optimizer) -> Trained:
        label, training = self.split.train.label, self.training
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step, settings=training))
        best, best_score, bad_validations, step = model, (-math.inf, -math.inf), 0, 0
        for step, rows in enumerate(_balanced_rows(label, settings=training, seed=self.seed), start=1):
            self._step(model, optimiser=optimiser, rows=rows, step=step)
            schedule.step()
            if len(self.split.validation) and (step % training.check_every == 0 or step == training.steps):
                score = _validation_score(model, validation=self.split.validation)
                bad_validations = 0 if score[0] > best_score[0] else bad_validations + 1
                if score > best_score:
                    best, best_score = copy.deepcopy(model), score
                if training.patience is not None and bad_validations >= training.patience:
                    break
        return Trained(last=model.eval(), best=best.eval(), steps=step)

    def _step(
        self, model: SupervisedStudent, *, optimiser: torch.optim.Optimizer, rows: Int64[Array, "batch"], step: int
    ) -> None:
        train, device = self.split.train, model.head.weight.device
        imu = augment(
            train.imu[torch.from_numpy(rows)].to(device),
            settings=self.settings.augment,
            fill_value=model.student.mean,
            generator=generator_for("supervised augmentation", self.seed, step, device=device),
            sites=resolve_sites(self.settings.grid.sites),
        )
        loss = nn.functional.cross_entropy(model(imu), torch.from_numpy(train.label[rows]).to(device))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        nn.utils.clip_grad_norm_(model.parameters(), self.training.clip_norm)
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
    """Share of the peak learning rate: linear warm-up, then a half cosine to zero (Loshchilov and Hutter
    2017), as `learning_rate` in training/optimiser.py with other settings."""
    warmup = math.ceil(settings.warmup_share * settings.steps)
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, settings.steps - warmup)))


def _validation_score(model: SupervisedStudent, *, validation: WindowDataset) -> tuple[float, float]:
    """Macro-F1 on the validation horses; of equals the lower loss is better."""
    log_probability = log_softmax(embed(model, validation.imu).astype(np.float64))
    confusion = metrics.confusion_matrix(
        validation.label, predicted=log_probability.argmax(axis=1), classes=len(validation.classes)
    )
    return float(metrics.macro_f1(confusion)), -balanced_log_loss(log_probability, label=validation.label)
