"""Embeddings of windows by a frozen student, as NumPy arrays; nothing about the student changes."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float32
from numpy import ndarray as Array
from torch import Tensor, nn

BATCH = 512
"""Windows at a time: bounds memory, changes nothing."""
CPU_BATCH = 64
"""The same on a CPU, whose caches hold no more: a fifth faster."""


@runtime_checkable
class WindowSequence(Protocol):
    """Windows `[windows, channels, steps]` that a slice cuts: a tensor, or views that are cut on demand."""

    def __len__(self) -> int:
        """How many windows there are."""
        ...

    def __getitem__(self, rows: slice, /) -> Tensor:
        """These windows."""
        ...


@torch.no_grad()
def embed(
    student: nn.Module, imu: WindowSequence, *, transform: Callable[[Tensor], Tensor] | None = None
) -> Float32[Array, "windows dim"]:
    """One embedding a window, in evaluation mode: no dropout, no statistics that move. The mode is put back.

    Windows are cut, transformed (`[batch, channels, steps]` to the same) and embedded batch by batch.
    """
    device = next(student.parameters()).device
    was_training = student.training
    student.eval()
    parts = []
    try:
        size = CPU_BATCH if device.type == "cpu" else BATCH
        for first in range(0, max(len(imu), 1), size):
            batch = imu[first : first + size]
            parts.append(student((batch if transform is None else transform(batch)).to(device)).cpu())
    finally:
        student.train(was_training)
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)
