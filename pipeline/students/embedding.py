"""What a frozen student makes of windows: embeddings as NumPy arrays, nothing about the student changed."""

import numpy as np
import torch
from jaxtyping import Float32
from numpy import ndarray as Array
from torch import Tensor, nn

BATCH = 512
"""Windows at a time: bounds memory, changes nothing."""


@torch.no_grad()
def embed(student: nn.Module, imu: Float32[Tensor, "windows channels steps"]) -> Float32[Array, "windows dim"]:
    """One embedding a window, in evaluation mode: no dropout, no statistics that move. The mode is put back."""
    device = next(student.parameters()).device
    was_training = student.training
    student.eval()
    try:
        parts = [student(batch.to(device)).cpu() for batch in torch.split(imu, BATCH)]
    finally:
        student.train(was_training)
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)
