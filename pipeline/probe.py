"""The linear probe: a linear classifier of gaits on the embeddings of a frozen student."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..data.errors import BadInput
from .evaluation.protocols.before_after import HorseChange, score_changes
from .inference.shipped_models import refuse_shipped
from .probing.corrections import correct, read_corrections
from .probing.inputs import ProbeInputs, probe_inputs
from .probing.linear import LinearClassifier
from .probing.novelty import fit_novelty
from .probing.probe_file import load_probe, save_probe
from .probing.student_probe import Featurise, computed_once, featured, fit_parts, joined_by
from .probing.transitions import fit_transitions, labelled_bouts
from .recipe import Recipe, load_run_recipe, require_section
from .runtime.formatting import counted


@dataclass(frozen=True)
class CorrectionEffect:
    """What a probe gained or lost by corrected labels."""

    recordings: tuple[str, ...]
    """The corrected recordings."""
    horses: tuple[str, ...]
    """Their horses: all of them are learned from, and none of them is scored."""
    windows: int
    """Windows whose label is another one than before."""
    scores: tuple[HorseChange, ...]
    """Of each test horse that neither the probe before nor the one now has learned from."""

    def __str__(self) -> str:
        of = f"{counted(len(self.recordings), 'recording')} of {', '.join(self.horses)}"
        lines = [f"corrected: {counted(self.windows, 'window')} of {of}"]
        lines += ["macro-F1 before and after on horses that were not corrected:"] if self.scores else []
        lines += [f"  {score}" for score in self.scores]
        return "\n".join(lines if self.scores else [*lines, "no test horse is left to score before and after"])


@dataclass(frozen=True)
class Probe:
    """A fitted probe."""

    path: Path
    """`RUN/probe.safetensors`."""
    classes: tuple[str, ...]
    """The gaits it classifies."""
    inverse_penalty: float
    """The selected C."""
    temperature: float
    """Divisor of the logits; 1 without calibration."""
    horses: tuple[str, ...]
    """The training horses on whose labelled windows it was fitted."""
    n_windows: int
    """Number of these windows."""
    self_taught: int
    """Unlabelled windows of training horses that self-training added."""
    features: str = ""
    """Which features it reads, each with its share; empty for the student's embedding alone."""
    subject: str = "horse"
    """What the horses are called."""
    corrections: CorrectionEffect | None = None
    """What corrected labels changed; None where none were given."""

    def __str__(self) -> str:
        read = f", reads {self.features}" if self.features else ""
        alone = f" and {self.self_taught} unlabelled ones of largest margin" if self.self_taught else ""
        line = (
            f"{self.path}: {', '.join(self.classes)} from {self.n_windows} labelled windows of "
            f"{counted(len(self.horses), self.subject)}{alone}, "
            f"C = {self.inverse_penalty:g}, temperature {self.temperature:.2f}{read}"
        )
        return line if self.corrections is None else f"{line}\n{self.corrections}"


def probe(cache: str | Path, *, run: Path, overrides: Sequence[str] = (), corrections: Sequence[Path] = ()) -> Probe:
    """Fits the linear probe of a run's frozen student on the labelled windows of its training horses, and saves it.

    `overrides` change settings of the recipe's section `probe`, such as the classes; the probe's file stores them for
    later commands. The student needs no new pretraining.

    `corrections` are label files of reviews: they replace the cache's labels of their recordings for this fit, whose
    horses are learned from. The probe that is there is scored beside the new one, on test horses that neither has
    learned from; the settings are its own unless `overrides` are given.
    """
    require_section(overrides, section="probe")
    refuse_shipped(run)
    before = load_probe(run) if corrections else None
    changed = tuple(overrides) or (before.changed if before else ())
    inputs = probe_inputs(cache, run=run, settings=load_run_recipe(run, overrides=changed))
    corrected = correct(inputs, corrections=read_corrections(corrections)) if corrections else None
    inputs = corrected.inputs if corrected else inputs
    by = computed_once(joined_by(inputs.model.student, settings=inputs.settings), windows=inputs.parts.train)
    classifier = replace(_fit(inputs, by=by), changed=changed)
    effect = None
    if before is not None and corrected is not None:
        _require_same_classes(before, now=classifier, run=run)
        scores = score_changes(before, after=classifier, test=inputs.parts.test, by=by)
        effect = CorrectionEffect(corrected.recordings, corrected.horses, corrected.changed, scores)
    path = save_probe(classifier, run=run)
    return Probe(
        path=path,
        classes=classifier.classes,
        inverse_penalty=classifier.inverse_penalty,
        temperature=classifier.temperature,
        horses=inputs.parts.train.horses,
        n_windows=len(inputs.parts.train),
        self_taught=classifier.self_taught,
        features=classifier.described,
        subject=inputs.settings.words.subject,
        corrections=effect,
    )


def _fit(inputs: ProbeInputs[Recipe], *, by: Featurise) -> LinearClassifier:
    """The probe of these inputs, with novelty and transitions."""
    parts, settings = inputs.parts, inputs.settings
    fitted = fit_parts(by, parts=parts, settings=settings, fill_value=inputs.model.student.mean)
    known = featured(parts.train, by=by)
    bouts = labelled_bouts(parts.train, window_seconds=settings.window_seconds)
    return replace(
        fitted,
        novelty=fit_novelty(known, classes=len(fitted.classes), folds=settings.probe.folds),
        transitions=fit_transitions(bouts, classes=fitted.classes),
    )


def _require_same_classes(before: LinearClassifier, *, now: LinearClassifier, run: Path) -> None:
    if before.classes != now.classes:
        expected, remedy = f"the classes {', '.join(now.classes)}", "Run `equigait-cli probe` with these classes first."
        found = f"a probe of {', '.join(before.classes)}"
        raise BadInput(run, found=found, expected=expected, remedy=remedy)
