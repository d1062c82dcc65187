"""The optimiser: AdamW, its learning rate schedule, and which parameters have weight decay in every training."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn

from .settings import TrainSettings


def build_optimiser(model: nn.Module, *, settings: TrainSettings) -> torch.optim.AdamW:
    """AdamW, fused, with weight decay on matrices alone."""
    groups = decay_groups(model, weight_decay=settings.weight_decay)
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def learning_rate(step: int, *, settings: TrainSettings) -> float:
    """The rate of step number `step` (from 0): linear warm-up to the peak, then half a cosine to the final rate."""
    warmup = min(settings.warmup_steps, settings.steps)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(settings.steps - 1 - warmup, 1)
    ratio = settings.final_lr_ratio + (1 - settings.final_lr_ratio) * 0.5 * (1 + math.cos(math.pi * done))
    return settings.learning_rate * ratio


def decay_groups(model: nn.Module, *, weight_decay: float) -> list[dict[str, Any]]:
    """Two parameter groups for an optimiser: matrices with weight decay, all others without."""
    named = list(model.named_parameters())
    return [
        {"params": _chosen(named, matrices=True), "weight_decay": weight_decay},
        {"params": _chosen(named, matrices=False), "weight_decay": 0.0},
    ]


def is_matrix(name: str, weight: torch.Tensor) -> bool:
    """Whether a parameter is a weight of a linear, convolutional or recurrent layer.

    Biases, norms, positions, CLS, scale and bias of the objective are not.
    """
    *modules, own = name.split(".")
    positions = modules[-1:] == ["relative_attention_bias"]  # T5's, which are a table
    return weight.ndim >= 2 and "weight" in own and not positions  # recurrent layers: weight_ih_l0


def _chosen(named: Iterable[tuple[str, nn.Parameter]], *, matrices: bool) -> list[nn.Parameter]:
    return [weight for name, weight in named if is_matrix(name, weight) == matrices]
