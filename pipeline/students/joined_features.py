"""What a probe sees of a window: the student's embedding, then features without learning."""

from collections.abc import Sequence

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from .spectral_features import SpectralFeatures
from .student import Student

STUDENT, MOUNT_FREE = "student", "mount-free"
"""Names of blocks of features; the third is `spectral`."""


class JoinedFeatures(nn.Module):
    """Windows `[batch, channels, steps]` in SI units to rows of features, block by block, the embedding first."""

    def __init__(self, student: Student, *, blocks: Sequence[str], rate_hz: float) -> None:
        super().__init__()
        self.student = student
        sizes = {"channels": student.channels, "steps": student.steps}
        self.others = nn.ModuleList(
            SpectralFeatures(**sizes, rate_hz=rate_hz, mount_free=block == MOUNT_FREE) for block in blocks
        ).to(student.mean.device)
        self.widths = {STUDENT: student.embedding} | {
            name: others.width for name, others in zip(blocks, self.others, strict=True)
        }

    def forward(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """One row a window; features of missing sensors are NaN, the embedding never is."""
        return torch.cat([self.student(imu), *(other(imu) for other in self.others)], dim=1)
