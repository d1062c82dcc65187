"""Settings of the students, light to import: no torch here, so that a recipe is read in an instant."""

from typing import Annotated, Literal

from pydantic import Field, Tag, model_validator

from ...data.settings import Settings, by_name
from ...data.types import Count, Share


class AnyStudent(Settings):
    """What the settings of every student have."""

    name: str
    """Which student: a name of `students.table.STUDENTS`."""
    embedding: Count = 256
    """Length of the embedding."""
    mount_free: bool = False
    """Replace each site's channels by signals that do not depend on how its sensor is turned, nor on side and rein:
    force and rate along axes that each window shows. What tells left from right, such as the lead, is lost."""

    def check_window(self, steps: int) -> None:
        """Refuses with a ValueError a window length (in steps) that this student cannot read."""


class PatchTransformerSettings(AnyStudent):
    """The patch transformer: how a window is cut into patches, and how wide and deep the encoder is."""

    name: Literal["patch-transformer"] = "patch-transformer"
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
    """The layers before the patches: none, or two convolutions over time."""
    stem_width: Annotated[int, Field(ge=8, multiple_of=8)] = 64
    """Channels between the convolutions of the stem `convolution`."""
    pool: Literal["cls", "mean"] = "cls"
    """Pooling: the CLS token, or the mean of the patch tokens."""
    spectrum: bool = False
    """Whether an eighth of the embedding comes from each site's power spectrum: tempo, common to film and sensors."""
    spectrum_dropout: Share = 0.5
    """Share of the windows whose spectral part training sets to zero, so that patches do not rely on it."""
    phases: bool = False
    """Whether half of the embedding comes from the phases between sites at the stride frequency, independent of tempo:
    for two sites or more whose axes are known."""
    dropout: Share = 0.1
    """Share of activations that training drops in attention, perceptrons and after the patch projection."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "PatchTransformerSettings":
        _check_heads(self.width, heads=self.heads)
        return self

    def check_window(self, steps: int) -> None:
        """A window is a whole number of patches."""
        _check_patches(steps, patch_steps=self.patch_steps)


class PatchTstSettings(AnyStudent):
    """PatchTST: each channel by itself with shared weights (Nie et al. 2023, with its self-supervised sizes)."""

    name: Literal["patchtst"] = "patchtst"
    patch_steps: Count = 10
    """Steps of one patch. The window must be a whole number of patches."""
    width: Count = 128
    """Width of the tokens."""
    layers: Count = 3
    """Transformer blocks."""
    heads: Count = 16
    """Attention heads of each block."""
    expansion: Count = 4
    """Hidden width of a block's perceptron over `width`."""
    dropout: Share = 0.2
    """Share of activations that training drops in attention, perceptrons and after the patch projection."""
    series_at_once: Count = 2048
    """Channels of windows whose activations training holds at a time (1.3 MB each); of more they are computed twice."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "PatchTstSettings":
        _check_heads(self.width, heads=self.heads)
        return self

    def check_window(self, steps: int) -> None:
        """A window is a whole number of patches."""
        _check_patches(steps, patch_steps=self.patch_steps)


class DeepConvLstmSettings(AnyStudent):
    """DeepConvLSTM with the sizes of its paper (Ordóñez and Roggen 2016, section 3 and table 2)."""

    name: Literal["deepconvlstm"] = "deepconvlstm"
    filters: Count = 64
    """Feature maps of each convolution."""
    kernel: Count = 5
    """Steps that each convolution sees."""
    convolutions: Count = 4
    """Convolutions over time, one after the other; each shortens the window by `kernel` - 1 steps."""
    width: Count = 128
    """Cells of each recurrent layer."""
    layers: Count = 2
    """Recurrent layers."""
    dropout: Share = 0.5
    """Share of the inputs of each recurrent layer, and of the embedding's, that training drops."""

    def check_window(self, steps: int) -> None:
        """At least one step must be left after the convolutions."""
        lost = self.convolutions * (self.kernel - 1)
        if steps <= lost:
            raise ValueError(f"windows.steps {steps} are all lost in student.convolutions, which shorten it by {lost}")


class ConvGruSettings(AnyStudent):
    """Convolutions, then a GRU, after IMU2CLIP's encoder (Moon et al. 2022), for any length and number of channels."""

    name: Literal["conv-gru"] = "conv-gru"
    filters: Annotated[int, Field(ge=4, multiple_of=4)] = 32
    """Feature maps of each convolution."""
    kernels: tuple[Count, ...] = (11, 5, 5)
    """Steps that each convolution sees; odd, so that none shifts the signal."""
    pool: Count = 3
    """Steps of which each convolution's output keeps the largest."""
    width: Count = 512
    """Cells of the GRU."""
    dropout: Share = 0.0
    """Share of the GRU's input and of its last state that training drops."""

    @model_validator(mode="after")
    def _kernels_are_odd(self) -> "ConvGruSettings":
        if not self.kernels or any(kernel % 2 == 0 for kernel in self.kernels):
            raise ValueError(f"kernels {list(self.kernels)} are not one or more odd numbers")
        return self

    def check_window(self, steps: int) -> None:
        """At least one step must be left after pooling."""
        least = self.pool ** len(self.kernels)
        if steps < least:
            raise ValueError(f"windows.steps {steps} is below {least}, which student.pool makes one step of")


class MantisSettings(AnyStudent):
    """Mantis (Feofanov et al. 2025), each channel by itself; needs the extra `students`.

    It needs a GPU: training on five sites takes a core about a second a window.
    """

    name: Literal["mantis"] = "mantis"
    weights: str | None = None
    """A safetensors file with the network's weights; null starts at random. Nothing is ever downloaded."""
    layers: Count = 6
    """Transformer blocks; published weights have 6."""
    dropout: Share = 0.1
    """Share of activations that training drops."""
    series_at_once: Count = 512
    """Channels of windows whose activations training holds at a time (7.6 MB each); of more they are computed twice."""


StudentSettings = Annotated[
    Annotated[PatchTransformerSettings, Tag("patch-transformer")]
    | Annotated[PatchTstSettings, Tag("patchtst")]
    | Annotated[DeepConvLstmSettings, Tag("deepconvlstm")]
    | Annotated[ConvGruSettings, Tag("conv-gru")]
    | Annotated[MantisSettings, Tag("mantis")],
    by_name(default="patch-transformer"),
]
"""The settings of any student: the class that its `name` says."""


def _check_heads(width: int, *, heads: int) -> None:
    if width % heads:
        raise ValueError(f"width {width} is not a multiple of heads {heads}")


def _check_patches(steps: int, *, patch_steps: int) -> None:
    if steps % patch_steps:
        raise ValueError(f"windows.steps {steps} is not a multiple of student.patch_steps {patch_steps}")
