"""Transfer: a run's student and probe on another data set, by the labels that both sets share; nothing is fitted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ....data.errors import BadInput
from ....data.words import WORDS, Words
from ...datasets.window_dataset import WindowDataset
from ...probing.linear import LinearClassifier
from ...runtime.formatting import counted
from .. import metrics
from ..classifiers.classifier import ClassifierOutput
from ..score_table import format_confusion, format_methods
from ..scores import MethodScores
from ..scoring import describe_intervals, predictions_of, sampling_of, score_output
from ..settings import EvaluationSettings


@dataclass(frozen=True)
class Transfer:
    """What a run scores on a data set that it was not made from."""

    run: str
    """The run's folder."""
    cache: str
    """The other data set."""
    classes: tuple[str, ...]
    """The labels that both share, in the order of the confusion matrix."""
    horses: tuple[str, ...]
    """The horses scored."""
    n_windows: int
    """Windows scored."""
    outcome: MethodScores
    """All figures."""
    chance: dict[str, dict[str, float]]
    """Expected scores of guessing, `majority` and `uniform`."""
    interval_method: str
    """How the intervals were made, in a sentence."""
    words: Words = WORDS
    """What the subjects are called."""

    def __str__(self) -> str:
        uniform = self.chance["uniform"]["macro_f1"]
        horses = counted(len(self.horses), self.words.subject)
        return "\n\n".join(
            [
                f"{self.n_windows} windows of {horses} in {self.cache}: {', '.join(self.horses)}",
                format_methods({f"probe of {self.run}": self.outcome}, words=self.words),
                f"Guessing evenly: macro-F1 {uniform:.3f}. Intervals: {self.interval_method}.",
                format_confusion(self.outcome.confusion, classes=self.classes),
            ]
        )


def shared_classes(classes: Sequence[str], *, there: Sequence[str], cache: str) -> tuple[str, ...]:
    """The probe's classes that the other cache labels, too; fewer than two are refused."""
    shared = tuple(name for name in classes if name in there)
    if len(shared) < 2:
        raise BadInput(
            cache,
            found=f"labels {', '.join(there)}",
            expected=f"two or more of those that the run's probe tells: {', '.join(classes)}",
            remedy="Rename labels with `labels: {map: ...}` in the manifests.",
        )
    return shared


def narrow(classifier: LinearClassifier, *, classes: Sequence[str]) -> LinearClassifier:
    """The same classifier among some of its classes: p(class | one of these), which is its softmax over their rows."""
    rows = [classifier.classes.index(name) for name in classes]
    return replace(classifier, classes=tuple(classes), weight=classifier.weight[rows], bias=classifier.bias[rows])


def score_transfer(
    output: ClassifierOutput, *, test: WindowDataset, run: str, cache: str, settings: EvaluationSettings
) -> Transfer:
    """The scores of what a run's probe predicts of another cache's windows."""
    sampling = sampling_of(settings.evaluate, seed=settings.seed, words=settings.words)
    return Transfer(
        run=run,
        cache=cache,
        classes=test.classes,
        horses=test.horses,
        n_windows=len(test),
        outcome=score_output(output, test=test, sampling=sampling),
        chance=metrics.chance_levels(test.label, classes=len(test.classes)),
        interval_method=describe_intervals(predictions_of(test, probability=output.probability), sampling=sampling),
        words=settings.words,
    )
