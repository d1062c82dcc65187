"""Who a teacher is, down to the last byte that shapes its features, read without loading the network.

Two teachers share a cache only when their identities are equal: the same weights read with another pooling, norm or
preprocessing give features of another space.

What only moves the last digits stays out: device, batch, decoder, and the arithmetic. bfloat16 and float32 features of
a clip agree to a cosine of 0.9999 or better (tests hold it), when shifting the clip by one frame costs 0.0009, and so
they may stand side by side in one cache: extraction goes on where it began, on whatever machine is free. The price is
that a cache alone does not tell on which hardware its features were made.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

from ...data.errors import BadInput
from ...data.files import file_digest
from .family import Family
from .preprocess import Preprocessing
from .processor import read_preprocessing
from .settings import TeacherSettings, over_frames
from .snapshot import CONFIG_FILE, WEIGHTS_FILE, read_json, snapshot_folder

CODE_VERSION = 2
"""Raise it when a change of this folder's code changes features. 2: colours scaled plane by plane, rows first."""

FEATURE_HEAD = "feature_head"
"""Of a VideoMAE's configuration: the length of the feature that a linear layer makes of the mean token."""

LATER = {"crop": "none"}
LATER_PREPROCESSING = {"resize": "short-side", "filter": "bilinear"}
"""Values of keys that came later: left out, so that what was cached before keeps its key."""


@dataclass(frozen=True)
class TeacherIdentity:
    """What has to be equal for two features to lie in one space."""

    name: str
    """The teacher's entry in TEACHERS."""
    weights_sha256: str
    """SHA-256 of the safetensors file, hexadecimal."""
    dim: int
    """Length of a clip's feature."""
    clip_frames: int | None
    """Frames of a clip; None where any number will do: what a cache holds is part of its clip spec."""
    image_size: int
    """Height and width of the frames that the network sees, in pixels."""
    pooling: str
    """How tokens become one feature, such as `mean` over all tokens of the last layer; then how frames do."""
    final_norm: bool
    """Whether a LayerNorm closes the network: so in pre-trained checkpoints, not where tokens are pooled."""
    preprocessing: Preprocessing
    """What happens to a frame before the network."""
    transformers_version: str
    """The version of the library that holds the network's code."""
    code_version: int = CODE_VERSION
    """The version of this folder's code."""
    crop: str = "none"
    """What of each frame the preprocessing is given: all of it, or `motion`, a square about what moves."""

    def to_json(self) -> dict[str, Any]:
        """The identity as plain values, equal to what JSON gives back."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        plain["preprocessing"] = _without(plain["preprocessing"], LATER_PREPROCESSING)
        return _without(plain, LATER)


def identify_videomae(settings: TeacherSettings) -> TeacherIdentity:
    """Who the VideoMAE of these settings is, from its files alone."""
    folder = snapshot_folder(settings)
    path = folder / CONFIG_FILE
    config = read_json(path)
    preprocessing = Preprocessing.of_snapshot(folder, scaling=settings.scaling)
    image_size = config.get("image_size", 224)
    faults = {
        "model_type": (config.get("model_type"), "videomae"),
        "image_size": (image_size, preprocessing.crop),
        "num_channels": (config.get("num_channels", 3), 3),
    }
    for key, (found, expected) in faults.items():
        if found != expected:
            remedy = "Choose a VideoMAE checkpoint with teacher.weights."
            raise BadInput(path, found=f"{key} {found!r}", expected=repr(expected), remedy=remedy)
    head_dim = config.get(FEATURE_HEAD) if settings.feature_head else None
    if head_dim is not None and not (type(head_dim) is int and head_dim > 0):
        remedy = "Write how many numbers the head gives."
        raise BadInput(path, found=f"{FEATURE_HEAD} {head_dim!r}", expected="a number above 0", remedy=remedy)
    return TeacherIdentity(
        name=settings.name,
        weights_sha256=file_digest(folder / WEIGHTS_FILE),
        dim=head_dim or config.get("hidden_size", 768),
        clip_frames=config.get("num_frames", 16),
        image_size=image_size,
        pooling="mean, then a linear head" if head_dim else "mean",
        final_norm=not config.get("use_mean_pooling", True),
        preprocessing=preprocessing,
        transformers_version=version("transformers"),
    )


def identify_family(
    settings: TeacherSettings, *, family: Family, temporal_pooling: Sequence[str] = ()
) -> TeacherIdentity:
    """Who the teacher of a family and these settings is, from its files alone.

    With `temporal_pooling` the network is one of images, whose features of a clip's frames are concatenated so.
    """
    config, folder = family.checked_config(settings), snapshot_folder(settings)
    shape = family.shape(config)
    preprocessing = read_preprocessing(folder, image_size=shape.image_size, scaling=settings.scaling)
    pooled = f"; {over_frames(temporal_pooling)}" if temporal_pooling else ""
    return TeacherIdentity(
        name=settings.name,
        weights_sha256=file_digest(folder / WEIGHTS_FILE),
        dim=shape.dim * max(1, len(temporal_pooling)),
        clip_frames=shape.clip_frames,
        image_size=preprocessing.crop,
        pooling=family.pooling + pooled,
        final_norm=True,
        preprocessing=preprocessing,
        transformers_version=version("transformers"),
    )


def _without(values: dict[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in defaults or value != defaults[key]}
