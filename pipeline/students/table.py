"""The table of students: name in the recipe -> class. A new student is one file, its settings, and one line here.

DLinear, TimesNet, Informer (supervised baselines) and MOMENT are written by the formulas of their papers: their
packages install beside other versions of our dependencies alone.
"""

from collections.abc import Callable

import torch

from .conv_gru import ConvGru
from .deepconvlstm import DeepConvLstm
from .dlinear import DLinear
from .informer import Informer
from .mantis import Mantis
from .moment import Moment
from .patch_transformer import PatchTransformer
from .patchtst import PatchTst
from .settings import StudentSettings
from .student import Student
from .timesnet import TimesNet

STUDENTS: dict[str, Callable[..., Student]] = {
    "patch-transformer": PatchTransformer,
    "patchtst": PatchTst,
    "deepconvlstm": DeepConvLstm,
    "conv-gru": ConvGru,
    "mantis": Mantis,
    "dlinear": DLinear,
    "timesnet": TimesNet,
    "informer": Informer,
    "moment": Moment,
}
"""Each takes its settings, and by keyword the channels and steps of a window."""


def build_student(settings: StudentSettings, *, channels: int, steps: int, seed: int) -> Student:
    """A student at the random initialisation of this seed; torch's own random state is left as it was."""
    settings.check_window(steps)
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # the CPU's alone: all weights are drawn there
        student = STUDENTS[settings.name](settings, channels=channels, steps=steps)
    student.mount_free = settings.mount_free
    return student
