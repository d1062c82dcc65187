"""What all frozen networks share: loaded in a thread, clips of bytes to features, on a device, within its memory."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from numpy import ndarray as Array
from torch import Tensor

from ...data.errors import BadInput
from ...data.video.pixels import Picture
from ..runtime.device import choose_device
from ..runtime.prefetch import in_background
from .compute import choose_batch, choose_concurrent_batches, choose_precision
from .identity import TeacherIdentity
from .oom_safe_batcher import OomSafeBatcher, ShownBytes
from .patch_projection import replace_patch_convolutions
from .refusal import refusal_of_teacher
from .resize_center_crop import resize_center_crop
from .settings import TeacherSettings

ClipBytes = UInt8[Array, "clips frames 3 size size"] | UInt8[Tensor, "clips frames 3 size size"]
"""Preprocessed clips, in the computer's memory or where the network is."""
FrameBytes = UInt8[Array, "frames 3 size size"] | UInt8[Tensor, "frames 3 size size"]
"""Preprocessed frames, the same."""
Square = UInt8[Array, "3 size size"] | UInt8[Tensor, "3 size size"]
"""One preprocessed frame, the same."""


@dataclass(frozen=True)
class Network:
    """What is loaded of a teacher."""

    encoder: Any
    """The encoder, compiled where that is wanted."""
    scale: Float32[Tensor, "3 1 1"]
    """Factor of each colour's bytes."""
    shift: Float32[Tensor, "3 1 1"]
    """Added to the scaled colours."""


def move_plain_tensors(encoder: torch.nn.Module, *, device: torch.device) -> None:
    """Brings tensors to the device that modules hold as mere attributes: they would go there anew at every pass."""
    for module in encoder.modules():
        for name, value in list(vars(module).items()):
            if isinstance(value, Tensor) and value.device != device:
                setattr(module, name, value.to(device))


class FrozenNetwork(ABC):
    """A frozen encoder of clips, whose network is loaded in a thread. `embed` waits for it, and may be called from
    several threads at once; all else is there at once, so that films are decoded meanwhile."""

    shown_per_clip = 1
    """What the network takes at once, for each clip of a batch: the clip itself."""

    def __init__(self, settings: TeacherSettings, *, identity: TeacherIdentity) -> None:
        device = choose_device(settings.device, setting="teacher.device")
        self.identity = identity
        self.batch_clips = choose_batch(settings, device=device)
        self.concurrent_batches = choose_concurrent_batches(settings, device=device)
        self._device, self._dtype = device, choose_precision(settings.precision, device=device)
        most = self.batch_clips * self.shown_per_clip
        self._fitting = OomSafeBatcher(self._forward, most=most, always_full=settings.compile)
        self._streams, self._lanes = threading.local(), threading.BoundedSemaphore(self.concurrent_batches)
        self._compiles, self._compiled_for, self._compiling = settings.compile, set[int](), threading.Lock()
        self._loading = in_background(partial(self._load, settings))

    @abstractmethod
    def load_encoder(self, settings: TeacherSettings) -> torch.nn.Module:
        """The network of these settings in float32; refuses weights that do not fill it exactly."""

    @abstractmethod
    def features(self, encoder: Any, pixels: Tensor) -> Float32[Tensor, "shown dim"]:
        """One feature a clip of normalised pixels `[clips, frames, 3, size, size]`, in the network's precision."""

    def __str__(self) -> str:
        width = str(self._dtype).removeprefix("torch.")
        at_once = f"{self.concurrent_batches} x {self.batch_clips} clips at once"
        return f"{self.identity.name} in {width} on {self._device}, {at_once}"

    def preprocess(self, picture: Picture) -> Square:
        """What the network is shown of a frame: upright, resized and cropped, still bytes; on a GPU, where one embeds.

        A frame goes there once, however many clips it is part of.
        """
        square = resize_center_crop(picture, preprocessing=self.identity.preprocessing)
        return square if self._device.type == "cpu" else self._there(square)

    def embed(self, clips: ClipBytes) -> Float32[Array, "clips dim"]:
        """One feature a clip of preprocessed frames; a clip's feature does not depend on the others."""
        frames, expected = clips.shape[1], self.identity.clip_frames
        if expected is not None and frames != expected:
            remedy = f"Set clips.frames={expected}."
            raise BadInput(self.identity.name, found=f"clips of {frames} frames", expected=f"{expected}", remedy=remedy)
        self.network()
        return self._fitting.embed(clips)

    def network(self) -> Network:
        """The network on its device, once it is loaded; refuses weights that are no whole encoder."""
        with refusal_of_teacher():
            return self._loading.result()

    def _load(self, settings: TeacherSettings) -> Network:
        device, preprocessing = self._device, self.identity.preprocessing
        encoder: Any = self.load_encoder(settings).to(device, self._dtype).eval().requires_grad_(False)
        move_plain_tensors(encoder, device=device)
        replace_patch_convolutions(encoder)
        mean, std = (
            torch.tensor(values, device=device)[:, None, None] for values in (preprocessing.mean, preprocessing.std)
        )
        compiled = torch.compile(encoder, dynamic=False) if settings.compile else encoder
        network = Network(compiled, scale=1.0 / (255.0 * std), shift=-mean / std)
        if device.type == "cuda":
            torch.cuda.synchronize(device)  # weights lie ready before another stream reads them
        return network

    def _forward(self, shown: ShownBytes) -> Float32[Array, "shown dim"]:
        """One pass through the network."""
        network = self.network()
        with self._lane(len(shown)), torch.inference_mode(), self._stream():
            scaled = self._there(shown).float() * network.scale + network.shift
            return np.asarray(self.features(network.encoder, scaled.to(self._dtype)).float().cpu().numpy())

    @contextmanager
    def _lane(self, size: int) -> Iterator[None]:
        """One of the batches side by side, of all films embedded at once; all of them for the first batch of a size
        that a compiled network sees: torch compiles in one thread, and bears no other that runs what it has compiled.
        """
        if not self._compiles or size in self._compiled_for:
            with self._lanes:
                yield
            return
        with self._compiling, ExitStack() as every:
            for _ in range(self.concurrent_batches):
                every.enter_context(self._lanes)
            yield
            self._compiled_for.add(size)

    def _there(self, shown: ShownBytes) -> UInt8[Tensor, "*whole"]:
        """The bytes on the network's device, where they may lie already."""
        pixels = torch.as_tensor(shown)
        if self._device.type != "cuda":
            return pixels.to(self._device)
        if pixels.is_cuda:
            mine = torch.cuda.current_stream(self._device)
            mine.wait_stream(torch.cuda.default_stream(self._device))  # on which they are made
            pixels.record_stream(mine)
        else:
            pixels = pixels.pin_memory()  # memory that the GPU fetches from while the CPU goes on
        return pixels.to(self._device, non_blocking=True)

    def _stream(self) -> AbstractContextManager[Any]:
        """Each thread's own CUDA stream: batches of two threads do not wait for each other."""
        if self._device.type != "cuda":
            return nullcontext()
        if not hasattr(self._streams, "mine"):
            stream: Any = torch.cuda.Stream
            self._streams.mine = stream(self._device)
        return torch.cuda.stream(self._streams.mine)
