"""The table of students: name in the recipe -> class. A new student is one file, its settings, and one line here.

Not here, because no package of theirs installs with our dependencies (as of November 2026): MOMENT (momentfm 0.1.4
pins numpy 1.25.2 and transformers 4.33.3); DLinear and TimesNet (neuralforecast 3.3.0 has them as forecasters behind
lightning, ray, optuna and pandas; tsai 1.0.1 pins scikit-learn below 1.8). Informer is in transformers (5.23), whose
encoder can be fed windows; but its attention draws random keys at every pass, in evaluation too (two
passes over the same windows differ), and its distilling normalises by batch: embeddings would depend on chance and on
the rest of the batch. Without both it is a plain transformer over 250 steps.
"""

from collections.abc import Callable

import torch

from .conv_gru import ConvGru
from .deepconvlstm import DeepConvLstm
from .mantis import Mantis
from .patch_transformer import PatchTransformer
from .patchtst import PatchTst
from .settings import StudentSettings
from .student import Student

STUDENTS: dict[str, Callable[..., Student]] = {
    "patch-transformer": PatchTransformer,
    "patchtst": PatchTst,
    "deepconvlstm": DeepConvLstm,
    "conv-gru": ConvGru,
    "mantis": Mantis,
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
