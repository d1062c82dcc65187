"""Label efficiency: the pretrained probe and its rivals on the very same few labelled windows, draw by draw.

Features of the test windows are computed once for each contender: a draw then costs those of its few windows and one
small fit, but for those that train.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64
from numpy import ndarray as Array
from torch import Tensor

from ....data.progress import Tell
from ...datasets.dataset_split import DatasetSplit
from ...datasets.window_dataset import WindowDataset
from ...probing.linear import LinearClassifier
from ...probing.oversampling import oversampling_rounds
from ...probing.self_training import UnlabelledFeatures, share_of
from ...probing.student_probe import Featurise, embedded_by, fit_features, unnamed
from ...recipe import Recipe
from ...runtime.formatting import counted
from ...runtime.seeds import seed_for
from ...students.student import Student
from .. import metrics
from ..classifiers.baselines import spectrally, untrained_student
from ..classifiers.fine_tune import fine_tune
from ..classifiers.supervised import SupervisedStudent, Trained, probabilities, train_supervised
from ..intervals import mean_interval, possible
from ..scores import FewShot
from .label_sampling import draw_rows

PRETRAINED, SCRATCH = "pretrained", "scratch"
FINE_TUNED = "fine-tuned"
NOTHING = np.zeros(0, dtype=np.int64)


def label_efficiency(parts: DatasetSplit, *, student: Student, recipe: Recipe, tell: Tell) -> tuple[FewShot, ...]:
    """One comparison per number of shots that the training horses have labelled windows for; others are told."""
    scarcest = int(np.bincount(parts.train.label, minlength=len(parts.train.classes)).min())
    asked = recipe.evaluate.few_shot.shots
    shots = [shots for shots in asked if shots <= scarcest]
    if len(shots) < len(asked):
        more = ", ".join(str(each) for each in asked if each > scarcest)
        tell(f"label efficiency: not with {more} a gait: the training horses have {scarcest} of the scarcest")
    if not shots:
        return ()
    contest = _Contest(parts, student=student, recipe=recipe)
    return tuple(contest.compare(each, tell=tell) for each in shots)


@dataclass(frozen=True)
class _Probed:
    """A contender that a linear probe listens to."""

    featurise: Featurise
    """Takes windows to its features."""
    test: Float32[Array, "tested dim"]
    """Those of the test windows."""
    pool: UnlabelledFeatures
    """Those of the training horses' windows, whose labels it is not told."""
    silence: Float32[Tensor, "channels"] | None
    """What a site shows to it that drops out; None: the mean of the windows given."""


class _Contest:
    """Everyone who takes part, ready for any number of draws."""

    def __init__(self, parts: DatasetSplit, *, student: Student, recipe: Recipe) -> None:
        self.parts, self.student, self.recipe = parts, student, recipe
        self.settings = recipe.evaluate.few_shot
        self.probed = {PRETRAINED: self._probed(embedded_by(student), silence=student.mean)}
        if "random-init" in self.settings.rivals:
            untrained = untrained_student(parts.train, recipe=recipe)
            self.probed["random-init"] = self._probed(embedded_by(untrained), silence=untrained.mean)
        if "spectral" in self.settings.rivals:
            self.probed["spectral"] = self._probed(spectrally(recipe), silence=None)

    def compare(self, shots: int, *, tell: Tell) -> FewShot:
        """All draws of this many windows a class."""
        macro_f1: dict[str, list[float]] = {}
        scratch_best: list[float] = []
        few, trained = self.parts.train, None
        for draw in range(self.settings.draws):
            tell(f"label efficiency: {counted(shots, 'window')} a gait, draw {draw + 1} of {self.settings.draws}")
            seed = seed_for("shots", self.recipe.seed, shots, draw)
            rows = draw_rows(self.parts.train, shots=shots, horses=self.settings.horses, seed=seed)
            few = self.parts.train.take(rows)
            probes = {name: self._probe(each, few=few) for name, each in self.probed.items()}
            for name, probe in probes.items():
                self._note(macro_f1, name, probe.logits(self.probed[name].test).argmax(axis=1))
            if FINE_TUNED in self.settings.rivals:
                tuned = self._fine_tune(few, classifier=probes[PRETRAINED], seed=(shots, draw))
                self._note(macro_f1, FINE_TUNED, self._told(tuned.last))
            if self.settings.scratch_shots is None or shots in self.settings.scratch_shots:
                trained = self._train(few, seed=(shots, draw))
                self._note(macro_f1, SCRATCH, self._told(trained.last))
                scratch_best.append(self._macro_f1(self._told(trained.best)))
        steps = trained.steps if trained else None
        return self._summary(macro_f1, shots=shots, scratch_best=scratch_best, note=self._describe(few, steps=steps))

    def _summary(
        self, macro_f1: dict[str, list[float]], *, shots: int, scratch_best: list[float], note: str
    ) -> FewShot:
        figures = {name: tuple(values) for name, values in macro_f1.items()}
        pretrained, scratch = figures[PRETRAINED], figures.get(SCRATCH, ())
        differences = [ours - theirs for ours, theirs in zip(pretrained, scratch, strict=False)]
        confidence = self.recipe.evaluate.confidence
        return FewShot(
            shots=shots,
            pretrained=pretrained,
            scratch=scratch,
            scratch_best=tuple(scratch_best),
            mean_difference=float(np.mean(differences)) if differences else None,
            difference_interval=mean_interval(differences, confidence=confidence) if differences else None,
            note=note,
            rivals={name: values for name, values in figures.items() if name not in (PRETRAINED, SCRATCH)},
            mean_intervals={
                name: possible(mean_interval(values, confidence=confidence)) for name, values in figures.items()
            },
        )

    def _probed(self, featurise: Featurise, *, silence: Float32[Tensor, "channels"] | None) -> _Probed:
        pool = unnamed(self.parts.pool, by=featurise)
        return _Probed(featurise, featurise(self.parts.test), pool=pool, silence=silence)

    def _probe(self, probed: _Probed, *, few: WindowDataset) -> LinearClassifier:
        """The probe that knows these windows alone: their own horses choose C, nothing calibrates."""
        none = few.take(NOTHING)
        return fit_features(
            probed.featurise,
            train=few,
            validation=none,
            settings=self.recipe,
            fill_value=probed.silence,
            unlabelled=probed.pool,
        )

    def _train(self, few: WindowDataset, *, seed: tuple[int, int]) -> Trained:
        return train_supervised(
            few,
            validation=self.parts.validation,
            recipe=self.recipe,
            settings=self.settings.supervised,
            seed=seed_for("few-shot", self.recipe.seed, *seed),
        )

    def _fine_tune(self, few: WindowDataset, *, classifier: LinearClassifier, seed: tuple[int, int]) -> Trained:
        return fine_tune(
            self.student,
            classifier=classifier,
            train=few,
            validation=few.take(NOTHING),
            recipe=self.recipe,
            settings=self.settings.fine_tune,
            seed=seed_for("few-shot fine-tune", self.recipe.seed, *seed),
        )

    def _note(self, macro_f1: dict[str, list[float]], name: str, predicted: Int64[Array, "tested"]) -> None:
        macro_f1.setdefault(name, []).append(self._macro_f1(predicted))

    def _told(self, model: SupervisedStudent) -> Int64[Array, "tested"]:
        return np.asarray(probabilities(model, self.parts.test.imu).argmax(axis=1))

    def _macro_f1(self, predicted: Int64[Array, "tested"]) -> float:
        test = self.parts.test
        confusion = metrics.confusion_matrix(test.label, predicted=predicted, classes=len(test.classes))
        return float(metrics.macro_f1(confusion))

    def _describe(self, few: WindowDataset, *, steps: int | None) -> str:
        settings = self.settings
        whose = f"at least {settings.horses} of" if settings.horses else "all"
        batch = settings.supervised.batch
        rounds = oversampling_rounds(len(few), settings=self.recipe.probe)
        copies = f", each window beside {rounds - 1} disturbed copies of it" if rounds > 1 else ""
        share = share_of(len(self.parts.pool), labelled=len(few), settings=self.recipe.probe)
        alone = (
            f", fitted anew with the {share:.0%} of the training horses' windows that it is surest of, unless it then "
            "forgets the labels"
        ) * (share > 0)
        scratch = (
            f" From scratch: the same student, {steps} steps of {batch} (each window about "
            f"{(steps or 0) * batch // len(few)} times, augmented anew), weight decay, cosine schedule, last weights."
        )
        return (
            f"{settings.draws} draws, balanced over gaits and dealt over {whose} the training horses. "
            "Pretrained, untrained and spectral: linear probe, C chosen by folds of their horses"
            f"{copies}{alone}."
            f"{scratch if steps else ''} Nobody sees another label."
        )
