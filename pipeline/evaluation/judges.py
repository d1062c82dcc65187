"""Judges: other ways than the linear probe of asking what a pretrained student has learned.

Each learns from the labelled windows of the training horses, chooses by folds of them (or, when it trains the student,
on the validation horses), and answers for the test windows. A new judge is one function and one line in `JUDGES`.
"""

from typing import Protocol

from ..probing.embed import embed
from ..probing.labelled import LabelledWindows, Partition
from ..probing.linear import LabelledFeatures
from ..probing.student_probe import probe_student
from ..randomness import seed_for
from ..recipe import Recipe
from ..students.student import Student
from .answers import Answer, for_all
from .fine_tune import fine_tune
from .kernel import fit_kernel
from .neighbours import fit_neighbours
from .supervised import probabilities


class Judge(Protocol):
    """What stands in the table of judges."""

    def __call__(self, parts: Partition, *, student: Student, recipe: Recipe) -> Answer:
        """Learns from `parts.train` with this student, answers for `parts.test`; the student stays as it is."""
        ...


def knn(parts: Partition, *, student: Student, recipe: Recipe) -> Answer:
    """The labels of the most alike training windows."""
    found = fit_neighbours(
        _embedded(parts.train, student=student),
        classes=len(parts.train.classes),
        settings=recipe.evaluate.knn,
        folds=recipe.probe.folds,
    )
    note = f"frozen pretrained student, {found.neighbours} nearest training windows by cosine"
    return for_all(parts, found.probabilities(embed(student, parts.test.imu)), note=note)


def rbf_svm(parts: Partition, *, student: Student, recipe: Recipe) -> Answer:
    """A curved boundary through the standardised embeddings."""
    found = fit_kernel(
        _embedded(parts.train, student=student),
        classes=len(parts.train.classes),
        settings=recipe.evaluate.rbf_svm,
        folds=recipe.probe.folds,
    )
    note = (
        "frozen pretrained student, support vector machine with a Gaussian kernel, "
        f"C = {found.inverse_penalty:g}, gamma = {found.width:g} / features"
    )
    return for_all(parts, found.probabilities(embed(student, parts.test.imu)), note=note)


def fine_tuned(parts: Partition, *, student: Student, recipe: Recipe) -> Answer:
    """The student itself trained on all labels of the training horses, from its probe on."""
    settings = recipe.evaluate.fine_tune
    classifier = probe_student(student, train=parts.train, validation=parts.validation, recipe=recipe)
    trained = fine_tune(
        student,
        classifier=classifier,
        train=parts.train,
        validation=parts.validation,
        recipe=recipe,
        settings=settings,
        seed=seed_for("fine-tune", recipe.seed),
    )
    chosen = "at its best step on the validation horses" if len(parts.validation) else "at its last step"
    note = (
        f"pretrained student and probe, all of it trained on {len(parts.train)} labelled windows, "
        f"{trained.steps} steps, {chosen}"
    )
    return for_all(parts, probabilities(trained.best, parts.test.imu), note=note)


JUDGES: dict[str, Judge] = {"knn": knn, "rbf-svm": rbf_svm, "fine-tuned": fine_tuned}


def _embedded(windows: LabelledWindows, *, student: Student) -> LabelledFeatures:
    return LabelledFeatures(embed(student, windows.imu), windows.label, windows.horse)
