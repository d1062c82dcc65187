"""Teachers of IMAGE_FAMILIES and VIDEO_FAMILIES: frozen networks of transformers by what their family says of them."""

from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float32
from numpy import ndarray as Array
from torch import Tensor

from ...data.errors import BadInput
from .family import Family
from .frozen_network import ClipBytes, FrameBytes, FrozenNetwork
from .identity import TeacherIdentity
from .settings import TeacherSettings, pooling_of
from .temporal_pooling import pool_frames


class VideoNetwork(FrozenNetwork):
    """A frozen video network of a family."""

    def __init__(self, settings: TeacherSettings, *, identity: TeacherIdentity, family: Family) -> None:
        self._family = family
        super().__init__(settings, identity=identity)

    def load_encoder(self, settings: TeacherSettings) -> torch.nn.Module:
        """The encoder of the settings' checkpoint."""
        return self._family.load(settings)

    def embed(self, clips: ClipBytes) -> Float32[Array, "clips dim"]:
        """One feature a clip of preprocessed frames, of which the network takes groups of a fixed size."""
        group = self._family.frames_multiple
        if clips.shape[1] % group:
            found, expected = f"clips of {clips.shape[1]} frames", f"a multiple of {group}"
            raise BadInput(self.identity.name, found=found, expected=expected, remedy="Set clips.frames to one.")
        return super().embed(clips)

    def features(self, encoder: Any, pixels: Tensor) -> Float32[Tensor, "clips dim"]:
        """What the family calls a clip's feature."""
        return self._family.feature(encoder, pixels)


class ImageNetwork(FrozenNetwork):
    """A frozen network of images: each frame is embedded by itself, and a clip's frames are pooled over time."""

    shown_per_clip = 4
    """Frames at once for each clip that would be: `teacher.batch_clips=8` embeds 32 frames at once."""

    def __init__(
        self,
        settings: TeacherSettings,
        *,
        identity: TeacherIdentity,
        load: Callable[[TeacherSettings], torch.nn.Module],
        feature: Callable[[Any, Tensor], Tensor],
    ) -> None:
        self._load_images, self._feature, self._pooling = load, feature, pooling_of(settings)
        super().__init__(settings, identity=identity)
        self.batch_frames = self.batch_clips * self.shown_per_clip

    def load_encoder(self, settings: TeacherSettings) -> torch.nn.Module:
        """The network of images."""
        return self._load_images(settings)

    def features(self, encoder: Any, pixels: Tensor) -> Float32[Tensor, "frames frame_dim"]:
        """One feature a frame of normalised pixels `[frames, 3, size, size]`."""
        return self._feature(encoder, pixels)

    def embed_frames(self, frames: FrameBytes) -> Float32[Array, "frames frame_dim"]:
        """One feature a preprocessed frame."""
        self.network()
        return self._fitting.embed(frames)

    def pool(self, features: Float32[Array, "clips frames frame_dim"]) -> Float32[Array, "clips dim"]:
        """One feature a clip of the features of its frames."""
        return pool_frames(features, pooling=self._pooling)

    def embed(self, clips: ClipBytes) -> Float32[Array, "clips dim"]:
        """One feature a clip of preprocessed frames; what clips share is computed again, other than in films."""
        count, frames = clips.shape[:2]
        features = self.embed_frames(torch.as_tensor(clips).flatten(0, 1))
        return self.pool(features.reshape(count, frames, -1))
