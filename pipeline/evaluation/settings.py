"""Settings of an evaluation: what is scored, against what, and how sure the figures are. Light to import."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from ...data.settings import Settings
from ...data.types import Count, Positive, PositiveShare, Steps
from ..probing.settings import ProbingSettings

BaselineName = Literal["random-init", "spectral", "spectral-svm", "minirocket", "supervised", "teacher"]
ClassifierName = Literal["knn", "rbf-svm", "fine-tuned"]
FewShotBaseline = Literal["random-init", "spectral", "fine-tuned"]


class SupervisedSettings(Settings):
    """A fair training from scratch: warm-up and cosine, weight decay, the augmentation of pretraining, enough steps."""

    steps: Count = 1000
    """Optimiser steps at most; the learning rate falls to zero at the last of them."""
    batch: Count = 64
    """Windows a step, drawn so that every class is equally frequent."""
    learning_rate: Positive = 5e-4
    """Peak of AdamW's learning rate."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.05
    """AdamW's decoupled weight decay, on matrices only."""
    warmup_share: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """Share of the steps in which the learning rate rises from zero."""
    clip_norm: Positive = 1.0
    """Bound on the norm of the gradient."""
    check_every: Count = 25
    """Steps between two evaluations on the validation horses."""
    patience: Count | None = 10
    """Evaluations without a better macro-F1 after which training stops; null trains all steps."""


class KnnSettings(Settings):
    """k nearest neighbours on the frozen student's embeddings, by cosine."""

    neighbours: Annotated[tuple[Count, ...], Field(min_length=1)] = (5, 10, 20, 50)
    """Candidates for k; folds of training horses choose, a single one is taken as it is."""
    temperature: Positive = 0.07
    """A neighbour of cosine s votes with exp(s / temperature) (Wu et al. 2018, section 3.4)."""


class RbfSvmSettings(Settings):
    """A support vector machine with a Gaussian kernel on standardised features; folds of training horses choose."""

    inverse_penalties: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.1, 1.0, 10.0, 100.0)
    """Candidates for C."""
    widths: Annotated[tuple[Positive, ...], Field(min_length=1)] = (0.1, 0.3, 1.0, 3.0)
    """Candidates for gamma times the number of features: 1 is scikit-learn's `scale` on standardised features."""
    tuning_windows: Count = 2000
    """Training windows at most that choose C and gamma, evenly taken."""
    most_windows: Count = 10_000
    """Training windows at most that the machine is fitted on, evenly taken: its cost grows with their square."""


class MiniRocketSettings(Settings):
    """Random convolutions whose biases come from the training windows, and the linear probe on them."""

    features: Count = 1008
    """How many, rounded down to a multiple of the 84 kernels; the authors take 9996, which the probe fits slowly."""


class FineTuneSettings(SupervisedSettings):
    """Training all of the pretrained student with labels, from the frozen student and its linear probe."""

    steps: Count = 300
    """Optimiser steps at most."""
    learning_rate: Positive = 2e-4
    """Peak of AdamW's learning rate, that of the last layer."""
    layer_decay: PositiveShare = 0.75
    """What the rate is multiplied by from each layer to the one below it (Clark et al. 2020, appendix A)."""


class FewShotTraining(SupervisedSettings):
    """From scratch on few labels: by default each of 10 windows of 3 gaits is seen about 300 times, augmented anew."""

    steps: Count = 300
    """Optimiser steps."""
    batch: Count = 32
    """Windows a step, drawn so that every class is equally frequent."""
    check_every: Count = 50
    """Steps between two evaluations on the validation horses, which decide nothing here."""
    patience: Count | None = None
    """Must be null: validation labels may not decide when to stop."""


class FewShotTuning(FineTuneSettings):
    """Fine-tuning on few labels."""

    steps: Count = 100
    """Optimiser steps."""
    batch: Count = 32
    """Windows a step, drawn so that every class is equally frequent."""
    check_every: Count = 50
    """Steps between two evaluations on the validation horses, which decide nothing here."""
    patience: Count | None = None
    """Must be null: validation labels may not decide when to stop."""


class FewShotSettings(Settings):
    """Label efficiency: the linear probe and its baselines, fitted on the same few labelled windows."""

    renamed: ClassVar[dict[str, str]] = {"rivals": "baselines"}

    shots: tuple[Count, ...] = (10,)
    """Labelled windows per gait; empty leaves the comparison out. [1, 2, 5, 10, 20, 50, 100] draws a curve."""
    draws: Annotated[int, Field(ge=2)] = 10
    """How often the windows are drawn anew, balanced over the training horses."""
    horses: Count | None = None
    """How many training horses the windows come from, drawn anew, and more where these have too few; null: all."""
    baselines: tuple[FewShotBaseline, ...] = ("random-init", "spectral")
    """Classifiers fitted on the same windows, beside the training from scratch."""
    scratch_shots: tuple[Count, ...] | None = None
    """Of `shots`, those at which a student is trained from scratch, by far the longest part; null: all."""
    supervised: FewShotTraining = FewShotTraining()
    """The training from scratch."""
    fine_tune: FewShotTuning = FewShotTuning()
    """The classifier `fine-tuned`."""

    @model_validator(mode="after")
    def _stops_by_no_other_labels(self) -> "FewShotSettings":
        for name in ("supervised", "fine_tune"):
            if getattr(self, name).patience is not None:
                raise ValueError(
                    f"few_shot.{name}.patience must be null: validation labels may not decide when to stop"
                )
        return self


class EvaluateSettings(Settings):
    """What is scored, and how sure the figures are."""

    renamed: ClassVar[dict[str, str]] = {"controls": "baselines", "judges": "classifiers"}
    baselines: tuple[BaselineName, ...] = ("random-init", "spectral", "supervised", "teacher")
    """Classifiers without the pretrained student that are scored on the same test windows."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Coverage of the intervals."""
    resamples: Annotated[int, Field(ge=100)] = 2000
    """Random weightings of the horses from which an interval is made."""
    ece_bins: Count = 15
    """Bins of the expected calibration error."""
    supervised: SupervisedSettings = SupervisedSettings()
    """The baseline `supervised`: training from scratch with all labels of the training horses."""
    classifiers: tuple[ClassifierName, ...] = ("knn", "rbf-svm")
    """Other classifiers on the pretrained student beside its linear probe."""
    knn: KnnSettings = KnnSettings()
    """The classifier `knn`."""
    rbf_svm: RbfSvmSettings = RbfSvmSettings()
    """The classifier `rbf-svm`, and the baseline `spectral-svm`."""
    minirocket: MiniRocketSettings = MiniRocketSettings()
    """The baseline `minirocket`."""
    fine_tune: FineTuneSettings = FineTuneSettings()
    """The classifier `fine-tuned`."""
    missing_sensors: bool = True
    """Score the test again without each site, and with each site alone."""
    map_windows: Steps = 1000
    """Test windows on the map of embeddings at most, evenly chosen; 0 leaves it out."""
    few_shot: FewShotSettings = FewShotSettings()
    """The comparison with few labels."""


class EvaluationSettings(ProbingSettings):
    """The sections that an evaluation depends on."""

    evaluate: EvaluateSettings = EvaluateSettings()
