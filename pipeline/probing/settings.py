"""Settings of the linear probe. Light to import."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from ...data.settings import Settings
from ...data.types import Count, Positive, Probability, Steps
from ..training.settings import TrainingSettings

FeatureName = Literal["spectra", "phases", "sides", "axes-spectra"]


class ProbeSettings(Settings):
    """How the probe is fitted on the labelled windows of the training horses."""

    renamed: ClassVar[dict[str, str]] = {"fill_to": "oversample_to"}
    classes: Annotated[tuple[str, ...], Field(min_length=2)] = ("walk", "trot", "canter")
    """The gaits to classify, in the order of the confusion matrix. Windows of other labels are left out."""
    inverse_penalties: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.003, 0.03, 0.3, 3.0)
    """Candidates for C, the inverse strength of the L2 penalty; the labels of validation horses choose."""
    features: tuple[FeatureName, ...] = ("spectra", "phases")
    """Features without learning beside the student's embedding: `spectra` and `phases` between sites, which no mount
    changes; `sides`, which tell left from right, and `axes-spectra`, both of the channels as they are. A classifier of
    each, and their pool, in which those that predict horses held out better count for more; empty leaves the embedding
    alone."""
    folds: Annotated[int, Field(ge=2)] = 5
    """Folds of horses that choose C where the split has no validation horses."""
    oversample_to: Steps = 600
    """Half as many labelled windows, or fewer, are joined by augmented copies of themselves, as `augment` says, until
    there are about so many; together they have the weight of the windows alone. 0 adds none."""
    self_training: Probability = 0.5
    """Share of the training horses' unlabelled windows with which the probe is refitted, of each predicted class those
    of largest margin, where they outnumber the labelled ones; all together have the weight of the labelled ones. The
    first fit is kept where the second is much less accurate on the labelled windows and their copies; 0 uses none."""
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


class ProbingSettings(TrainingSettings):
    """The sections that the linear probe of a pretrained student depends on."""

    probe: ProbeSettings = ProbeSettings()
