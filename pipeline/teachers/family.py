"""What is particular to one kind of network of transformers: its class, its sizes, and what its feature is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...data.errors import BadInput
from .settings import TeacherSettings
from .snapshot import CONFIG_FILE, read_json, snapshot_folder

if TYPE_CHECKING:  # an identity is read without torch
    from torch import Tensor, nn

ConfigValues = Mapping[str, Any]
"""What a checkpoint's config.json says."""


@dataclass(frozen=True)
class Shape:
    """Sizes of a network."""

    dim: int
    """Length of the feature of a clip, or of a frame where the network is one of images."""
    image_size: int
    """Height and width of the frames that it takes, in pixels."""
    clip_frames: int | None = None
    """Frames of a clip that it takes; None where any number will do."""


@dataclass(frozen=True)
class Family:
    """One kind of network: a row of IMAGE_FAMILIES or VIDEO_FAMILIES."""

    model_types: tuple[str, ...]
    """The `model_type` of the checkpoints' config.json."""
    network: str
    """The class of transformers that holds the encoder."""
    shape: Callable[[ConfigValues], Shape]
    """Sizes, from config.json alone."""
    pooling: str
    """How tokens become one feature, for the identity."""
    feature: Callable[[Any, "Tensor"], "Tensor"]
    """Features, float32, of normalised pixels: `[clips, frames, 3, size, size]`, or `[frames, 3, size, size]` for a
    network of images."""
    ignored: tuple[str, ...] = ()
    """Beginnings of the names of weights that checkpoints carry beside the encoder."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of the class beyond the checkpoint's config."""
    attention: str | None = "sdpa"
    """The implementation of attention; None where there is none."""
    frames_multiple: int = 1
    """Frames of a clip come in groups of so many."""
    words: bool = False
    """Whether the network has a text tower, in the space of these features."""

    def load(self, settings: TeacherSettings) -> "nn.Module":
        """The network of a checkpoint, in float32; refuses weights that do not fill it exactly."""
        import transformers

        from .checkpoint import load_checkpoint

        options = dict(self.options)
        if self.attention is not None:
            options["attn_implementation"] = self.attention
        network_class = getattr(transformers, self.network)
        folder = snapshot_folder(settings)
        return load_checkpoint(network_class, folder, kind=self.network, ignored=self.ignored, **options)

    def checked_config(self, settings: TeacherSettings) -> ConfigValues:
        """The checkpoint's config.json; refuses a network of another kind."""
        path = snapshot_folder(settings) / CONFIG_FILE
        config = read_json(path)
        found = config.get("model_type")
        if found not in self.model_types:
            expected, remedy = " or ".join(self.model_types), f"Choose such a checkpoint for {settings.name}."
            raise BadInput(path, found=f"model_type {found!r}", expected=expected, remedy=remedy)
        return config


def first_token(network: Any, pixels: "Tensor") -> "Tensor":
    """The class token of networks that put it before those of the patches."""
    tokens: Tensor = network(pixel_values=pixels).last_hidden_state
    return tokens[:, 0].float()


def square_side(config: ConfigValues) -> int:
    """`image_size` of a config, which states a number or two equal ones."""
    stated = config.get("image_size", 224)
    sides = set(stated) if isinstance(stated, list | tuple) else {stated}
    if len(sides) != 1 or not isinstance(side := sides.pop(), int):
        remedy = "Choose a checkpoint of square images."
        raise BadInput(CONFIG_FILE, found=f"image_size {stated}", expected="a square", remedy=remedy)
    return side
