"""Settings of the students, light to import: no torch here, so that a recipe is read in an instant."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ...data.settings import Settings

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


class StudentSettings(Settings):
    """The patch transformer: how a window is cut into patches, and how wide and deep the encoder is."""

    name: Literal["patch-transformer"] = "patch-transformer"
    """Which student: a name of `students.table.STUDENTS`."""
    patch_steps: Count = 10
    """Steps of one patch; 10 at 50 Hz is 0.2 s. The window must be a whole number of patches."""
    width: Count = 256
    """Width of the tokens."""
    layers: Count = 4
    """Transformer blocks."""
    heads: Count = 8
    """Attention heads of each block."""
    expansion: Count = 4
    """Hidden width of a block's perceptron over `width`."""
    stem: Literal["linear", "convolution"] = "linear"
    """What sees the signal first: the patch projection alone, or two convolutions over time before it."""
    stem_width: Annotated[int, Field(ge=8, multiple_of=8)] = 64
    """Channels between the convolutions of the stem `convolution`."""
    pool: Literal["cls", "mean"] = "cls"
    """What becomes the embedding: the CLS token, or the mean of the patch tokens."""
    embedding: Count = 256
    """Length of the embedding."""
    dropout: Share = 0.1
    """Share of activations that training drops in attention, perceptrons and after the patch projection."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "StudentSettings":
        if self.width % self.heads:
            raise ValueError(f"width {self.width} is not a multiple of heads {self.heads}")
        return self
