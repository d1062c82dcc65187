"""Dropout with a cheaper mask in reduced precision on a CPU, where torch's own takes a tenth of a training step.

It draws another stream of random numbers than nn.Dropout: replacing it would change every bfloat16 training on a CPU.

There four values share one 64-bit number, 16 bits each: the share is kept to 1 in 65,536.
Everywhere else this is torch's own dropout, to the last bit.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

LEVELS = 2**16
"""Values of 16 bits."""


class Dropout(nn.Dropout):
    """Drops a share of the values in training and scales the others up."""

    def forward(self, values: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
        """The values that are left; all of them in evaluation."""
        reduced = values.device.type == "cpu" and torch.is_autocast_enabled("cpu")
        if not self.training or self.p == 0 or not reduced or torch.compiler.is_compiling():
            return super().forward(values)
        dropped = round(self.p * LEVELS)
        numbers = torch.empty(-(-values.numel() // 4), dtype=torch.int64).random_(-(2**63), None)
        drawn = numbers.view(torch.int16)[: values.numel()].view(values.shape)
        mask = (drawn >= dropped - LEVELS // 2).to(values.dtype)
        return values * mask.mul_(LEVELS / (LEVELS - dropped))
