"""The table of classifiers that are scored on test horses, by name. A new one is a `Classifier` and a line here."""

from collections.abc import Callable
from dataclasses import dataclass

from ...datasets.window_dataset import WindowDataset
from ...probing.student_probe import Featurise, embedded_by, joined_by
from ...runtime.seeds import seed_for
from ...students.student import Student
from ..settings import EvaluationSettings
from .classifier import Classifier
from .fine_tune import FineTuned
from .knn import Knn
from .linear_probe import LinearProbe, TeacherProbe, spectral_of
from .minirocket import fit_minirocket
from .rbf_svm import RbfSvm
from .supervised import Supervised, untrained_student


@dataclass(frozen=True)
class Setup:
    """What a classifier is made from, before it is fitted."""

    train: WindowDataset
    """Windows of the training horses: their shape, and the statistics an untrained student is standardised with."""
    settings: EvaluationSettings
    """Sections of the recipe."""
    pretrained: Student | None = None
    """The run's student, frozen or copied but never changed; None where there is no run."""

    @property
    def student(self) -> Student:
        """The pretrained student, for classifiers that need one."""
        if self.pretrained is None:
            raise ValueError("this classifier needs a pretrained student")
        return self.pretrained


def linear_probe(setup: Setup) -> LinearProbe:
    """The linear probe on the frozen pretrained student, fitted anew."""
    student = setup.student
    features = joined_by(student, settings=setup.settings)
    return LinearProbe(features, "linear probe on the frozen pretrained student", fill_value=student.mean)


def random_init(setup: Setup) -> LinearProbe:
    """The linear probe on the student that pretraining began with, frozen: what its architecture alone contributes."""
    student = untrained_student(setup.train, settings=setup.settings, seed=seed_for("student", setup.settings.seed))
    note = "student at random initialisation, frozen, and the same linear probe"
    return LinearProbe(joined_by(student, settings=setup.settings), note, fill_value=student.mean)


def spectral(setup: Setup) -> LinearProbe:
    """The linear probe on spectral features: no learned features."""
    note = "mean, spread, band powers and dominant frequency, logistic regression"
    return LinearProbe(spectral_of(setup.settings), note)


def minirocket(setup: Setup) -> LinearProbe:
    """The linear probe on random convolutions of all channels, whose biases come from the training windows."""
    wanted, seed = setup.settings.evaluate.minirocket.features, seed_for("minirocket", setup.settings.seed)
    transform = fit_minirocket(setup.train.imu, features=wanted, seed=seed)
    note = f"MiniRocket, {transform.width} features, logistic regression"
    return LinearProbe(Featurise(lambda windows: transform(windows.imu)), note)


CLASSIFIERS: dict[str, Callable[[Setup], Classifier]] = {
    "linear-probe": linear_probe,
    "knn": lambda setup: Knn(embedded_by(setup.student)),
    "rbf-svm": lambda setup: RbfSvm(embedded_by(setup.student), "frozen pretrained student"),
    "fine-tuned": lambda setup: FineTuned(setup.student),
    "random-init": random_init,
    "spectral": spectral,
    "spectral-svm": lambda setup: RbfSvm(spectral_of(setup.settings), "spectral features"),
    "minirocket": minirocket,
    "supervised": lambda setup: Supervised(setup.train),
    "teacher": lambda _: TeacherProbe(),
}
"""The first four need the pretrained student; the others are baselines, which do without."""
