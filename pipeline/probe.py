"""The linear probe: how much gait a frozen student tells a straight line through its embeddings."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from .probing.inputs import probe_inputs
from .probing.probe_file import save_probe
from .probing.student_probe import probe_student
from .recipe import require_section
from .runtime.formatting import counted
from .training.run import load_run_recipe


@dataclass(frozen=True)
class Probe:
    """What `probe` fitted and where it lies."""

    path: Path
    """`RUN/probe.safetensors`."""
    classes: tuple[str, ...]
    """The gaits told apart."""
    inverse_penalty: float
    """The C that was chosen."""
    temperature: float
    """What the logits were divided by; 1 without calibration."""
    horses: tuple[str, ...]
    """The training horses whose labelled windows fitted it."""
    n_windows: int
    """How many these were."""
    self_taught: int
    """Unlabelled windows of training horses that it was fitted anew with, at its own word."""

    def __str__(self) -> str:
        alone = f" and {self.self_taught} unlabelled ones that it was surest of" if self.self_taught else ""
        return (
            f"{self.path}: {', '.join(self.classes)} from {self.n_windows} labelled windows of "
            f"{counted(len(self.horses), 'horse')}{alone}, "
            f"C = {self.inverse_penalty:g}, temperature {self.temperature:.2f}"
        )


def probe(cache: str | Path, *, run: Path, overrides: Sequence[str] = ()) -> Probe:
    """Fits the linear probe of a run's frozen student on the labelled windows of its training horses, and saves it.

    `overrides` change settings of the recipe's section `probe`, such as the classes to tell apart; the probe's file
    keeps them for all who read it. The student needs no new pretraining for them.
    """
    require_section(overrides, section="probe")
    inputs = probe_inputs(cache, run=run, settings=load_run_recipe(run, overrides=overrides))
    parts = inputs.parts
    fitted = probe_student(inputs.model.student, parts=parts, recipe=inputs.settings)
    classifier = replace(fitted, changed=tuple(overrides))
    path = save_probe(classifier, run=run)
    return Probe(
        path=path,
        classes=classifier.classes,
        inverse_penalty=classifier.inverse_penalty,
        temperature=classifier.temperature,
        horses=parts.train.horses,
        n_windows=len(parts.train),
        self_taught=classifier.self_taught,
    )
