"""Masked reconstruction: hidden patches are predicted from the rest (as in PatchTST, Nie et al. 2023, section 3.2).

A share of each window's patches is hidden, in all channels alike: they enter as the training mean. A linear layer
predicts the standardised signal from the student's token at that place; the loss is the mean squared error over the
hidden patches. Film is not used. Where a student's tokens are not one for each patch, they are averaged (or repeated)
to as many.
"""

import torch
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from ...data.errors import BadInput
from .forward_pass import ForwardPass
from .objective import Objective, Shape
from .settings import MaskedSettings


class Masked(Objective):
    """Mean squared error of hidden patches, with the layer that predicts them (Nie et al. 2023, section 3.2).

        loss = mean over hidden patches p, values v of (predicted[p, v] - true[p, v])^2

    Patches are `[batch, patches, channels * patch_steps]`.

        >>> shape = Shape(batch=2, channels=6, steps=250, shared=8, token_width=16)
        >>> objective = Masked(MaskedSettings(share=0.4, patch_steps=10), shape=shape)
        >>> patches = objective.cut(torch.randn(2, 6, 250))
        >>> hidden = torch.arange(25).expand(2, 25) < 10
        >>> float(objective(patches + 0.5, patches, hidden=hidden).round(decimals=4))
        0.25
    """

    def __init__(self, settings: MaskedSettings, *, shape: Shape) -> None:
        super().__init__(settings)
        self.patch_steps, self.patches = settings.patch_steps, shape.steps // settings.patch_steps
        self.hide = min(max(round(settings.share * self.patches), 1), self.patches - 1)
        self.tell = nn.Linear(shape.token_width, shape.channels * settings.patch_steps)  # predicts patches

    def compute_loss(self, forward: ForwardPass) -> Float32[Tensor, ""]:
        """Hide the same number of random patches of each window, and predict them."""
        hidden = forward.uniform(self.patches).argsort(1) < self.hide
        shown = forward.standardised.masked_fill(hidden.repeat_interleave(self.patch_steps, dim=1)[:, None], 0.0)
        tokens = forward.tokens(shown)
        if tokens.shape[1] == 1:
            raise BadInput(
                "objective.name",
                found="masked, with a student that gives one token a window",
                expected="a student with tokens in time",
                remedy="Take another student.",
            )
        matched = nn.functional.adaptive_avg_pool1d(tokens.transpose(1, 2), self.patches).transpose(1, 2)
        loss: Tensor = self(self.tell(matched), self.cut(forward.standardised), hidden=hidden)
        return loss

    def forward(
        self,
        predicted: Float32[Tensor, "batch patches values"],
        true: Float32[Tensor, "batch patches values"],
        *,
        hidden: Bool[Tensor, "batch patches"],
    ) -> Float32[Tensor, ""]:
        """Mean squared error over the hidden patches; each window has the same number."""
        errors = (predicted - true).square().mean(2)
        return torch.where(hidden, errors, 0.0).sum() / (len(hidden) * self.hide)

    def cut(self, signal: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch patches values"]:
        """The patches in time order, each flattened channel by channel."""
        return signal.reshape(*signal.shape[:2], self.patches, -1).transpose(1, 2).flatten(2)
