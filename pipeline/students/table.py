"""The table of students: name in the recipe -> class. A new student is one file and one line here."""

from typing import Protocol

import torch

from .patch_transformer import PatchTransformer
from .settings import StudentSettings
from .student import Student


class BuildsStudent(Protocol):
    """What a student's class must accept."""

    def __call__(self, settings: StudentSettings, *, channels: int, steps: int) -> Student:
        """A student at random initialisation."""
        ...


STUDENTS: dict[str, BuildsStudent] = {"patch-transformer": PatchTransformer}


def build_student(settings: StudentSettings, *, channels: int, steps: int, seed: int) -> Student:
    """A student at the random initialisation of this seed; torch's own random state is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return STUDENTS[settings.name](settings, channels=channels, steps=steps)
