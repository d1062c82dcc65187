"""VideoMAE as a teacher: a checkpoint loaded whole or refused, and clips turned into features.

Tong et al., "VideoMAE: Masked Autoencoders are Data-Efficient Learners for Self-Supervised Video Pre-Training", 2022.
A clip's feature is the mean of the last layer's tokens: VideoMAE has no class token.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
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
from .oom_safe_batcher import OomSafeBatcher
from .refusal import refusal_of_teacher
from .resize_center_crop import resize_center_crop
from .settings import TeacherSettings
from .snapshot import snapshot_folder

NOT_ENCODER = ("decoder.", "encoder_to_decoder.", "mask_token", "classifier.", "fc_norm.")
"""Weights that checkpoints carry beside the encoder: for reconstruction, for classification."""


@dataclass(frozen=True)
class Network:
    """What is loaded of a teacher."""

    encoder: Any
    """The encoder, compiled where that is wanted."""
    scale: Float32[Tensor, "3 1 1"]
    """Factor of each colour's bytes."""
    shift: Float32[Tensor, "3 1 1"]
    """Added to the scaled colours."""


class VideoMae:
    """A frozen VideoMAE encoder, whose network is loaded in a thread. `embed` waits for it, and may be called from
    several threads at once; all else is there at once, so that films are decoded meanwhile.

    >>> import numpy as np
    >>> from equigait.pipeline.teachers.table import load_teacher
    >>> teacher = load_teacher(TeacherSettings(name="videomae-demo", device="cpu"))
    >>> teacher.identity.clip_frames, teacher.identity.image_size
    (16, 64)
    >>> teacher.embed(np.zeros((2, 16, 3, 64, 64), np.uint8)).shape
    (2, 192)
    """

    def __init__(self, settings: TeacherSettings, *, identity: TeacherIdentity) -> None:
        device = choose_device(settings.device, setting="teacher.device")
        self.identity = identity
        self.batch_clips = choose_batch(settings, device=device)
        self.concurrent_batches = choose_concurrent_batches(settings, device=device)
        self._device, self._dtype = device, choose_precision(settings.precision, device=device)
        self._fitting = OomSafeBatcher(self._forward, most=self.batch_clips, always_full=settings.compile)
        self._streams = threading.local()
        self._loading = in_background(partial(self._load, settings))

    def __str__(self) -> str:
        width = str(self._dtype).removeprefix("torch.")
        at_once = f"{self.concurrent_batches} x {self.batch_clips} clips at once"
        return f"{self.identity.name} in {width} on {self._device}, {at_once}"

    def preprocess(self, picture: Picture) -> UInt8[Array, "3 size size"]:
        """What the network is shown of a frame: upright, resized and cropped, still bytes."""
        return resize_center_crop(picture, preprocessing=self.identity.preprocessing)

    def embed(self, clips: UInt8[Array, "clips frames 3 size size"]) -> Float32[Array, "clips dim"]:
        """One feature a clip of preprocessed frames; a clip's feature does not depend on the others."""
        frames = clips.shape[1]
        if frames != self.identity.clip_frames:
            expected, remedy = f"{self.identity.clip_frames}", f"Set clips.frames={self.identity.clip_frames}."
            raise BadInput(self.identity.name, found=f"clips of {frames} frames", expected=expected, remedy=remedy)
        self.network()
        return self._fitting.embed(clips)

    def network(self) -> Network:
        """The network on its device, once it is loaded; refuses weights that are no whole encoder."""
        with refusal_of_teacher():
            return self._loading.result()

    def _load(self, settings: TeacherSettings) -> Network:
        device, preprocessing = self._device, self.identity.preprocessing
        encoder: Any = load_encoder(snapshot_folder(settings)).to(device, self._dtype).eval().requires_grad_(False)
        mean, std = (
            torch.tensor(values, device=device)[:, None, None] for values in (preprocessing.mean, preprocessing.std)
        )
        compiled = torch.compile(encoder, dynamic=False) if settings.compile else encoder
        network = Network(compiled, scale=1.0 / (255.0 * std), shift=-mean / std)
        if device.type == "cuda":
            torch.cuda.synchronize(device)  # weights lie ready before another stream reads them
        return network

    def _forward(self, clips: UInt8[Array, "clips frames 3 size size"]) -> Float32[Array, "clips dim"]:
        """One pass through the network; the tokens' mean is taken in float32."""
        network = self.network()
        with torch.inference_mode(), self._stream():
            pixels = torch.from_numpy(clips)
            if self._device.type == "cuda":
                pixels = pixels.pin_memory()  # memory that the GPU fetches from while the CPU goes on
            shown = pixels.to(self._device, non_blocking=True).float() * network.scale + network.shift
            tokens = network.encoder(pixel_values=shown.to(self._dtype)).last_hidden_state
            return np.asarray(tokens.mean(dim=1, dtype=torch.float32).cpu().numpy())

    def _stream(self) -> AbstractContextManager[Any]:
        """Each thread's own CUDA stream: batches of two threads do not wait for each other."""
        if self._device.type != "cuda":
            return nullcontext()
        if not hasattr(self._streams, "mine"):
            stream: Any = torch.cuda.Stream
            self._streams.mine = stream(self._device)
        return torch.cuda.stream(self._streams.mine)


def load_encoder(folder: Path) -> torch.nn.Module:
    """The encoder of a checkpoint in float32; refuses one whose weights do not fill it exactly."""
    from transformers import VideoMAEModel

    with _quiet_transformers():
        loaded: Any = VideoMAEModel.from_pretrained(
            folder,
            local_files_only=True,
            use_safetensors=True,
            attn_implementation="sdpa",
            dtype=torch.float32,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # so that they are reported, and refused below
        )
    network: torch.nn.Module = loaded[0]
    report: Mapping[str, Any] = loaded[1]
    strangers = [key for key in report["unexpected_keys"] if not key.startswith(NOT_ENCODER)]
    faults = {
        "missing": sorted(map(str, report["missing_keys"])),
        "of another shape": sorted(str(key) for key in report["mismatched_keys"]),
        "unknown": sorted(strangers),
    }
    found = "; ".join(f"{len(keys)} {kind}: {', '.join(keys[:3])}" for kind, keys in faults.items() if keys)
    if found:
        remedy = "Take a whole VideoMAE checkpoint, and transformers >= 5.18 (older ones lose query and value biases)."
        raise BadInput(folder, found=f"weights {found}", expected="exactly the encoder's weights", remedy=remedy)
    return network


@contextmanager
def _quiet_transformers() -> Iterator[None]:
    """Without the library's own load report and progress bar: what is wrong with weights is refused, not logged."""
    from transformers import utils

    logging: Any = utils.logging
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
