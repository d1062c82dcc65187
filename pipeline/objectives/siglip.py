"""SigLIP: every pair of a batch classified by itself, matching or not (Zhai et al. 2023, "Sigmoid loss for language
image pre-training", equation 1).

For unit vectors z1 (sensors) and z2 (film), labels +1 on the diagonal and -1 off it:

    loss = -logsigmoid(labels * (exp(t) * z1 z2' + b)).sum() / B

t and b are learned. With t fixed at 0, no b and a mean over B x B the off-diagonal outweighs the diagonal and the
minimum is the collapse z1 = -z2 for all pairs; learned scale and bias put perfect alignment below it.
"""

import math
from typing import Any

import torch
from jaxtyping import Bool, Float32
from torch import Tensor, nn

from .objective import PairObjective, Shape
from .settings import SigLipSettings

CHUNK_ROWS = 1024
"""Larger batches are computed so many rows at a time: the B x B matrix of a large batch is never held whole."""


class SigLip(PairObjective):
    """Sigmoid loss of all pairs, with log scale t and bias b (Zhai et al. 2023, equation 1).

        loss = -logsigmoid(labels * (exp(t) * z1 z2' + b)).sum() / B

    with unit vectors z1 (sensors) and z2 (film) `[batch, shared]`, labels +1 on the diagonal and -1 off it.

        >>> shape = Shape(batch=2, channels=6, steps=250, shared=8, token_width=16)
        >>> objective, z = SigLip(SigLipSettings(), shape=shape), torch.eye(2, 8)
        >>> bool(objective(z, z) < objective(-z, z))  # perfect alignment is better than the collapse
        True
    """

    def __init__(self, settings: SigLipSettings, *, shape: Shape) -> None:
        super().__init__(settings)
        bias = -math.log(max(shape.batch - 1, 1)) if settings.bias_init == "auto" else settings.bias_init
        self.log_scale = nn.Parameter(torch.tensor(math.log(settings.scale_init)), requires_grad=settings.learn)
        self.bias = nn.Parameter(torch.tensor(float(bias)), requires_grad=settings.learn)

    def forward(
        self,
        imu: Float32[Tensor, "batch shared"],
        film: Float32[Tensor, "batch shared"],
        *,
        ignore: Bool[Tensor, "batch batch"] | None = None,
    ) -> Float32[Tensor, ""]:
        """The loss of unit vectors whose rows belong together; pairs marked in `ignore` do not count."""
        if len(imu) > CHUNK_ROWS:
            loss: Tensor = _InChunks.apply(imu, film, self.log_scale, self.bias, ignore)  # type: ignore[no-untyped-call]
            return loss
        logits = self.log_scale.exp() * imu @ film.T + self.bias
        labels = 2 * torch.eye(len(imu), device=imu.device) - 1
        losses = -nn.functional.logsigmoid(labels * logits)
        if ignore is not None:
            losses = losses.masked_fill(ignore, 0.0)
        return losses.sum() / len(imu)

    def state(self) -> dict[str, Tensor]:
        """Scale exp(t) and bias b."""
        return {"scale": self.log_scale.detach().exp(), "bias": self.bias.detach().clone()}


class _InChunks(torch.autograd.Function):
    """The same loss and gradients, some rows at a time.

    -logsigmoid(-x) = softplus(x) and -logsigmoid(x) = softplus(x) - x, so that the loss is the sum of softplus over all
    pairs less the diagonal's logits, and its derivative by a logit is sigmoid(x), less 1 on the diagonal.
    """

    @staticmethod
    def forward(
        context: Any, imu: Tensor, film: Tensor, log_scale: Tensor, bias: Tensor, ignore: Tensor | None
    ) -> Tensor:
        scale, loss = log_scale.exp(), torch.zeros_like(bias)
        by_imu, by_film = torch.empty_like(imu), torch.zeros_like(film)
        by_log_scale, by_bias = torch.zeros_like(log_scale), torch.zeros_like(bias)
        for first in range(0, len(imu), CHUNK_ROWS):
            rows = slice(first, first + CHUNK_ROWS)
            scaled = scale * imu[rows] @ film.T
            logits = scaled + bias
            losses, by_logits = nn.functional.softplus(logits), logits.sigmoid()
            losses.diagonal(first).sub_(logits.diagonal(first))
            by_logits.diagonal(first).sub_(1)
            if ignore is not None:
                losses.masked_fill_(ignore[rows], 0.0)
                by_logits.masked_fill_(ignore[rows], 0.0)
            loss += losses.sum()
            by_imu[rows] = by_logits @ film
            by_film += by_logits.T @ imu[rows]
            by_log_scale += (by_logits * scaled).sum()
            by_bias += by_logits.sum()
        context.save_for_backward(scale * by_imu, scale * by_film, by_log_scale, by_bias)
        return loss / len(imu)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        by_imu, by_film, by_log_scale, by_bias = context.saved_tensors
        factor = gradients[0] / len(by_imu)
        return factor * by_imu, factor * by_film, factor * by_log_scale, factor * by_bias, None
