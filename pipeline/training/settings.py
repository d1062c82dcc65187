"""Settings of pretraining: length, optimiser, checkpoints, machine. Light to import."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ...data.settings import Settings
from ...data.types import Count, NotNegative, Positive, Probability, Steps
from ..augmentation.settings import AugmentSettings
from ..datasets.settings import DatasetSettings
from ..objectives.settings import HeadSettings, ObjectiveSettings, SigLipSettings
from ..students.settings import PatchTransformerSettings, StudentSettings


class TrainSettings(Settings):
    """How pretraining goes: length, optimiser, validation, checkpoints, machine."""

    renamed: ClassVar[dict[str, str]] = {"final_share": "final_lr_ratio"}
    steps: Count = 3000
    """Optimiser steps."""
    batch: Annotated[int, Field(ge=2)] = 256
    """Windows a step; a smaller training set makes smaller batches."""
    learning_rate: Positive = 5e-4
    """Peak of AdamW's learning rate."""
    warmup_steps: Steps = 150
    """Steps in which the learning rate rises from zero to its peak."""
    final_lr_ratio: Probability = 0.01
    """Learning rate at the last step over its peak, after a half cosine."""
    weight_decay: NotNegative = 0.05
    """AdamW's decoupled weight decay, on matrices only: never on biases, norms, positions, CLS, scale and bias."""
    clip_norm: Positive = 1.0
    """Bound on the norm of the gradient."""
    validate_every: Count = 100
    """Steps between two retrievals on the validation horses."""
    save_every: Count = 100
    """Steps between two saved states: the most that a killed run loses."""
    validation_windows: Count = 20
    """With fewer validation windows the last checkpoint counts, and training never stops early. Otherwise it is the
    last one within a standard error of the best."""
    patience: Count | None = None
    """Validations without a better one after which training stops; null never stops early."""
    memory_gib: Positive = 8.0
    """Memory that samples and film features may take, in GiB, in training, probing and evaluation. Where the cache
    holds more, recordings are read from it when their windows are asked for: half is the buffer in which training
    mixes them, a quarter keeps recordings that were read last, the rest is for a sample and for reading."""
    tensorboard: bool = False
    """Whether the log's rows go to TensorBoard files in RUN/tensorboard as well; needs the extra `tensorboard`."""
    device: str = "auto"
    """`auto` takes a CUDA device where there is one; else a torch device name."""
    threads: Count | None = None
    """CPU threads of torch; null leaves them as they are."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Arithmetic of the student's matrix products in training; weights and loss stay float32. `auto` is bfloat16 on a
    GPU that multiplies it, else float32; on a GPU what stays float32 is multiplied in TensorFloat-32, unless
    `float32` is asked for."""
    compile: bool = False
    """Compile the student with torch.compile: a minute at the start, for faster steps on a GPU. On a CPU a step
    took half as long again."""


class TrainingSettings(DatasetSettings):
    """The sections that pretraining depends on."""

    seed: Annotated[int, Field(ge=0)] = 0
    """Of weights, batches, augmentation and dropout. The split has its own."""
    student: StudentSettings = PatchTransformerSettings()
    heads: HeadSettings = HeadSettings()
    objective: ObjectiveSettings = SigLipSettings()
    augment: AugmentSettings = AugmentSettings()
    train: TrainSettings = TrainSettings()
