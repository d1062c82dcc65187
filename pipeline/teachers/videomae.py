"""VideoMAE as a teacher: a checkpoint loaded whole or refused, and clips turned into features.

Tong et al., "VideoMAE: Masked Autoencoders are Data-Efficient Learners for Self-Supervised Video Pre-Training", 2022.
A clip's feature is the mean of the last layer's tokens: VideoMAE has no class token. A checkpoint may go on from there
with a feature head, one linear layer that says what the mean tells: `feature_head.weight` and `feature_head.bias` among
its weights, the length of the feature as `feature_head` in its config.json.
"""

from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from jaxtyping import Float32
from safetensors import safe_open
from torch import Tensor, nn

from ...data.errors import BadInput
from .checkpoint import load_checkpoint
from .frozen_network import FrozenNetwork
from .identity import FEATURE_HEAD
from .settings import TeacherSettings
from .snapshot import CONFIG_FILE, WEIGHTS_FILE, read_json, snapshot_folder

NOT_ENCODER = ("decoder.", "encoder_to_decoder.", "mask_token", "classifier.", "fc_norm.", f"{FEATURE_HEAD}.")
"""Weights that checkpoints carry beside the encoder: for reconstruction, for classification, for the feature."""


class VideoMae(FrozenNetwork):
    """A frozen VideoMAE encoder, pre-trained or fine-tuned.

    >>> import numpy as np
    >>> from equigait.pipeline.teachers.table import load_teacher
    >>> teacher = load_teacher(TeacherSettings(name="videomae-demo", device="cpu"))
    >>> teacher.identity.clip_frames, teacher.identity.image_size
    (16, 64)
    >>> teacher.embed(np.zeros((2, 16, 3, 64, 64), np.uint8)).shape
    (2, 176)
    """

    def load_encoder(self, settings: TeacherSettings) -> torch.nn.Module:
        """The encoder of the settings' checkpoint."""
        folder = snapshot_folder(settings)
        encoder: Any = load_encoder(folder)
        encoder.feature_head = load_feature_head(folder) if settings.feature_head else None
        return encoder  # type: ignore[no-any-return]

    def features(self, encoder: Any, pixels: Tensor) -> Float32[Tensor, "clips dim"]:
        """The mean of the last layer's tokens, then what the head makes of it, both in float32."""
        tokens: Tensor = encoder(pixel_values=pixels).last_hidden_state
        mean, head = tokens.mean(dim=1, dtype=torch.float32), encoder.feature_head
        return mean if head is None else F.linear(mean, head.weight.float(), head.bias.float())


def load_encoder(folder: Path) -> torch.nn.Module:
    """The encoder of a checkpoint in float32; refuses one whose weights do not fill it exactly."""
    from transformers import VideoMAEModel

    return load_checkpoint(VideoMAEModel, folder, kind="VideoMAE", ignored=NOT_ENCODER, attn_implementation="sdpa")


def load_feature_head(folder: Path) -> nn.Linear | None:
    """The feature head of a checkpoint whose configuration names one; refuses weights that do not fill it exactly."""
    config, path = read_json(folder / CONFIG_FILE), folder / WEIGHTS_FILE
    if FEATURE_HEAD not in config:
        return None
    head = nn.Linear(config.get("hidden_size", 768), config[FEATURE_HEAD])
    parts = {f"{FEATURE_HEAD}.{part}": part for part in head.state_dict()}
    with safe_open(path, framework="pt") as weights:
        found = {parts[name]: weights.get_tensor(name) for name in weights.keys() if name in parts}  # noqa: SIM118
    shapes, expected = ({part: list(each.shape) for part, each in held.items()} for held in (found, head.state_dict()))
    if shapes != expected:
        remedy = "Take a whole checkpoint, or set teacher.feature_head=false."
        raise BadInput(path, found=f"{FEATURE_HEAD} {shapes}", expected=str(expected), remedy=remedy)
    head.load_state_dict(found)
    return head
