"""Where a film is decoded: on the processor, or by the GPU's own decoder (NVDEC) where there is one that can."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import av
from av.codec.hwaccel import HWAccel

from ..errors import BadInput, first_line
from .container import decoded, opened, sound_packets

GPU_DEVICES = ("/dev/nvidiactl", "/dev/dxg")
"""What NVIDIA's driver puts there on Linux, and under Windows' Linux."""

Device: TypeAlias = Literal["cpu", "cuda"]


@dataclass(frozen=True)
class DecoderChoice:
    """Where a film is decoded, and why there. Frames are the same: decoding is exact by every codec's standard."""

    device: Device
    """`cuda` is NVDEC."""
    reason: str
    """For the log; empty where there was no choice."""
    films_at_once: int = 1
    """How many films are decoded at the same time, and so share the cores."""

    def __str__(self) -> str:
        return f"decode on {self.device}" + (f": {self.reason}" if self.reason else "")


def choose_decoder(path: Path, *, wanted: Literal["auto", "cpu", "cuda"]) -> DecoderChoice:
    """The decoder for this film. `auto` falls back to the processor and says why; a `cuda` that cannot be is refused.

    NVDEC is tried on the film's first frame: which codecs, depths and sizes it takes differs from GPU to GPU.
    """
    if wanted == "cpu":
        return DecoderChoice("cpu", "as set")
    if wanted == "auto" and not _has_gpu():
        return DecoderChoice("cpu", "")
    fault = _cuda_fault(path) if _has_gpu() else "no NVIDIA GPU on this machine"
    if fault is None:
        return DecoderChoice("cuda", "NVDEC takes this film" if wanted == "auto" else "as set")
    if wanted == "cuda":
        remedy = "Set teacher.decode=auto to decode on the processor."
        raise BadInput(
            path, found=fault, expected="a film that NVDEC decodes, as teacher.decode=cuda demands", remedy=remedy
        )
    return DecoderChoice("cpu", fault)


def accelerator(device: Device) -> HWAccel | None:
    """What to open a film with for it to be decoded there; frames come back to the processor's memory."""
    return None if device == "cpu" else HWAccel("cuda", allow_software_fallback=False)


def _has_gpu() -> bool:
    """Whether NVIDIA's driver shows a GPU, found without waking it; true where that is not known."""
    return not sys.platform.startswith("linux") or any(Path(device).exists() for device in GPU_DEVICES)


def _cuda_fault(path: Path) -> str | None:
    """Why NVDEC cannot decode this film; None when its first frame came."""
    try:
        with opened(path, hwaccel=accelerator("cuda")) as (container, stream):
            for _, packet in sound_packets(path, container, stream):
                if decoded(stream, packet):
                    return None
            return None if decoded(stream, None) else "NVDEC gives no frame of this film"
    except (av.FFmpegError, RuntimeError, NotImplementedError) as error:
        reason = getattr(error, "strerror", None) or first_line(error)
        return f"no NVDEC here that takes it ({reason})"
