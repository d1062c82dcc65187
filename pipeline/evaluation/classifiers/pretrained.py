"""Judges: other ways than the linear probe of asking what a pretrained student has learned.

Each learns from the labelled windows of the training horses, chooses by folds of them (or, when it trains the student,
on the validation horses), and answers for the test windows. A new judge is one function and one line in `JUDGES`.
"""

from typing import Protocol

from ...datasets.dataset_split import DatasetSplit
from ...probing.student_probe import embedded_by, featured, probe_student
from ...recipe import Recipe
from ...runtime.seeds import seed_for
from ...students.embedding import embed
from ...students.student import Student
from .fine_tune import fine_tune
from .knn import fit_neighbours
from .output import Answer, by_kernel, by_training, for_all


class Judge(Protocol):
    """What stands in the table of judges."""

    def __call__(self, parts: DatasetSplit, *, student: Student, recipe: Recipe) -> Answer:
        """Learns from `parts.train` with this student, answers for `parts.test`; the student stays as it is."""
        ...


def knn(parts: DatasetSplit, *, student: Student, recipe: Recipe) -> Answer:
    """The labels of the most alike training windows."""
    found = fit_neighbours(
        featured(parts.train, by=embedded_by(student)),
        classes=len(parts.train.classes),
        settings=recipe.evaluate.knn,
        folds=recipe.probe.folds,
    )
    note = f"frozen pretrained student, {found.neighbours} nearest training windows by cosine"
    return for_all(parts, found.probabilities(embed(student, parts.test.imu)), note=note)


def rbf_svm(parts: DatasetSplit, *, student: Student, recipe: Recipe) -> Answer:
    """A curved boundary through the standardised embeddings."""
    return by_kernel(parts, featurise=embedded_by(student), recipe=recipe, what="frozen pretrained student")


def fine_tuned(parts: DatasetSplit, *, student: Student, recipe: Recipe) -> Answer:
    """The student itself trained on all labels of the training horses, from its probe on."""
    settings = recipe.evaluate.fine_tune
    classifier = probe_student(student, parts=parts, settings=recipe)
    trained = fine_tune(
        student,
        classifier=classifier,
        train=parts.train,
        validation=parts.validation,
        recipe=recipe,
        settings=settings,
        seed=seed_for("fine-tune", recipe.seed),
    )
    return by_training(trained, parts=parts, what="pretrained student and probe, all of it trained on")


JUDGES: dict[str, Judge] = {"knn": knn, "rbf-svm": rbf_svm, "fine-tuned": fine_tuned}
