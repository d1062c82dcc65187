"""Leave-one-horse-out: each horse is scored by contenders that learned from all the others.

For sets with few horses or subjects, where one split says little. No film is needed. Within a fold nothing chooses on
the horse left out: penalties come from folds of the other horses, training from scratch takes its last step.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from ..data.errors import BadInput
from ..data.files import write_atomically
from ..data.progress import Tell
from .datasets.dataset_split import DatasetSplit, labelled_windows, split_windows
from .datasets.loading import load_windows
from .datasets.window_dataset import WindowDataset
from .evaluation.classifiers.baselines import CONTROLS, CannotAnswerError
from .evaluation.classifiers.output import Answer, for_all
from .evaluation.classifiers.pretrained import JUDGES
from .evaluation.score_table import format_confusion, format_contenders
from .evaluation.scores import Outcome
from .evaluation.scoring import Predictions, describe_intervals, predictions_of, sampling_of, score
from .probing.probe_file import load_probe
from .recipe import Recipe
from .students.embedding import embed
from .training.checkpoint import read_facts
from .training.run import Run, load_student

PRETRAINED = "pretrained"
"""Name of the contender that each fold's own run makes."""
DEFAULT_CONTENDERS = ("spectral", "random-init", "supervised")
"""Who contends unless others are named."""


@dataclass(frozen=True)
class LeaveOneOut:
    """Scores of every contender, pooled over all horses, each scored when left out."""

    classes: tuple[str, ...]
    """What is told apart, in the order of the confusion matrices."""
    horses: tuple[str, ...]
    """Who was left out in turn."""
    n_windows: int
    """Windows scored: every labelled one, once."""
    contenders: dict[str, Outcome]
    """By name; `per_horse` holds the folds."""
    mean_fold_macro_f1: dict[str, float]
    """Mean of the folds' macro-F1, which weighs horses alike."""
    interval_method: str
    """How the intervals were made, in a sentence."""

    def __str__(self) -> str:
        best = max(self.contenders, key=lambda name: self.contenders[name].macro_f1)
        folds = ", ".join(f"{name} {score:.3f}" for name, score in self.mean_fold_macro_f1.items())
        parts = [
            f"{self.n_windows} windows, each of {len(self.horses)} left out in turn: {', '.join(self.horses)}",
            format_contenders(self.contenders),
            f"Mean of the folds' macro-F1: {folds}",
            f"Intervals: {self.interval_method}.",
            f"{best}:\n{format_confusion(self.contenders[best].confusion, classes=self.classes)}",
        ]
        return "\n\n".join(parts)


def require_known(contenders: Sequence[str], *, pretrained: bool) -> None:
    """Refuses names that are of no control nor, where there are pretrained runs, of a judge; and names given twice."""
    known = [*CONTROLS, *(JUDGES if pretrained else ())]
    wrong = dict.fromkeys(name for name in contenders if name not in known or contenders.count(name) > 1)
    if not wrong and (contenders or pretrained):
        return
    remedy = (
        "Give --runs: judges ask a pretrained student." if set(wrong) & {*JUDGES, PRETRAINED} else "Mend the names."
    )
    expected = f"some of {', '.join(known)}, each once"
    raise BadInput("leave-one-out", found=", ".join(wrong) or "no contender", expected=expected, remedy=remedy)


def leave_one_out(
    cache: str | Path,
    *,
    recipe: Recipe,
    contenders: Sequence[str] = DEFAULT_CONTENDERS,
    runs: Mapping[str, Path] | None = None,
    out: Path | None = None,
    tell: Tell = lambda _: None,
) -> LeaveOneOut:
    """Scores contenders (names of `CONTROLS`) on each horse in turn; `out` takes the result as JSON.

    `runs` names, for every horse, a run that was pretrained without it: then `pretrained` contends too, and names of
    `JUDGES` may.
    """
    require_known(contenders, pretrained=runs is not None)
    windows = load_windows(cache, settings=recipe, memory_gib=recipe.train.memory_gib)
    found = leave_one_out_of(windows, recipe=recipe, contenders=contenders, runs=runs, tell=tell)
    if out is not None:
        write_atomically(out, json.dumps(TypeAdapter(LeaveOneOut).dump_python(found, mode="json"), indent=1) + "\n")
    return found


def leave_one_out_of(
    windows: WindowDataset,
    *,
    recipe: Recipe,
    contenders: Sequence[str],
    runs: Mapping[str, Path] | None = None,
    tell: Tell = lambda _: None,
) -> LeaveOneOut:
    """The same for windows that are in memory already."""
    require_known(contenders, pretrained=runs is not None)
    horses = labelled_windows(windows, classes=recipe.probe.classes, horses=windows.horses).horses
    _require_two(horses, recipe=recipe)
    names = [*([PRETRAINED] if runs is not None else []), *contenders]
    told: dict[str, list[Predictions]] = {name: [] for name in names}
    notes: dict[str, str] = {}
    for horse in horses:
        parts = _fold(windows, horse=horse, horses=horses, recipe=recipe)
        for name in names:
            tell(f"without {horse}: {name}")
            answer = _answer(name, parts=parts, horse=horse, runs=runs or {}, recipe=recipe)
            told[name].append(predictions_of(parts.test.take(answer.rows), probability=answer.probability))
            notes[name] = f"{answer.note} (figures of the last fold)"
    return _collect({name: _pool(folds) for name, folds in told.items()}, notes=notes, recipe=recipe)


def _collect(pooled: Mapping[str, Predictions], *, notes: Mapping[str, str], recipe: Recipe) -> LeaveOneOut:
    sampling = sampling_of(recipe.evaluate, seed=recipe.seed)
    outcomes = {name: score(told, note=notes[name], sampling=sampling) for name, told in pooled.items()}
    first = max(pooled.values(), key=lambda told: len(told.truth))  # a teacher answers for filmed windows alone
    return LeaveOneOut(
        classes=first.classes,
        horses=tuple(sorted(set(first.horse))),
        n_windows=len(first.truth),
        contenders=outcomes,
        mean_fold_macro_f1={
            name: float(np.mean([horse.macro_f1 for horse in outcome.per_horse.values()]))
            for name, outcome in outcomes.items()
        },
        interval_method=describe_intervals(first, sampling=sampling),
    )


def _require_two(horses: tuple[str, ...], *, recipe: Recipe) -> None:
    if len(horses) < 2:
        raise BadInput(
            "leave-one-out",
            found=f"labelled windows of {', '.join(horses) or 'no horse'}",
            expected=f"labelled windows of {', '.join(recipe.probe.classes)} of two horses or more",
            remedy="Add labelled recordings, or correct probe.classes.",
        )


def _fold(windows: WindowDataset, *, horse: str, horses: tuple[str, ...], recipe: Recipe) -> DatasetSplit:
    others = [other for other in horses if other != horse]
    return split_windows(windows, classes=recipe.probe.classes, train=others, validation=(), test=(horse,))


def _answer(name: str, *, parts: DatasetSplit, horse: str, runs: Mapping[str, Path], recipe: Recipe) -> Answer:
    if name == PRETRAINED:
        return _pretrained(parts, run=_unseeing(runs, horse=horse))
    if name in JUDGES and runs:
        return JUDGES[name](parts, student=load_student(_unseeing(runs, horse=horse)), recipe=recipe)
    try:
        return CONTROLS[name](parts, recipe=recipe)
    except CannotAnswerError as reason:
        raise BadInput(
            "leave-one-out",
            found=f"without {horse}, {name}: {reason}",
            expected="an answer for every horse",
            remedy=f"Leave the contender {name} out.",
        ) from None


def _unseeing(runs: Mapping[str, Path], *, horse: str) -> Path:
    """The run that was made without this horse; one made with it is refused."""
    if horse not in runs:
        raise BadInput(
            "leave-one-out", found=f"no run without {horse}", expected="a run per horse", remedy="Pretrain it."
        )
    facts = read_facts(Run(runs[horse]).checkpoint)["horses"]
    if horse in {*facts["train"], *facts["validation"], *load_probe(runs[horse]).horses}:
        raise BadInput(
            runs[horse],
            found=f"a run that has seen {horse}",
            expected=f"a run pretrained and probed without {horse}",
            remedy="Name it in split.test of that run's recipe.",
        )
    return runs[horse]


def _pretrained(parts: DatasetSplit, *, run: Path) -> Answer:
    """The probe of the run that was made without this horse."""
    classifier = load_probe(run)
    probability = classifier.probabilities(embed(load_student(run), parts.test.imu))
    note = f"linear probe on the student pretrained without the horse, C = {classifier.inverse_penalty:g}"
    return for_all(parts, probability, note=note)


def _pool(folds: Sequence[Predictions]) -> Predictions:
    """The folds one after the other."""
    return Predictions(
        classes=folds[0].classes,
        truth=np.concatenate([fold.truth for fold in folds]),
        probability=np.concatenate([fold.probability for fold in folds]),
        horse=tuple(horse for fold in folds for horse in fold.horse),
        recording=tuple(recording for fold in folds for recording in fold.recording),
    )
