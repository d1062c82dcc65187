"""VideoMAE as a teacher: a checkpoint loaded whole or refused, and clips turned into features.

Tong et al., "VideoMAE: Masked Autoencoders are Data-Efficient Learners for Self-Supervised Video Pre-Training", 2022.
A clip's feature is the mean of the last layer's tokens: VideoMAE has no class token.
"""

from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float32
from torch import Tensor

from .checkpoint import load_checkpoint
from .frozen_network import FrozenNetwork
from .settings import TeacherSettings
from .snapshot import snapshot_folder

NOT_ENCODER = ("decoder.", "encoder_to_decoder.", "mask_token", "classifier.", "fc_norm.")
"""Weights that checkpoints carry beside the encoder: for reconstruction, for classification."""


class VideoMae(FrozenNetwork):
    """A frozen VideoMAE encoder, pre-trained or fine-tuned.

    >>> import numpy as np
    >>> from equigait.pipeline.teachers.table import load_teacher
    >>> teacher = load_teacher(TeacherSettings(name="videomae-demo", device="cpu"))
    >>> teacher.identity.clip_frames, teacher.identity.image_size
    (16, 64)
    >>> teacher.embed(np.zeros((2, 16, 3, 64, 64), np.uint8)).shape
    (2, 192)
    """

    def load_encoder(self, settings: TeacherSettings) -> torch.nn.Module:
        """The encoder of the settings' checkpoint."""
        return load_encoder(snapshot_folder(settings))

    def features(self, encoder: Any, pixels: Tensor) -> Float32[Tensor, "clips dim"]:
        """The mean of the last layer's tokens, taken in float32."""
        tokens: Tensor = encoder(pixel_values=pixels).last_hidden_state
        return tokens.mean(dim=1, dtype=torch.float32)


def load_encoder(folder: Path) -> torch.nn.Module:
    """The encoder of a checkpoint in float32; refuses one whose weights do not fill it exactly."""
    from transformers import VideoMAEModel

    return load_checkpoint(VideoMAEModel, folder, kind="VideoMAE", ignored=NOT_ENCODER, attn_implementation="sdpa")
