"""The linear probe: a linear classifier of gaits on the embeddings of a frozen student."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .probing.inputs import probe_inputs
from .probing.novelty import fit_novelty
from .probing.probe_file import save_probe
from .probing.student_probe import computed_once, featured, fit_parts, joined_by
from .probing.transitions import fit_transitions, labelled_bouts
from .recipe import load_run_recipe, require_section
from .runtime.formatting import counted


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

    def __str__(self) -> str:
        read = f", reads {self.features}" if self.features else ""
        alone = f" and {self.self_taught} unlabelled ones of largest margin" if self.self_taught else ""
        return (
            f"{self.path}: {', '.join(self.classes)} from {self.n_windows} labelled windows of "
            f"{counted(len(self.horses), 'horse')}{alone}, "
            f"C = {self.inverse_penalty:g}, temperature {self.temperature:.2f}{read}"
        )


def probe(cache: str | Path, *, run: Path, overrides: Sequence[str] = ()) -> Probe:
    """Fits the linear probe of a run's frozen student on the labelled windows of its training horses, and saves it.

    `overrides` change settings of the recipe's section `probe`, such as the classes; the probe's file stores them for
    later commands. The student needs no new pretraining.
    """
    require_section(overrides, section="probe")
    inputs = probe_inputs(cache, run=run, settings=load_run_recipe(run, overrides=overrides))
    parts = inputs.parts
    student, settings = inputs.model.student, inputs.settings
    by = computed_once(joined_by(student, settings=settings), windows=parts.train)
    fitted = fit_parts(by, parts=parts, settings=settings, fill_value=student.mean)
    classifier = replace(
        fitted,
        novelty=fit_novelty(
            featured(parts.train, by=by).block(0), classes=len(fitted.classes), folds=settings.probe.folds
        ),
        transitions=fit_transitions(labelled_bouts(parts.train), classes=fitted.classes),
        changed=tuple(overrides),
    )
    path = save_probe(classifier, run=run)
    return Probe(
        path=path,
        classes=classifier.classes,
        inverse_penalty=classifier.inverse_penalty,
        temperature=classifier.temperature,
        horses=parts.train.horses,
        n_windows=len(parts.train),
        self_taught=classifier.self_taught,
        features=classifier.described,
    )
