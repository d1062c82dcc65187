"""Masked patches: what is hidden of the sensors is told from the rest (as in PatchTST, Nie et al. 2023, section 3.2).

A share of each window's patches is hidden, in all channels alike: they enter as the training mean. From the student's
token at that place a linear layer tells the standardised signal; the loss is the mean squared error over what was
hidden. Film plays no part: this is what sensors teach themselves. A student whose tokens are not one for each patch has
them averaged (or repeated) to as many.
"""

import torch
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from ...data.errors import BadInput
from .objective import Objective, Shape
from .settings import MaskedSettings
from .training_batch import Lesson


class Masked(Objective):
    """The loss with the layer that tells signals from tokens."""

    def __init__(self, settings: MaskedSettings, *, shape: Shape) -> None:
        super().__init__(settings)
        self.patch_steps, self.patches = settings.patch_steps, shape.steps // settings.patch_steps
        self.hide = min(max(round(settings.share * self.patches), 1), self.patches - 1)
        self.tell = nn.Linear(shape.token_width, shape.channels * settings.patch_steps)

    def judge(self, lesson: Lesson) -> Float32[Tensor, ""]:
        """Hides as many patches of each window, chosen anew for each, and has them told."""
        hidden = lesson.chances(self.patches).argsort(1) < self.hide
        shown = lesson.standardised.masked_fill(hidden.repeat_interleave(self.patch_steps, dim=1)[:, None], 0.0)
        tokens = lesson.tokens(shown)
        if tokens.shape[1] == 1:
            raise BadInput(
                "objective.name",
                found="masked, with a student that gives one token a window",
                expected="a student with tokens in time",
                remedy="Take another student.",
            )
        matched = nn.functional.adaptive_avg_pool1d(tokens.transpose(1, 2), self.patches).transpose(1, 2)
        loss: Tensor = self(self.tell(matched), self.cut(lesson.standardised), hidden=hidden)
        return loss

    def forward(
        self,
        told: Float32[Tensor, "batch patches values"],
        truth: Float32[Tensor, "batch patches values"],
        *,
        hidden: Bool[Tensor, "batch patches"],
    ) -> Float32[Tensor, ""]:
        """Mean squared error over the hidden patches; each window hides as many."""
        errors = (told - truth).square().mean(2)
        return torch.where(hidden, errors, 0.0).sum() / (len(hidden) * self.hide)

    def cut(self, signal: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch patches values"]:
        """The patches in the order of time, each flattened channel by channel."""
        return signal.reshape(*signal.shape[:2], self.patches, -1).transpose(1, 2).flatten(2)
