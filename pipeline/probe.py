"""The linear probe: how much gait a frozen student tells a straight line through its embeddings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from ..data.settings import Settings

Positive = Annotated[float, Field(gt=0)]


class ProbeSettings(Settings):
    """How the probe is fitted on the labelled windows of the training horses."""

    classes: Annotated[tuple[str, ...], Field(min_length=2)] = ("walk", "trot", "canter")
    """The gaits to tell apart, in the order of the confusion matrix. Windows of other labels are left out."""
    inverse_penalties: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.003, 0.03, 0.3, 3.0)
    """Candidates for C, the inverse strength of the L2 penalty; the labels of validation horses choose."""
    folds: Annotated[int, Field(ge=2)] = 5
    """Folds of horses that choose C where the split has no validation horses."""
    max_iterations: Annotated[int, Field(ge=1)] = 2000
    """Bound on L-BFGS iterations; a fit that does not converge within them is an error."""
    calibrate: bool = True
    """Divide the logits by a temperature fitted on the validation horses (Guo et al. 2017, section 4.2)."""


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

    def __str__(self) -> str:
        return (
            f"{self.path}: {', '.join(self.classes)} from {self.n_windows} labelled windows of "
            f"{len(self.horses)} horses, "
            f"C = {self.inverse_penalty:g}, temperature {self.temperature:.2f}"
        )


def probe(cache: str | Path, *, run: Path) -> Probe:
    """Fits the linear probe of a run's frozen student on the labelled windows of its training horses, and saves it."""
    from .baselines import probe_student
    from .material import run_material
    from .probe_file import save_probe

    material = run_material(cache, run=run)
    parts = material.parts
    classifier = probe_student(
        material.model.student, train=parts.train, validation=parts.validation, recipe=material.recipe
    )
    path = save_probe(classifier, run=run)
    return Probe(
        path=path,
        classes=classifier.classes,
        inverse_penalty=classifier.inverse_penalty,
        temperature=classifier.temperature,
        horses=classifier.horses,
        n_windows=len(parts.train),
    )
