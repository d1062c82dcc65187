"""SigLIP: every pair of a batch judged alone, like or unlike (Zhai et al. 2023, "Sigmoid loss for language image
pre-training", equation 1).

For unit vectors z1 (sensors) and z2 (film), labels +1 on the diagonal and -1 off it:

    loss = -logsigmoid(labels * (exp(t) * z1 z2' + b)).sum() / B

t and b are learned. With t fixed at 0, no b and a mean over B x B the off-diagonal outweighs the diagonal and the
minimum is the collapse z1 = -z2 for all pairs; learned scale and bias put perfect alignment below it.

    >>> objective = SigLip(ObjectiveSettings(), batch=2)
    >>> z = torch.eye(2)
    >>> bool(objective(z, z) < objective(-z, z))
    True
"""

import math

import torch
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from .settings import ObjectiveSettings


class SigLip(nn.Module):
    """The loss with its two learned numbers: log scale t and bias b, both kept free of weight decay."""

    def __init__(self, settings: ObjectiveSettings, *, batch: int) -> None:
        super().__init__()
        bias = -math.log(max(batch - 1, 1)) if settings.bias_init == "auto" else settings.bias_init
        self.log_scale = nn.Parameter(torch.tensor(math.log(settings.scale_init)))
        self.bias = nn.Parameter(torch.tensor(float(bias)))

    def forward(
        self,
        imu: Float32[Tensor, "batch shared"],
        film: Float32[Tensor, "batch shared"],
        *,
        ignore: Bool[Tensor, "batch batch"] | None = None,
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together; pairs marked in `ignore` do not count."""
        logits = self.log_scale.exp() * imu @ film.T + self.bias
        labels = 2 * torch.eye(len(imu), device=imu.device) - 1
        losses = -nn.functional.logsigmoid(labels * logits)
        if ignore is not None:
            losses = losses.masked_fill(ignore, 0.0)
        return losses.sum() / len(imu)

    def state(self) -> dict[str, float]:
        """What to log: scale exp(t) and bias b."""
        return {"scale": float(self.log_scale.detach().exp()), "bias": float(self.bias.detach())}
