"""Leave-one-horse-out: each horse is scored by classifiers that were fitted on all the others.

For sets with few horses or subjects, where one split says little. No film is needed. Within a fold nothing is selected
on the horse left out: penalties come from folds of the other horses, training from scratch takes its last step.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np

from ....data.errors import BadInput
from ....data.words import WORDS, Words
from ...datasets.dataset_split import DatasetSplit, split_windows, windows_of_classes
from ...datasets.window_dataset import WindowDataset
from ...runtime.formatting import counted
from ..classifiers.classifier import CannotPredictError, Classifier
from ..classifiers.linear_probe import SavedProbe
from ..classifiers.table import CLASSIFIERS, Setup
from ..score_table import format_confusion, format_methods
from ..scores import MethodScores
from ..scoring import Predictions, describe_intervals, predictions_of, sampling_of, score
from ..settings import BaselineName, ClassifierName, EvaluationSettings

logger = logging.getLogger(__name__)

PRETRAINED = "pretrained"
"""Name of the student and probe that each fold's own run holds."""

FoldRun = Callable[[str], SavedProbe]
"""The student and probe of the run that has not seen this horse."""


@dataclass(frozen=True)
class LeaveOneOut:
    """Scores of every method, pooled over all horses, each scored when left out."""

    classes: tuple[str, ...]
    """The gaits, in the order of the confusion matrices."""
    horses: tuple[str, ...]
    """The horses left out in turn."""
    n_windows: int
    """Windows scored: every labelled one, once."""
    methods: dict[str, MethodScores]
    """By name; `per_horse` holds the folds."""
    mean_fold_macro_f1: dict[str, float]
    """Mean of the folds' macro-F1, which weights horses equally."""
    interval_method: str
    """How the intervals were made, in a sentence."""
    words: Words = WORDS
    """What the subjects are called."""

    def __str__(self) -> str:
        best = max(self.methods, key=lambda name: self.methods[name].macro_f1)
        folds = ", ".join(f"{name} {score:.3f}" for name, score in self.mean_fold_macro_f1.items())
        each = counted(len(self.horses), self.words.subject)
        parts = [
            f"{self.n_windows} windows, each of {each} left out in turn: {', '.join(self.horses)}",
            format_methods(self.methods, words=self.words),
            f"Mean of the folds' macro-F1: {folds}",
            f"Intervals: {self.interval_method}.",
            f"{best}:\n{format_confusion(self.methods[best].confusion, classes=self.classes)}",
        ]
        return "\n\n".join(parts)


def require_known(methods: Sequence[str], *, pretrained: bool) -> None:
    """Refuses unknown names, names given twice, and names that need a pretrained student where there is none."""
    of_student = get_args(ClassifierName)
    known = [*get_args(BaselineName), *(of_student if pretrained else ())]
    wrong = dict.fromkeys(name for name in methods if name not in known or methods.count(name) > 1)
    if not wrong and (methods or pretrained):
        return
    needs_runs = set(wrong) & {*of_student, PRETRAINED} and not pretrained
    remedy = "Give --runs: these need a pretrained student." if needs_runs else "Correct the names."
    expected = f"some of {', '.join(known)}, each once"
    raise BadInput("leave-one-out", found=", ".join(wrong) or "no method", expected=expected, remedy=remedy)


def score_each_left_out(
    windows: WindowDataset, *, settings: EvaluationSettings, methods: Sequence[str], fold_run: FoldRun | None = None
) -> LeaveOneOut:
    """Scores these methods on each horse in turn; with the runs of the folds, `pretrained` too."""
    require_known(methods, pretrained=fold_run is not None)
    labelled = windows_of_classes(windows, classes=settings.probe.classes, horses=windows.horses)
    horses = labelled.horses
    _require_two(horses, classes=settings.probe.classes)
    _require_shared(labelled)
    names = [*([PRETRAINED] if fold_run else []), *methods]
    predictions: dict[str, list[Predictions]] = {name: [] for name in names}
    notes: dict[str, str] = {}
    for horse in horses:
        others = [other for other in horses if other != horse]
        split = split_windows(windows, classes=settings.probe.classes, train=others, validation=(), test=(horse,))
        run = fold_run(horse) if fold_run else None
        setup = Setup(split.train, settings, run.student if run else None)
        for name in names:
            logger.info("without %s: %s", horse, name)
            classifier = run if run and name == PRETRAINED else CLASSIFIERS[name](setup)
            found, note = _predict(classifier, name=name, split=split, settings=settings)
            predictions[name].append(found)
            notes[name] = f"{note} (figures of the last fold)"
    pooled = {name: _pool(folds) for name, folds in predictions.items()}
    return _collect(pooled, notes=notes, settings=settings)


def _predict(
    classifier: Classifier, *, name: str, split: DatasetSplit, settings: EvaluationSettings
) -> tuple[Predictions, str]:
    try:
        output = classifier.fit_predict(split, settings=settings)
    except CannotPredictError as reason:
        raise BadInput(
            "leave-one-out",
            found=f"without {', '.join(split.test.horses)}, {name}: {reason}",
            expected="predictions for every horse",
            remedy=f"Leave the method {name} out.",
        ) from None
    return predictions_of(split.test.take(output.rows), probability=output.probability), output.note


def _collect(pooled: dict[str, Predictions], *, notes: dict[str, str], settings: EvaluationSettings) -> LeaveOneOut:
    sampling = sampling_of(settings.evaluate, seed=settings.seed, words=settings.words)
    ours = pooled.get(PRETRAINED)
    scores = {
        name: score(each, note=notes[name], sampling=sampling, reference=_paired(ours, other=each))
        for name, each in pooled.items()
    }
    first = max(pooled.values(), key=lambda each: len(each.truth))  # a teacher predicts filmed windows alone
    return LeaveOneOut(
        classes=first.classes,
        horses=tuple(sorted(set(first.horse))),
        n_windows=len(first.truth),
        methods=scores,
        mean_fold_macro_f1={
            name: float(np.mean([horse.macro_f1 for horse in each.per_horse.values()])) for name, each in scores.items()
        },
        interval_method=describe_intervals(first, sampling=sampling),
        words=settings.words,
    )


def _paired(ours: Predictions | None, *, other: Predictions) -> Predictions | None:
    """The student's predictions where they are of another method's windows: a teacher predicts filmed ones alone."""
    same = ours is not None and ours is not other and len(ours.truth) == len(other.truth)
    return ours if same else None


def _require_two(horses: tuple[str, ...], *, classes: Sequence[str]) -> None:
    if len(horses) < 2:
        raise BadInput(
            "leave-one-out",
            found=f"labelled windows of {', '.join(horses) or 'no horse'}",
            expected=f"labelled windows of {', '.join(classes)} of two horses or more",
            remedy="Add labelled recordings, or correct probe.classes.",
        )


def _require_shared(labelled: WindowDataset) -> None:
    """Each class is to be learned without any one horse, so two must show it."""
    pairs = set(zip(labelled.label.tolist(), labelled.horse, strict=True))
    showing = [[horse for label, horse in sorted(pairs) if label == index] for index in range(len(labelled.classes))]
    alone = [index for index, horses in enumerate(showing) if len(horses) == 1]
    if alone:
        kept = [name for index, name in enumerate(labelled.classes) if len(showing[index]) > 1]
        fewer = f", or leave it out: --set 'probe.classes=[{', '.join(kept)}]'" if len(kept) > 1 else ""
        found = ", ".join(f"{labelled.classes[index]} of {showing[index][0]} alone" for index in alone)
        expected, remedy = "labelled windows of each of two horses or more", f"Label it in another's recordings{fewer}."
        raise BadInput("leave-one-out", found=found, expected=expected, remedy=remedy)


def _pool(folds: Sequence[Predictions]) -> Predictions:
    """The folds one after the other."""
    return Predictions(
        classes=folds[0].classes,
        truth=np.concatenate([fold.truth for fold in folds]),
        probability=np.concatenate([fold.probability for fold in folds]),
        horse=tuple(horse for fold in folds for horse in fold.horse),
        recording=tuple(recording for fold in folds for recording in fold.recording),
    )
