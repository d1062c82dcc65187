"""What a probe reads of a window: the student's embedding, then features in which nothing is learned."""

from collections.abc import Sequence

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from .fixed_features import FixedFeatures, Phases, Spectra
from .mount_free import missing_sensors, mount_free, without_dead, without_nan
from .sides import Sides
from .student import Student

STUDENT, SPECTRA, PHASES, SIDES, AXES_SPECTRA = "student", "spectra", "phases", "sides", "axes-spectra"
"""Names of blocks of features."""
MOUNTED = (SIDES, AXES_SPECTRA)
"""Those that depend on how sensors are mounted. The student's may, the others never do."""


class JoinedFeatures(nn.Module):
    """Windows `[batch, channels, steps]` in SI units to rows of features, block by block, the embedding first."""

    def __init__(self, student: Student, *, blocks: Sequence[str], rate_hz: float) -> None:
        super().__init__()
        self.student = student
        made = {name: _features(name, student=student, rate_hz=rate_hz) for name in blocks}
        self.fixed = nn.ModuleDict({name: each for name, each in made.items() if each.width})
        self.fixed.to(student.mean.device)
        self.widths = {STUDENT: student.embedding} | {name: each.width for name, each in made.items() if each.width}

    def forward(self, imu: Float32[Tensor, "batch channels steps"]) -> Float32[Tensor, "batch features"]:
        """One row a window; features of missing sensors are NaN, the embedding never is."""
        seen = without_dead(imu)
        level = mount_free(seen)  # once for all that read it
        student = self.student.embed_prepared(level if self.student.mount_free else seen)
        missing = missing_sensors(seen)
        whole = {True: without_nan(level), False: without_nan(seen)}
        fixed = [each.of_prepared(whole[each.mount_free], missing=missing) for each in self._fixed()]
        return torch.cat([student, *fixed], dim=1)

    def _fixed(self) -> list[FixedFeatures]:
        return [each for each in self.fixed.values() if isinstance(each, FixedFeatures)]


def _features(name: str, *, student: Student, rate_hz: float) -> FixedFeatures:
    if name == PHASES:  # of no width where there is one site alone
        return Phases(channels=student.channels, steps=student.steps)
    if name == SIDES:
        return Sides(channels=student.channels, steps=student.steps)
    return Spectra(channels=student.channels, steps=student.steps, rate_hz=rate_hz, mount_free=name != AXES_SPECTRA)
