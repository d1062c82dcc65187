"""Label efficiency: the pretrained probe, its baselines and training from scratch on the same few labelled windows.

All of them see these windows alone, augmented alike: no other label, no unlabelled window, no validation horse. An
untrained student is standardised like the pretrained one, with the statistics of all training windows.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from ....data.progress import watched
from ....data.settings import Settings
from ...datasets.dataset_split import DatasetSplit
from ...probing.oversampling import oversampling_rounds
from ...runtime.formatting import counted
from ...runtime.seeds import seed_for
from ...students.student import Student
from ..classifiers.classifier import Classifier
from ..classifiers.linear_probe import LinearProbe
from ..classifiers.table import CLASSIFIERS, Setup
from ..intervals import mean_interval, possible
from ..metrics import confusion_matrix, macro_f1
from ..scores import FewShot
from ..settings import EvaluationSettings
from .label_sampling import draw_rows

logger = logging.getLogger(__name__)

PRETRAINED, SCRATCH = "pretrained", "scratch"
NAMES_IN_TABLE = {PRETRAINED: "linear-probe", SCRATCH: "supervised"}
"""What two sides of the comparison are called among the classifiers; the others bear one name."""
NO_ROWS = np.zeros(0, dtype=np.int64)

SomeSettings = TypeVar("SomeSettings", bound=Settings)


def label_efficiency(split: DatasetSplit, *, student: Student, settings: EvaluationSettings) -> tuple[FewShot, ...]:
    """One comparison for each number of shots that the training horses have labelled windows for; others are logged."""
    scarcest = int(np.bincount(split.train.label, minlength=len(split.train.classes)).min())
    asked = settings.evaluate.few_shot.shots
    shots = [shots for shots in asked if shots <= scarcest]
    if len(shots) < len(asked):
        more = ", ".join(str(each) for each in asked if each > scarcest)
        words = settings.words
        logger.info(
            "label efficiency: not with %s per %s: the rarest has %d in the training %s",
            *(more, words.behaviour, scarcest, words.subjects),
        )
    if not shots:
        return ()
    comparison = _Comparison.prepare(split, student=student, settings=settings)
    draws = [(each, draw) for each in shots for draw in range(settings.evaluate.few_shot.draws)]
    drawn: dict[int, list[dict[str, float]]] = {each: [] for each in shots}
    for each, draw in watched(draws, total=len(draws), name="label efficiency, draws"):
        drawn[each].append(comparison.score(each, draw=draw))
    return tuple(comparison.summarise(scores, shots=each) for each, scores in drawn.items())


@dataclass(frozen=True)
class _Comparison:
    """The classifiers to compare, ready for any number of draws."""

    split: DatasetSplit
    """All labelled windows; `train` is drawn from."""
    settings: EvaluationSettings
    """With the trainings on few labels in place of those on all."""
    classifiers: Mapping[str, Classifier]
    """By name; features of the test windows are computed once."""

    @classmethod
    def prepare(cls, split: DatasetSplit, *, student: Student, settings: EvaluationSettings) -> "_Comparison":
        few_shot = settings.evaluate.few_shot
        trainings = {"supervised": few_shot.supervised, "fine_tune": few_shot.fine_tune}
        on_few = _with(settings, evaluate=_with(settings.evaluate, **trainings))
        setup = Setup(split.train, on_few, student)
        names = (PRETRAINED, *few_shot.baselines, SCRATCH)
        made = {name: CLASSIFIERS[NAMES_IN_TABLE.get(name, name)](setup) for name in names}
        return cls(split, on_few, {name: _test_features_once(each, split=split) for name, each in made.items()})

    def score(self, shots: int, *, draw: int) -> dict[str, float]:
        """Macro-F1 of every classifier that is compared on this draw of so many windows a class."""
        each, draws = counted(shots, "window"), self.settings.evaluate.few_shot.draws
        logger.info("label efficiency: %s per %s, draw %d of %d", each, self.settings.words.behaviour, draw + 1, draws)
        few, settings = self._draw(shots, draw=draw)
        chosen = {
            name: each for name, each in self.classifiers.items() if self._trains_scratch(shots) or name != SCRATCH
        }
        return {name: _macro_f1(classifier, split=few, settings=settings) for name, classifier in chosen.items()}

    def _trains_scratch(self, shots: int) -> bool:
        asked = self.settings.evaluate.few_shot.scratch_shots
        return asked is None or shots in asked

    def _draw(self, shots: int, *, draw: int) -> tuple[DatasetSplit, EvaluationSettings]:
        """The split whose training windows are the few drawn, and the settings with a seed for this draw."""
        seed = seed_for("shots", self.settings.seed, shots, draw)
        rows = draw_rows(self.split.train, shots=shots, horses=self.settings.evaluate.few_shot.horses, seed=seed)
        nothing = self.split.pool.take(self.split.pool.has_film & False)
        few = replace(
            self.split, train=self.split.train.take(rows), validation=self.split.validation.take(NO_ROWS), pool=nothing
        )
        return few, _with(self.settings, seed=seed_for("few-shot", self.settings.seed, shots, draw))

    def summarise(self, drawn: Sequence[Mapping[str, float]], *, shots: int) -> FewShot:
        """The scores of all draws of so many windows a class."""
        confidence = self.settings.evaluate.confidence
        scores = {name: tuple(each[name] for each in drawn) for name in drawn[0]}
        figures = dict(scores)
        pretrained, scratch = figures.pop(PRETRAINED), figures.pop(SCRATCH, ())
        differences = [ours - theirs for ours, theirs in zip(pretrained, scratch, strict=True)] if scratch else []
        return FewShot(
            shots=shots,
            pretrained=pretrained,
            scratch=scratch,
            mean_difference=float(np.mean(differences)) if differences else None,
            difference_interval=mean_interval(differences, confidence=confidence) if differences else None,
            note=self._describe(shots * len(self.split.train.classes), scratch=self._trains_scratch(shots)),
            baselines=figures,
            mean_intervals={
                name: possible(mean_interval(values, confidence=confidence)) for name, values in scores.items()
            },
        )

    def _describe(self, drawn: int, *, scratch: bool) -> str:
        few_shot, training = self.settings.evaluate.few_shot, self.settings.evaluate.supervised
        words = self.settings.words
        whose = f"at least {few_shot.horses} of" if few_shot.horses else "all"
        rounds = oversampling_rounds(drawn, settings=self.settings.probe)
        copies = f", each window beside {rounds - 1} augmented copies of it" if rounds > 1 else ""
        from_scratch = (
            f" From scratch: the same student, {training.steps} steps of {training.batch} (each window about "
            f"{training.steps * training.batch // drawn} times, augmented anew), weight decay, cosine schedule, "
            "last weights."
        )
        return (
            f"{few_shot.draws} draws, balanced over {words.behaviours} and dealt over {whose} the training "
            f"{words.subjects}. Pretrained, untrained and spectral: linear probe, C chosen by folds of their "
            f"{words.subjects}{copies}.{from_scratch if scratch else ''} All sides see these windows alone: no other "
            f"label, no unlabelled window, no validation {words.subject}."
        )


def _test_features_once(classifier: Classifier, *, split: DatasetSplit) -> Classifier:
    return classifier.with_features_of(split.test) if isinstance(classifier, LinearProbe) else classifier


def _macro_f1(classifier: Classifier, *, split: DatasetSplit, settings: EvaluationSettings) -> float:
    output, test = classifier.fit_predict(split, settings=settings), split.test
    predicted = output.probability.argmax(axis=1)
    return float(macro_f1(confusion_matrix(test.label, predicted=predicted, classes=len(test.classes))))


def _with(settings: SomeSettings, **sections: object) -> SomeSettings:
    return settings.model_copy(update=sections)
