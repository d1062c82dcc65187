"""What every student is: a standardisation learned from training horses, and an encoder of standardised windows."""

from abc import ABC, abstractmethod

import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

SMALLEST_DEVIATION = 1e-3
"""Floor of a channel's standard deviation, in m/s^2 or rad/s: a dead channel must not divide by zero."""


class Student(nn.Module, ABC):
    """Windows in SI units in, embeddings out. The training statistics are buffers: they travel with the weights."""

    mean: Tensor
    std: Tensor

    def __init__(self, *, channels: int, steps: int, embedding: int) -> None:
        super().__init__()
        self.channels, self.steps, self.embedding = channels, steps, embedding
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.ones(channels))

    @torch.no_grad()
    def fit_standardisation(self, imu: Float32[Tensor, "windows channels steps"]) -> None:
        """Takes mean and standard deviation of each channel from these windows: those of training horses, no others."""
        std, mean = torch.std_mean(imu, dim=(0, 2), correction=0)
        if not bool(torch.isfinite(std).all()):
            raise ValueError(f"standardisation needs finite windows: {imu.shape = }, {std = }")
        self.mean.copy_(mean)
        self.std.copy_(std.clamp_min(SMALLEST_DEVIATION))

    def forward(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch embedding"]:
        """One embedding a window."""
        standardised = (imu - self.mean[:, None]) / self.std[:, None]
        return self.encode(standardised).float()

    @abstractmethod
    def encode(self, standardised: Float32[Tensor, "batch channels steps"]) -> Float[Tensor, "batch embedding"]:
        """One embedding a standardised window."""
