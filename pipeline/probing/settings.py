"""Settings of the linear probe. Light to import."""

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from ...data.settings import Settings
from ...data.types import Count, Positive, Probability, Steps
from ..augmentation.settings import AugmentSettings
from ..datasets.settings import DatasetSettings
from ..training.settings import TrainSettings


class ProbeSettings(Settings):
    """How the probe is fitted on the labelled windows of the training horses."""

    renamed: ClassVar[dict[str, str]] = {"fill_to": "oversample_to"}

    classes: Annotated[tuple[str, ...], Field(min_length=2)] = ("walk", "trot", "canter")
    """The gaits to tell apart, in the order of the confusion matrix. Windows of other labels are left out."""
    inverse_penalties: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.003, 0.03, 0.3, 3.0)
    """Candidates for C, the inverse strength of the L2 penalty; the labels of validation horses choose."""
    folds: Annotated[int, Field(ge=2)] = 5
    """Folds of horses that choose C where the split has no validation horses."""
    oversample_to: Steps = 600
    """Half as many labelled windows, or fewer, are joined by copies of themselves, augmented as `augment` says, until
    there are about so many; together they weigh what the windows weigh alone. 0 leaves them alone."""
    self_training: Probability = 0.5
    """Share of the training horses' unlabelled windows, of each class those that the probe is surest of, that it is
    fitted anew with, where they outnumber the labelled ones: at its own word, and together weighing what the labelled
    ones weigh. It stays as it was where it would then tell the labelled ones and their copies much worse; 0 leaves them
    all out."""
    max_iterations: Count = 2000
    """Bound on L-BFGS iterations; a fit that does not converge within them is an error."""
    calibrate: bool = True
    """Divide the logits by a temperature fitted on the validation horses (Guo et al. 2017, section 4.2)."""

    @field_validator("classes")
    @classmethod
    def _each_once(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        if twice := sorted({name for name in classes if classes.count(name) > 1}):
            raise ValueError(f"each class once, not {', '.join(twice)} twice")
        return classes


class ProbingSettings(DatasetSettings):
    """The sections that fitting a probe depends on."""

    seed: Annotated[int, Field(ge=0)] = 0
    """Of weights, batches, augmentation and dropout. The split has its own."""
    augment: AugmentSettings = AugmentSettings()
    train: TrainSettings = TrainSettings()
    probe: ProbeSettings = ProbeSettings()
