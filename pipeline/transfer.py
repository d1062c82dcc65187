"""Transfer: a run's student and probe on another data set, told apart by the labels that both sets share.

Nothing is fitted there. Only sensors are looked at, so that it does not matter which teacher saw that set's films, nor
how far apart its windows lie. Sites, rate and length of windows must be those of the run.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jaxtyping import Float64
from numpy import ndarray as Array
from pydantic import TypeAdapter

from ..data.errors import BadInput, shortened
from ..data.files import write_atomically
from ..data.progress import Tell
from .datasets.dataset_split import labelled_windows
from .datasets.loading import load_sensor_windows
from .datasets.window_dataset import WindowDataset
from .evaluation import metrics
from .evaluation.score_table import format_confusion, format_contenders
from .evaluation.scores import Outcome
from .evaluation.scoring import describe_intervals, predictions_of, sampling_of, score
from .probing.linear import LinearClassifier
from .probing.probe_file import load_probe
from .recipe import Recipe
from .run_recipe import load_run_recipe
from .runtime.device import choose_device
from .runtime.formatting import counted
from .students.embedding import embed
from .training.checkpoint import read_facts
from .training.run import Run, load_student


@dataclass(frozen=True)
class Transfer:
    """What a run scores on a data set that it was not made from."""

    run: str
    """The run's folder."""
    cache: str
    """The other data set."""
    classes: tuple[str, ...]
    """The labels that both know, in the order of the confusion matrix."""
    horses: tuple[str, ...]
    """Who was scored."""
    n_windows: int
    """Windows scored."""
    outcome: Outcome
    """All figures."""
    chance: dict[str, dict[str, float]]
    """Expected scores of guessing, `majority` and `uniform`."""
    interval_method: str
    """How the intervals were made, in a sentence."""

    def __str__(self) -> str:
        uniform = self.chance["uniform"]["macro_f1"]
        return "\n\n".join(
            [
                f"{self.n_windows} windows of {len(self.horses)} in {self.cache}: {', '.join(self.horses)}",
                format_contenders({f"probe of {self.run}": self.outcome}),
                f"Guessing evenly: macro-F1 {uniform:.3f}. Intervals: {self.interval_method}.",
                format_confusion(self.outcome.confusion, classes=self.classes),
            ]
        )


def transfer(
    cache: str | Path,
    *,
    run: Path,
    namesakes: bool = False,
    out: Path | None = None,
    tell: Tell = lambda _: None,
) -> Transfer:
    """Scores a run's student and probe on every labelled window of another cache; `out` takes the result as JSON.

    Horses that the run has learned from are refused by name, unless `namesakes` says that they are others.
    """
    recipe, classifier = load_run_recipe(run), load_probe(run)
    windows = load_sensor_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib)
    shared = _shared(classifier.classes, there=windows.classes, cache=cache)
    test = labelled_windows(windows, classes=shared, horses=windows.horses)
    _require_unseen(test, run=run, cache=cache, namesakes=namesakes, shared=shared)
    tell(f"scoring {len(test)} windows of {', '.join(test.horses)}")
    student = load_student(run).to(choose_device(recipe.train.device, setting="train.device"))
    narrowed = narrow(classifier, classes=shared)
    found = _score(test, probability=narrowed.probabilities(embed(student, test.imu)), recipe=recipe)
    result = replace(found, run=str(run), cache=str(cache))
    if out is not None:
        write_atomically(out, json.dumps(TypeAdapter(Transfer).dump_python(result, mode="json"), indent=1) + "\n")
    return result


def narrow(classifier: LinearClassifier, *, classes: Sequence[str]) -> LinearClassifier:
    """The same classifier among some of its classes: p(class | one of these), which is its softmax over their rows."""
    rows = [classifier.classes.index(name) for name in classes]
    return replace(classifier, classes=tuple(classes), weight=classifier.weight[rows], bias=classifier.bias[rows])


def _shared(classes: Sequence[str], *, there: Sequence[str], cache: str | Path) -> tuple[str, ...]:
    shared = tuple(name for name in classes if name in there)
    if len(shared) < 2:
        raise BadInput(
            cache,
            found=f"labels {', '.join(there)}",
            expected=f"two or more of those that the run's probe tells: {', '.join(classes)}",
            remedy="Rename labels with `labels: {map: ...}` in the manifests.",
        )
    return shared


def _require_unseen(
    test: WindowDataset, *, run: Path, cache: str | Path, namesakes: bool, shared: Sequence[str]
) -> None:
    if not len(test):
        expected, remedy = f"windows of {', '.join(shared)}", "Label some recordings."
        raise BadInput(cache, found="no labelled window", expected=expected, remedy=remedy)
    facts = read_facts(Run(run).checkpoint)["horses"]
    seen = sorted({*facts["train"], *facts["validation"]} & set(test.horses))
    if seen and not namesakes:
        raise BadInput(
            cache,
            found=f"{counted(len(seen), 'horse')} under a name that the run has learned from: {shortened(seen)}",
            expected="horses that it has not seen",
            remedy="If they are others that bear the same names, say so with --namesakes.",
        )


def _score(test: WindowDataset, *, probability: Float64[Array, "windows classes"], recipe: Recipe) -> Transfer:
    sampling = sampling_of(recipe.evaluate, seed=recipe.seed)
    predictions = predictions_of(test, probability=probability)
    note = "linear probe on the frozen pretrained student, both from another data set"
    return Transfer(
        run="",
        cache="",
        classes=test.classes,
        horses=test.horses,
        n_windows=len(test),
        outcome=score(predictions, note=note, sampling=sampling),
        chance=metrics.chance_levels(test.label, classes=len(test.classes)),
        interval_method=describe_intervals(predictions, sampling=sampling),
    )
