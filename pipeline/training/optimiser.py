"""Which parameters decay: the one rule, for pretraining and for every training with labels."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import nn


def decay_groups(model: nn.Module, *, weight_decay: float) -> list[dict[str, Any]]:
    """Two groups for an optimiser: matrices, with weight decay, and all that is shifted or scaled, without."""
    named = list(model.named_parameters())
    return [
        {"params": _chosen(named, matrices=True), "weight_decay": weight_decay},
        {"params": _chosen(named, matrices=False), "weight_decay": 0.0},
    ]


def is_matrix(name: str, weight: torch.Tensor) -> bool:
    """Whether a parameter multiplies what passes through: weights of linear, convolution and recurrent layers.

    Biases, norms, positions, CLS, scale and bias of the objective are no matrices.
    """
    return weight.ndim >= 2 and "weight" in name.rsplit(".", 1)[-1]  # recurrent layers: weight_ih_l0


def _chosen(named: Iterable[tuple[str, nn.Parameter]], *, matrices: bool) -> list[nn.Parameter]:
    return [weight for name, weight in named if is_matrix(name, weight) == matrices]
