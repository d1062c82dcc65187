"""Settings of an evaluation: what is scored, against what, and how sure the figures are. Light to import."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ...data.settings import Settings

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]
ControlName = Literal["random-init", "spectral", "supervised", "teacher"]


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
    """Steps between two looks at the validation horses."""
    patience: Count | None = 10
    """Looks without a better macro-F1 after which training stops; null trains all steps."""


class FewShotSettings(Settings):
    """Label efficiency: the probe and supervised training from scratch on the same few labelled windows."""

    shots: tuple[Count, ...] = (10,)
    """Labelled windows per gait; empty leaves the comparison out."""
    draws: Annotated[int, Field(ge=2)] = 5
    """How often the windows are drawn anew, balanced over the training horses."""
    horses: Count | None = None
    """How many training horses the windows come from, drawn anew, and more where these have too few; null: all."""
    supervised: SupervisedSettings = SupervisedSettings(steps=300, batch=32, check_every=50, patience=None)
    """The training from scratch: by default each of 10 windows of 3 gaits is seen about 300 times, augmented anew."""

    @model_validator(mode="after")
    def _stops_by_no_other_labels(self) -> "FewShotSettings":
        if self.supervised.patience is not None:
            raise ValueError("few_shot.supervised.patience must be null: validation labels may not decide when to stop")
        return self


class EvaluateSettings(Settings):
    """What is scored, and how sure the figures are."""

    controls: tuple[ControlName, ...] = ("random-init", "spectral", "supervised", "teacher")
    """Controls scored on the windows of the test horses, names of `baselines.CONTROLS`."""
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Coverage of the intervals."""
    resamples: Annotated[int, Field(ge=100)] = 2000
    """Bootstrap resamples."""
    ece_bins: Count = 15
    """Bins of the expected calibration error."""
    supervised: SupervisedSettings = SupervisedSettings()
    """The control `supervised`: training from scratch with all labels of the training horses."""
    few_shot: FewShotSettings = FewShotSettings()
    """The comparison with few labels."""
