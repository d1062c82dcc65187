"""From predictions to scores: every figure of one classifier, with intervals that respect horses and bouts."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray as Array

from ..datasets.window_dataset import WindowDataset
from ..runtime.seeds import seed_for
from . import intervals, metrics
from .classifiers.classifier import ClassifierOutput
from .scores import HorseScore, Interval, MethodScores
from .settings import EvaluateSettings


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


def predictions_of(windows: WindowDataset, *, probability: Float64[Array, "windows classes"]) -> Predictions:
    """Probabilities beside the truth."""
    return Predictions(windows.classes, windows.label, probability, windows.horse, windows.recording)


def sampling_of(settings: EvaluateSettings, *, seed: int) -> Sampling:
    """How the settings want intervals and calibration computed."""
    return Sampling(
        confidence=settings.confidence,
        resamples=settings.resamples,
        ece_bins=settings.ece_bins,
        seed=seed_for("bootstrap", seed),
    )


def score_output(output: ClassifierOutput, *, test: WindowDataset, sampling: Sampling) -> MethodScores:
    """All figures of a classifier, on the windows that it predicts."""
    predictions = predictions_of(test.take(output.rows), probability=output.probability)
    return score(predictions, note=output.note, sampling=sampling)


def score(predictions: Predictions, *, note: str, sampling: Sampling) -> MethodScores:
    """All figures of one classifier."""
    confusion = metrics.confusion_matrix(
        predictions.truth, predicted=predictions.predicted, classes=len(predictions.classes)
    )
    blocks = _Blocks.of(predictions)
    return MethodScores(
        accuracy=float(metrics.accuracy(confusion)),
        macro_f1=float(metrics.macro_f1(confusion)),
        balanced_accuracy=float(metrics.balanced_accuracy(confusion)),
        ece=metrics.calibration_error(predictions.probability, truth=predictions.truth, bins=sampling.ece_bins),
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
        per_horse={horse: _score_horse(blocks.of_horse(horse), sampling=sampling) for horse in blocks.horses},
        intervals=_overall_intervals(blocks, sampling=sampling),
        note=note,
    )


def describe_intervals(predictions: Predictions, *, sampling: Sampling) -> str:
    """A sentence for the reader on what the intervals of these predictions rest."""
    horses = len(set(predictions.horse))
    percent = f"{100 * sampling.confidence:g} % percentile bootstrap, {sampling.resamples} resamples"
    perfect = "; without a single error Wilson's interval, each block of neighbouring windows one trial"
    if horses >= intervals.FEWEST_HORSES:
        return f"{percent} of the {horses} test horses, drawn whole (too narrow with few horses){perfect}"
    return (
        f"{percent} of blocks of up to {intervals.BLOCK_WINDOWS} neighbouring windows, within {horses} test horse(s): "
        f"says nothing about other horses{perfect}"
    )


@dataclass(frozen=True)
class _Blocks:
    """Confusion matrices of blocks of neighbouring windows, with the horse and the true label of each block."""

    confusions: Int64[Array, "blocks classes classes"]
    horse: Array
    label: Int64[Array, "blocks"]

    @classmethod
    def of(cls, predictions: Predictions) -> "_Blocks":
        block = intervals.blocks_of(predictions.truth, recording=predictions.recording)
        first = np.flatnonzero(np.diff(block, prepend=-1))
        confusions = intervals.grouped_confusions(
            block, truth=predictions.truth, predicted=predictions.predicted, classes=len(predictions.classes)
        )
        return cls(confusions, np.array(predictions.horse)[first], predictions.truth[first])

    @property
    def horses(self) -> tuple[str, ...]:
        return tuple(str(horse) for horse in np.unique(self.horse))

    @property
    def faultless(self) -> bool:
        """Whether no window was told wrong."""
        return float(metrics.accuracy(self.confusions.sum(axis=0))) == 1.0

    def of_horse(self, horse: str) -> "_Blocks":
        here = self.horse == horse
        return _Blocks(self.confusions[here], self.horse[here], self.label[here])


def _score_horse(blocks: _Blocks, *, sampling: Sampling) -> HorseScore:
    confusion = blocks.confusions.sum(axis=0)
    return HorseScore(
        accuracy=float(metrics.accuracy(confusion)),
        accuracy_interval=_wilson(blocks, sampling=sampling),
        macro_f1=float(metrics.macro_f1(confusion)),
        macro_f1_interval=_overall_intervals(blocks, sampling=sampling)["macro_f1"],
        n_windows=int(confusion.sum()),
        n_blocks=len(blocks.label),
    )


def _overall_intervals(blocks: _Blocks, *, sampling: Sampling) -> dict[str, Interval]:
    """Resamples horses where there are enough of them, else blocks within horse and label.

    Where nothing was told wrong every resample is perfect, so that a bootstrap would claim certainty: Wilson does not.
    """
    names = ("accuracy", "macro_f1", "balanced_accuracy")
    if blocks.faultless:
        return dict.fromkeys(names, _wilson(blocks, sampling=sampling))
    confusions, strata = blocks.confusions, _strata(blocks)
    if len(blocks.horses) >= intervals.FEWEST_HORSES:
        confusions = np.stack([blocks.of_horse(horse).confusions.sum(axis=0) for horse in blocks.horses])
        strata = np.zeros(len(confusions), dtype=np.int64)
    return {name: _bootstrap(confusions, name, strata=strata, sampling=sampling) for name in names}


def _wilson(blocks: _Blocks, *, sampling: Sampling) -> Interval:
    """Of the accuracy, counting each block as one trial."""
    share = float(metrics.accuracy(blocks.confusions.sum(axis=0)))
    return intervals.wilson_interval(share, trials=float(len(blocks.label)), confidence=sampling.confidence)


def _strata(blocks: _Blocks) -> Int64[Array, "blocks"]:
    """One number per horse and label."""
    horse: Array = np.unique(blocks.horse, return_inverse=True)[1]
    return np.asarray(horse * (int(blocks.label.max()) + 1) + blocks.label)


def _bootstrap(
    confusions: Int64[Array, "groups classes classes"],
    name: str,
    *,
    strata: Int64[Array, "groups"],
    sampling: Sampling,
) -> Interval:
    return intervals.bootstrap_interval(
        confusions,
        score=getattr(metrics, name),
        strata=strata,
        resamples=sampling.resamples,
        confidence=sampling.confidence,
        seed=sampling.seed,
    )
