"""Fine-tuning: all of a pretrained student trained with labels, the head first, lower layers more slowly.

Head first, then everything: Kumar et al. 2022, Fine-tuning can distort pretrained features and underperform
out-of-distribution. The head begins as the linear probe, which is the best one there is for the frozen student. Lower
layers learn at smaller rates: Howard and Ruder 2018, section 3.2; Clark et al. 2020, appendix A.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from ...datasets.dataset_split import DatasetSplit
from ...probing.linear import LinearClassifier
from ...probing.linear_layer import linear_layer
from ...probing.student_probe import embedded_by, fit_parts
from ...runtime.seeds import seed_for
from ...students.student import Student
from ...training.optimiser import is_matrix
from ..settings import EvaluationSettings, FineTuneSettings
from .classifier import ClassifierOutput
from .supervised import LabelTraining, SupervisedStudent, Trained


@dataclass(frozen=True)
class FineTuned:
    """All of a pretrained student trained on the labels of the training horses, from its linear probe on."""

    student: Student
    """Copied: the one given stays as it is."""

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        """Fits the probe, then trains as `evaluate.fine_tune` says; the validation horses select the step."""
        embedded = embedded_by(self.student)
        probe = fit_parts(embedded, parts=split, settings=settings, fill_value=self.student.mean)
        trained = fine_tune(self.student, probe=probe, split=split, settings=settings)
        return trained.predict(split, what="pretrained student and probe, all of it trained on")


def fine_tune(
    student: Student, *, probe: LinearClassifier, split: DatasetSplit, settings: EvaluationSettings
) -> Trained:
    """Trains a copy of the student with this probe as its last layer."""
    model, training = SupervisedStudent(copy.deepcopy(student), head=linear_layer(probe)), settings.evaluate.fine_tune
    groups = list(rated_groups(model, settings=training))
    return LabelTraining(split, settings, training, seed_for("fine-tune", settings.seed)).run(model, groups=groups)


def rated_groups(model: SupervisedStudent, *, settings: FineTuneSettings) -> Iterator[dict[str, Any]]:
    """AdamW's groups: the head at the peak rate, each layer below at `layer_decay` of the one above; matrices decay."""
    layers = [*layers_of(model.student).values(), dict(model.head.named_parameters())]
    for height, layer in enumerate(reversed(layers)):
        for matrices in (True, False):
            chosen = [weight for name, weight in layer.items() if is_matrix(name, weight) == matrices]
            if chosen:
                yield {
                    "params": chosen,
                    "lr": settings.learning_rate * settings.layer_decay**height,
                    "weight_decay": settings.weight_decay if matrices else 0.0,
                }


def layers_of(student: Student) -> dict[str, dict[str, nn.Parameter]]:
    """A student's parameters by layer, from the sensors up: a numbered block, else the module that owns them.

    The order is that in which a student makes its parts, which all students make from the sensors up. Side
    branches, which compute their own part of the embedding, learn with the last.
    """
    layers: dict[str, dict[str, nn.Parameter]] = {}
    beside: dict[str, nn.Parameter] = {}
    for name, weight in student.named_parameters():
        layer = beside if name.split(".")[0] in student.side_branches else layers.setdefault(_layer(name), {})
        layer[name] = weight
    layers[next(reversed(layers))] |= beside
    return layers


def _layer(name: str) -> str:
    """`blocks.0` for `blocks.0.attention.qkv.weight`, `embed` for `embed.bias`."""
    parts = name.split(".")
    number = next((index for index, part in enumerate(parts) if part.isdigit()), None)
    return ".".join(parts[: number + 1] if number is not None else parts[:-1])
