"""From predictions to scores: every figure of one classifier, with intervals that respect horses and bouts."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ...data.words import WORDS, Words
from ..datasets.window_dataset import WindowDataset
from ..runtime.formatting import counted
from ..runtime.seeds import seed_for
from . import intervals, metrics
from .classifiers.classifier import ClassifierOutput
from .scores import Difference, HorseScore, Interval, MethodScores
from .settings import EvaluateSettings

SCORES = {
    "accuracy": metrics.accuracy,
    "macro_f1": metrics.macro_f1,
    "balanced_accuracy": metrics.balanced_accuracy,
}
"""The scores that have an interval, by their names in `MethodScores`."""


@dataclass(frozen=True)
class Predictions:
    """What one classifier predicts of windows whose truth is known, in order of recording and time."""

    classes: tuple[str, ...]
    """Names of the columns of `probability`."""
    truth: Int64[Array, "windows"]
    """Index into `classes`."""
    probability: Float64[Array, "windows classes"]
    """Rows sum to one."""
    horse: tuple[str, ...]
    """Horse of each window."""
    recording: tuple[str, ...]
    """Recording of each window."""

    @property
    def predicted(self) -> Int64[Array, "windows"]:
        """The most probable class of each window."""
        predicted: Array = self.probability.argmax(axis=1)
        return predicted.astype(np.int64)


@dataclass(frozen=True)
class Sampling:
    """How intervals and calibration are computed."""

    confidence: float = 0.95
    resamples: int = 2000
    ece_bins: int = 15
    seed: int = 0
    words: Words = WORDS


def predictions_of(windows: WindowDataset, *, probability: Float64[Array, "windows classes"]) -> Predictions:
    """Probabilities beside the truth."""
    return Predictions(windows.classes, windows.label, probability, windows.horse, windows.recording)


def sampling_of(settings: EvaluateSettings, *, seed: int, words: Words = WORDS) -> Sampling:
    """How the settings want intervals and calibration computed, and what the subjects are called."""
    return Sampling(
        confidence=settings.confidence,
        resamples=settings.resamples,
        ece_bins=settings.ece_bins,
        seed=seed_for("bootstrap", seed),
        words=words,
    )


def score_output(
    output: ClassifierOutput, *, test: WindowDataset, sampling: Sampling, reference: ClassifierOutput | None = None
) -> MethodScores:
    """All figures of a classifier, on the windows that it predicts; compared with one that predicts every window."""
    windows, rows = test.take(output.rows), output.rows
    return score(
        predictions_of(windows, probability=output.probability),
        note=output.note,
        sampling=sampling,
        reference=None if reference is None else predictions_of(windows, probability=reference.probability[rows]),
    )


def score(
    predictions: Predictions, *, note: str, sampling: Sampling, reference: Predictions | None = None
) -> MethodScores:
    """All figures of one classifier; with a reference on the same windows, how far that one is ahead."""
    horses = _Horses.of(predictions)
    confusion = horses.confusions.sum(axis=0)
    values = {name: float(of(confusion)) for name, of in SCORES.items()}
    return MethodScores(
        **values,
        ece=metrics.calibration_error(predictions.probability, truth=predictions.truth, bins=sampling.ece_bins),
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
        per_horse={name: _score_horse(horses.only(name), sampling=sampling) for name in horses.names},
        intervals={name: _interval(horses, name=name, sampling=sampling) for name in SCORES},
        note=note,
        difference=None if reference is None else _difference(_Horses.of(reference), theirs=horses, sampling=sampling),
    )


def describe_intervals(predictions: Predictions, *, sampling: Sampling) -> str:
    """A sentence for the reader on what the intervals of these predictions rest."""
    horses = len(set(predictions.horse))
    words = sampling.words
    weighted = f"{counted(horses, f'test {words.subject}')} weighted at random {sampling.resamples} times"
    return (
        f"{100 * sampling.confidence:g} %, {weighted}, beside one more, as bad (upper end: as good) as the worst "
        f"(best) may be by Wilson's interval over blocks of up to {intervals.BLOCK_WINDOWS} neighbouring windows"
        + (f"; says nothing about other {words.subjects}" if horses == 1 else "")
    )


@dataclass(frozen=True)
class _Horses:
    """Each horse's confusion matrix, and its number of blocks of neighbouring windows."""

    names: tuple[str, ...]
    confusions: Int64[Array, "horses classes classes"]
    blocks: Int64[Array, "horses"]

    @classmethod
    def of(cls, predictions: Predictions) -> "_Horses":
        names, horse = np.unique(np.array(predictions.horse, dtype=str), return_inverse=True)
        confusions = intervals.grouped_confusions(
            horse, truth=predictions.truth, predicted=predictions.predicted, classes=len(predictions.classes)
        )
        block = intervals.blocks_of(predictions.truth, recording=predictions.recording)
        blocks = np.bincount(horse[np.flatnonzero(np.diff(block, prepend=-1))], minlength=len(names))
        return cls(tuple(map(str, names)), confusions, blocks.astype(np.int64))

    def only(self, name: str) -> "_Horses":
        here = [self.names.index(name)]
        return _Horses((name,), self.confusions[here], self.blocks[here])

    def weights(self, sampling: Sampling) -> Float64[Array, "draws columns"]:
        return intervals.horse_weights(len(self.names), draws=sampling.resamples, seed=sampling.seed)

    def drawn(self, name: str, *, sampling: Sampling) -> intervals.DrawnScore:
        of, weights = SCORES[name], self.weights(sampling)[:, :-1]
        horse, trials = of(self.confusions), self.blocks.astype(np.float64)
        low, high = intervals.wilson_interval(horse, trials=trials, confidence=sampling.confidence)
        drawn = of(np.tensordot(weights, self.confusions, axes=1))
        return intervals.DrawnScore(float(of(self.confusions.sum(axis=0))), drawn, horse, low, high)


def _interval(horses: _Horses, *, name: str, sampling: Sampling) -> Interval:
    drawn = horses.drawn(name, sampling=sampling)
    return intervals.score_interval(drawn, weights=horses.weights(sampling), confidence=sampling.confidence)


def _difference(ours: _Horses, *, theirs: _Horses, sampling: Sampling) -> Difference:
    """In macro-F1."""
    one, other = (each.drawn("macro_f1", sampling=sampling) for each in (ours, theirs))
    weights, confidence = ours.weights(sampling), sampling.confidence
    ends = intervals.difference_interval(one, theirs=other, weights=weights, confidence=confidence)
    return Difference(one.value - other.value, ends)


def _score_horse(horse: _Horses, *, sampling: Sampling) -> HorseScore:
    confusion = horse.confusions[0]
    return HorseScore(
        accuracy=float(metrics.accuracy(confusion)),
        accuracy_interval=_interval(horse, name="accuracy", sampling=sampling),
        macro_f1=float(metrics.macro_f1(confusion)),
        macro_f1_interval=_interval(horse, name="macro_f1", sampling=sampling),
        n_windows=int(confusion.sum()),
        n_blocks=int(horse.blocks[0]),
    )
