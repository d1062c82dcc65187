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
    envelopes: bool = False
    """Whether half of the embedding tells how large each site's movement is from patch to patch: for films, or joints
    found in them, that are to be recognised by when something moves. Not together with `phases`."""
    dropout: Share = 0.1
    """Share of activations that training drops in attention, perceptrons and after the patch projection."""

    @model_validator(mode="after")
    def _everything_has_room(self) -> "PatchTransformerSettings":
        _check_heads(self.width, heads=self.heads)
        if self.phases and self.envelopes:
            raise ValueError("phases and envelopes each take half of the embedding: choose one")
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


class DLinearSettings(AnyStudent):
    """DLinear (Zeng et al. 2023): a supervised baseline that is linear in the window, with the kernel of its paper."""

    name: Literal["dlinear"] = "dlinear"
    kernel: Count = 25
    """Steps of the moving average; odd, so that it shifts nothing."""

    @model_validator(mode="after")
    def _kernel_is_odd(self) -> "DLinearSettings":
        if self.kernel % 2 == 0:
            raise ValueError(f"kernel {self.kernel} is not an odd number")
        return self


class TimesNetSettings(AnyStudent):
    """TimesNet (Wu et al. 2023), with sizes of its classification experiments. On 30 channels a CPU is slow with it."""

    name: Literal["timesnet"] = "timesnet"
    width: Count = 32
    """Features of a step."""
    hidden: Count = 32
    """Features between a block's two layers of convolutions."""
    layers: Count = 2
    """Blocks."""
    periods: Count = 3
    """How many of the strongest periods of the training windows a window is folded by."""
    kernels: Count = 6
    """Convolutions in parallel, of 1, 3, 5, ... steps and periods."""
    dropout: Share = 0.1
    """Share of activations that training drops after the first convolution and before the last layer."""

    def check_window(self, steps: int) -> None:
        """There are `periods` periods in a window: 1, 2, ... steps // 2 cycles."""
        if steps // 2 < self.periods:
            raise ValueError(f"windows.steps {steps} have {steps // 2} periods, below student.periods {self.periods}")


class InformerSettings(AnyStudent):
    """Informer's encoder (Zhou et al. 2021), a quarter as wide as in its paper."""

    name: Literal["informer"] = "informer"
    width: Annotated[int, Field(ge=2, multiple_of=2)] = 128
    """Width of the tokens."""
    layers: Count = 2
    """Blocks."""
    heads: Count = 8
    """Attention heads of each block."""
    expansion: Count = 4
    """Hidden width of a block's perceptron over `width`."""
    factor: Count = 5
    """Active queries, and keys drawn for each query, over the logarithm of the steps."""
    distil: bool = True
    """Whether the steps are halved between blocks."""
    dropout: Share = 0.05
    """Share of activations that training drops after the first convolution, in perceptrons and after attention."""

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "InformerSettings":
        _check_heads(self.width, heads=self.heads)
        return self


class MomentSettings(AnyStudent):
    """MOMENT (Goswami et al. 2024), each channel by itself."""

    name: Literal["moment"] = "moment"
    weights: str | None = None
    """A folder with config.json and model.safetensors, or a name on the Hugging Face Hub (AutonLab/MOMENT-1-small);
    null starts at random, with the sizes of MOMENT-1-small. With weights, their config.json says the sizes."""
    frozen: bool = False
    """Whether training leaves the network as it is, and learns the last layer alone."""
    reduction: Literal["mean", "concat"] = "mean"
    """Of the channels: their mean, as published for embeddings, or one after the other, which tells sites apart."""
    layers: Count = 8
    """Transformer blocks at a random start."""
    dropout: Share = 0.1
    """Share of activations that training drops."""
    series_at_once: Count = 512
    """Channels of windows whose activations training holds at a time; of more they are computed twice."""

    def check_window(self, steps: int) -> None:
        """The network reads 8 to 512 steps."""
        if not 8 <= steps <= 512:
            raise ValueError(f"windows.steps {steps} is not within 8 and 512, which student moment can read")


StudentSettings = Annotated[
    Annotated[PatchTransformerSettings, Tag("patch-transformer")]
    | Annotated[PatchTstSettings, Tag("patchtst")]
    | Annotated[DeepConvLstmSettings, Tag("deepconvlstm")]
    | Annotated[ConvGruSettings, Tag("conv-gru")]
    | Annotated[MantisSettings, Tag("mantis")]
    | Annotated[DLinearSettings, Tag("dlinear")]
    | Annotated[TimesNetSettings, Tag("timesnet")]
    | Annotated[InformerSettings, Tag("informer")]
    | Annotated[MomentSettings, Tag("moment")],
    by_name(default="patch-transformer"),
]
"""The settings of any student: the class that its `name` says."""


def _check_heads(width: int, *, heads: int) -> None:
    if width % heads:
        raise ValueError(f"width {width} is not a multiple of heads {heads}")


def _check_patches(steps: int, *, patch_steps: int) -> None:
    if steps % patch_steps:
        raise ValueError(f"windows.steps {steps} is not a multiple of student.patch_steps {patch_steps}")
