"""Supervised training of the student from scratch: the control that a pretrained student has to beat."""

from typing import Annotated

from pydantic import Field

from ..data.settings import Settings

Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class SupervisedSettings(Settings):
    """A fair training: warm-up and cosine, weight decay, the augmentation of pretraining, enough steps."""

    steps: Count = 400
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
    patience: Count = 8
    """Looks without a better macro-F1 after which training stops."""
