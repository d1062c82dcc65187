"""Settings of the teacher. Light to import: nothing heavy is loaded before a teacher is needed."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from ...data.settings import Settings
from ...data.types import Count

TemporalPooling = Literal["mean", "std", "change"]
"""Over the frames of a clip, number by number: mean, standard deviation, mean absolute difference of neighbours."""


LIMBS = (("front", "left"), ("front", "right"), ("back", "left"), ("back", "right"))

TEMPORAL_POOLING: tuple[TemporalPooling, ...] = ("mean", "std", "change")
"""The default: what is seen, how much it varies, and how fast. A mean alone says nothing of motion."""


class KeypointSettings(Settings):
    """How the teacher `keypoints` reads joints. The names are those of SuperAnimal Quadruped."""

    joints: Annotated[tuple[str, ...], Field(min_length=1)] = (
        "nose",
        "neck_base",
        "back_middle",
        "tail_base",
        *(f"{end}_{side}_{part}" for end, side in LIMBS for part in ("thai", "knee", "paw")),
    )
    """Joints that make the feature, in this order, by their names in the files."""
    trunk: tuple[str, str] = ("neck_base", "tail_base")
    """The trunk's front and rear joint: their middle is the origin, the distance between them the unit of length."""
    steps: Count = 16
    """Frames of a clip; the recipe's `clips.frames` has to be the same."""
    least_likelihood: Annotated[float, Field(ge=0, le=1)] = 0.6
    """Joints that the file is less sure of count as not found."""
    least_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """A joint found in a smaller share of a clip's frames is masked; otherwise what is missing is interpolated."""


class TeacherSettings(Settings):
    """Which frozen video network embeds the films, and on what. Only what its identity names changes features."""

    name: str = "videomae-base"
    """An entry of TEACHERS."""
    weights: str | None = None
    """A folder, or a name on the Hugging Face Hub, to take the weights from; null is the teacher's own place."""
    temporal_pooling: Annotated[tuple[TemporalPooling, ...], Field(min_length=1)] | None = None
    """What becomes of the features of a clip's frames, concatenated in this order; of teachers that are networks of
    images alone. null is `[mean, std, change]`."""
    feature_head: bool = True
    """Whether a VideoMAE's feature is what its feature head tells, where its checkpoint has one: of `videomae-demo` a
    horse's motion. Without it the feature is the mean of the last tokens, which suits films of other things."""
    keypoints: KeypointSettings = KeypointSettings()
    """Of the teacher `keypoints` alone."""
    crop: Literal["none", "motion"] = "none"
    """What of a frame is shown: the middle, or a square about what moves, which is found in one more pass through the
    film. For horses that are small in the frame; features of the two are never mixed."""
    device: str = "auto"
    """`auto` takes a CUDA device where there is one; else a torch device name."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Arithmetic of the network; sums are float32 in any case. `auto` is bfloat16 on GPUs that multiply it and on CPUs
    with AMX."""
    compile: bool = False
    """Whether torch compiles the network first: half a minute that pays on GPUs alone, and there for long films."""
    batch_clips: Count | Literal["auto"] = "auto"
    """Clips embedded at once: a matter of speed and memory, never of results. `auto` is 1 a CPU core, 64 on CUDA."""
    threads: Count | None = None
    """CPU cores that embed, each its own batch; null takes all that there are."""
    decode: Literal["auto", "cpu", "cuda"] = "auto"
    """Where films are decoded: `cuda` demands the GPU's decoder, `auto` takes it where it is there."""
    scaling: Literal["exact", "fast"] = "exact"
    """`exact` is the reference processor's within a grey level; `fast` scales while converting, half a level off in the
    mean and up to 20 where colours saturate, for 2.5 ms less a frame of 1080p. Their features are never mixed."""


def pooling_of(settings: TeacherSettings) -> tuple[TemporalPooling, ...]:
    """What becomes of the features of a clip's frames."""
    return settings.temporal_pooling or TEMPORAL_POOLING


def over_frames(pooling: Sequence[str]) -> str:
    """How an identity states what becomes of the features of a clip's frames."""
    return f"{' + '.join(pooling)} over frames"
