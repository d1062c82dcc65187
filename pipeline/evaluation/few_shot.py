"""Label efficiency: the pretrained probe against training from scratch, on the very same few labelled windows."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Int64
from numpy import ndarray as Array
from torch import nn

from ..probing.embed import embed
from ..probing.labelled import LabelledWindows, Partition
from ..probing.student_probe import probe_student
from ..randomness import seed_for
from ..recipe import Recipe
from . import metrics
from .scores import FewShot, Interval
from .supervised import SupervisedStudent, probabilities, train_supervised

Tell = Callable[[str], None]
"""Takes a line on what is being done."""

NOTHING = np.zeros(0, dtype=np.int64)


def label_efficiency(parts: Partition, *, student: nn.Module, recipe: Recipe, tell: Tell) -> tuple[FewShot, ...]:
    """One comparison per number of shots that the training horses have labelled windows for."""
    scarcest = int(np.bincount(parts.train.label, minlength=len(parts.train.classes)).min())
    shots = [shots for shots in recipe.evaluate.few_shot.shots if shots <= scarcest]
    return tuple(_compare(parts, shots=each, student=student, recipe=recipe, tell=tell) for each in shots)


def draw_shots(windows: LabelledWindows, *, shots: int, seed: int) -> Int64[Array, "chosen"]:
    """Rows of `shots` windows of each class, dealt over the horses in turn so that none is favoured, each once."""
    rng = np.random.default_rng(seed)
    horse = np.array(windows.horse)
    chosen: list[int] = []
    for label in range(len(windows.classes)):
        rows = rng.permutation(np.flatnonzero(windows.label == label))
        turn = np.empty(len(rows), dtype=np.int64)
        for name in np.unique(horse):
            turn[horse[rows] == name] = np.arange(np.count_nonzero(horse[rows] == name))
        chosen += rows[np.argsort(turn, kind="stable")][:shots].tolist()
    return np.array(sorted(chosen), dtype=np.int64)


def draw_horses(windows: LabelledWindows, *, horses: int, shots: int, seed: int) -> LabelledWindows:
    """The windows of `horses` horses drawn at random, and of as many more as `shots` windows of each class need."""
    order = np.random.default_rng(seed).permutation(windows.horses).tolist()
    horse = np.array(windows.horse)
    for count in range(horses, len(order) + 1):
        chosen = windows.take(np.flatnonzero(np.isin(horse, order[:count])))
        if np.bincount(chosen.label, minlength=len(windows.classes)).min() >= shots:
            return chosen
    return windows


def paired_interval(differences: tuple[float, ...], *, confidence: float) -> Interval:
    """Student-t interval of the mean of paired differences: mean +- t(n - 1) * SD / sqrt(n)."""
    from scipy.stats import t

    count = len(differences)
    half = float(t.ppf(0.5 + confidence / 2, count - 1)) * float(np.std(differences, ddof=1)) / np.sqrt(count)
    mean = float(np.mean(differences))
    return mean - float(half), mean + float(half)


def _compare(parts: Partition, *, shots: int, student: nn.Module, recipe: Recipe, tell: Tell) -> FewShot:
    settings = recipe.evaluate.few_shot
    pretrained, scratch, scratch_best = [], [], []
    for draw in range(settings.draws):
        tell(f"label efficiency: {shots} windows a gait, draw {draw + 1} of {settings.draws}")
        few = _draw(parts.train, shots=shots, horses=settings.horses, seed=seed_for("shots", recipe.seed, shots, draw))
        pretrained.append(_score_probe(parts, few=few, student=student, recipe=recipe))
        trained = train_supervised(
            few,
            validation=parts.validation,
            recipe=recipe,
            settings=settings.supervised,
            seed=seed_for("few-shot", recipe.seed, shots, draw),
        )
        scratch.append(_score_trained(parts, trained.last))
        scratch_best.append(_score_trained(parts, trained.best))
    differences = tuple(ours - theirs for ours, theirs in zip(pretrained, scratch, strict=True))
    return FewShot(
        shots=shots,
        pretrained=tuple(pretrained),
        scratch=tuple(scratch),
        scratch_best=tuple(scratch_best),
        mean_difference=float(np.mean(differences)),
        difference_interval=paired_interval(differences, confidence=recipe.evaluate.confidence),
        note=_describe(few, recipe=recipe, steps=trained.steps),
    )


def _draw(train: LabelledWindows, *, shots: int, horses: int | None, seed: int) -> LabelledWindows:
    known = train if horses is None else draw_horses(train, horses=horses, shots=shots, seed=seed)
    return known.take(draw_shots(known, shots=shots, seed=seed))


def _score_probe(parts: Partition, *, few: LabelledWindows, student: nn.Module, recipe: Recipe) -> float:
    """Macro-F1 of the probe that knows these windows alone: their own horses choose C, nothing calibrates."""
    classifier = probe_student(student, train=few, validation=few.take(NOTHING), recipe=recipe)
    probability = classifier.probabilities(embed(student, parts.test.imu))
    return _macro_f1(parts.test, predicted=probability.argmax(axis=1))


def _score_trained(parts: Partition, model: SupervisedStudent) -> float:
    return _macro_f1(parts.test, predicted=probabilities(model, parts.test.imu).argmax(axis=1))


def _macro_f1(test: LabelledWindows, *, predicted: Int64[Array, "windows"]) -> float:
    confusion = metrics.confusion_matrix(test.label, predicted=predicted, classes=len(test.classes))
    return float(metrics.macro_f1(confusion))


def _describe(few: LabelledWindows, *, recipe: Recipe, steps: int) -> str:
    settings = recipe.evaluate.few_shot
    batch, whose = settings.supervised.batch, f"at least {settings.horses} of" if settings.horses else "all"
    return (
        f"{settings.draws} draws of {len(few) // len(few.classes)} windows of each gait, dealt over {whose} the "
        "training horses. Pretrained: linear probe, C chosen by folds of their horses. From scratch: the same student, "
        f"{steps} steps of {batch} (each window about {steps * batch // len(few)} times, augmented anew), weight "
        "decay, cosine schedule, last weights. Neither sees another label."
    )
