"""The linear probe on any features: of a student, pretrained or not, of spectra, of the teacher's film features."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32
from torch import Tensor

from ...datasets.dataset_split import DatasetSplit
from ...datasets.window_dataset import WindowDataset
from ...probing.film_probe import film_features
from ...probing.linear import LinearClassifier
from ...probing.student_probe import Featurise, computed_once, fit_parts, network_of
from ...students.embedding import embed
from ...students.student import Student
from ..settings import EvaluationSettings
from .classifier import CannotPredictError, ClassifierOutput, all_rows
from .spectral import spectral_features


@dataclass(frozen=True)
class LinearProbe:
    """Logistic regression on fixed features."""

    features: Featurise
    """Windows to a row of features each."""
    note: str
    """What the features are, in a sentence."""
    fill_value: Float32[Tensor, "channels"] | None = None
    """What a dropped site shows in augmented copies of few windows; None: the mean of the training windows."""

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        """Fits the probe anew; C and temperature come from the validation horses."""
        fitted = fit_parts(self.features, parts=split, settings=settings, fill_value=self.fill_value)
        note = f"{self.note}, reads {fitted.described}" if fitted.blocks else self.note
        return all_rows(fitted.probabilities(self.features(split.test)), note=note)

    def with_features_of(self, windows: WindowDataset) -> "LinearProbe":
        """The same probe, with the features of these windows computed once."""
        return replace(self, features=computed_once(self.features, windows=windows))


@dataclass(frozen=True)
class SavedProbe:
    """A student and the linear probe that was fitted on it before: nothing is fitted here."""

    student: Student
    """Frozen."""
    probe: LinearClassifier
    """Its probe."""
    note: str = "linear probe on the frozen pretrained student"
    """What it is, in a sentence, to which C is added."""

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        """Predicts with the probe as it is."""
        note = f"{self.note}, C = {self.probe.inverse_penalty:g}"
        note += f", self-trained on {self.probe.self_taught} unlabelled windows" * (self.probe.self_taught > 0)
        note += f", reads {self.probe.described}" * bool(self.probe.blocks)
        network = network_of(self.student, classifier=self.probe, rate_hz=settings.grid.rate_hz)
        return all_rows(self.probe.probabilities(embed(network, split.test.imu)), note=note)


@dataclass(frozen=True)
class TeacherProbe:
    """The linear probe on the teacher's film features: the reference for what the student could learn."""

    def fit_predict(self, split: DatasetSplit, *, settings: EvaluationSettings) -> ClassifierOutput:
        """Fits on and predicts the windows that have film."""
        train, validation, test = (part.filmed() for part in (split.train, split.validation, split.test))
        filmed = DatasetSplit(train, validation, test, pool=split.pool.filmed())
        if not (len(test) and len(train)):
            raise CannotPredictError("no film of the labelled windows")
        missing = [name for label, name in enumerate(train.classes) if label not in train.label]
        if missing:
            raise CannotPredictError(f"no film of the training horses' {', '.join(missing)}")
        shown = f"{len(test)} of {len(split.test)} windows"
        note = f"film instead of sensors: teacher features, logistic regression; {shown}"
        output = LinearProbe(Featurise(film_features), note).fit_predict(filmed, settings=settings)
        return replace(output, rows=np.flatnonzero(split.test.has_film.numpy()))


def spectral_of(settings: EvaluationSettings) -> Featurise:
    """Windows to spectral features at the grid's rate."""
    return Featurise(lambda windows: spectral_features(windows.imu, rate_hz=settings.grid.rate_hz))
