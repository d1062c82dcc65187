"""DECODERS: what can decode a film: the processor, or the GPU's own decoder (NVDEC), which leaves frames on the GPU."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import av
from av.codec.hwaccel import HWAccel
from av.container import InputContainer
from av.video.stream import VideoStream

from ..errors import first_line
from .container import decoded, opened, sound_packets

GPU_DEVICES = ("/dev/nvidiactl", "/dev/dxg")
"""What NVIDIA's driver puts there on Linux, and under Windows' Linux."""

TRIAL_PACKETS = 64
"""After which a decoder that has given no frame counts as refusing: more than any codec holds back."""

Device: TypeAlias = Literal["cpu", "cuda"]


class DecoderLost(Exception):
    """A GPU's decoder refused a film or failed in it: whether the film is sound is for the processor to say."""


@dataclass(frozen=True)
class Decoder:
    """One way to decode."""

    accelerator: Callable[[int], HWAccel | None]
    """What a film is opened with, given the number of the GPU; None for FFmpeg's own code."""
    threads: Callable[[int], int]
    """Threads of a film's decoder, of those that it may have."""


@dataclass(frozen=True)
class DecoderChoice:
    """Where a film is decoded, and why there. Frames are the same: decoding is exact by every codec's standard."""

    device: Device
    """`cuda` is NVDEC."""
    reason: str = ""
    """For the log; empty where there was no choice."""
    films_at_once: int = 1
    """How many films are decoded at the same time, and so share the cores."""
    gpu: int = 0
    """The number of the GPU that decodes."""

    def __str__(self) -> str:
        return f"decode on {self.device}" + (f": {self.reason}" if self.reason else "")


class FilmKind(NamedTuple):
    """What decides whether a GPU's decoder takes a film."""

    codec: str
    pixel_format: str | None
    width: int
    height: int


def _nvdec(gpu: int) -> HWAccel:
    """Frames stay on the GPU, in the context that is the calling thread's: FFmpeg refuses to share a primary context
    that was opened before it came, and would open one of its own otherwise, which takes turns with that one."""
    options: dict[str, object] = {"primary_ctx": "0", "current_ctx": "1"}
    return HWAccel("cuda", device=str(gpu), allow_software_fallback=False, options=options, is_hw_owned=True)


DECODERS: dict[Device, Decoder] = {
    "cpu": Decoder(lambda _gpu: None, threads=lambda share: share),
    "cuda": Decoder(_nvdec, threads=lambda _share: 1),
}
"""By the name of the device."""

ON_PROCESSOR = DecoderChoice("cpu", "as set")


@contextmanager
def opened_for(choice: DecoderChoice, path: Path, *, threads: int = 1) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The film, opened to be decoded there, by so many threads at most (0: one a core).

    `cuda` wants a CUDA context in the calling thread.
    """
    decoder = DECODERS[choice.device]
    with ExitStack() as open_files:
        try:
            container, stream = open_files.enter_context(opened(path, hwaccel=decoder.accelerator(choice.gpu)))
        except (av.FFmpegError, RuntimeError, NotImplementedError) as error:  # of the accelerator: films are BadInput
            raise DecoderLost(_reason(error)) from error
        context = stream.codec_context
        if choice.device != "cpu" and not context.is_hwaccel:  # another stream of the file may have been accelerated
            raise DecoderLost(f"{context.name} is decoded by the processor alone")
        context.thread_count = decoder.threads(threads)
        context.thread_type = "AUTO"
        yield container, stream


def fault_of(choice: DecoderChoice, path: Path) -> str | None:
    """Why this decoder cannot decode the film; None once its first frame came. Over with the first error."""
    try:
        with opened_for(choice, path) as (container, stream):
            for _, packet in islice(sound_packets(path, container, stream), TRIAL_PACKETS):
                if decoded(stream, packet, strict=True):
                    return None
            return None if decoded(stream, None, strict=True) else "it gives no frame"
    except (DecoderLost, av.FFmpegError) as error:
        return f"no NVDEC here that takes it ({_reason(error)})"


def _reason(error: Exception) -> str:
    """What FFmpeg or PyAV says of an error, without its number."""
    return getattr(error, "strerror", None) or first_line(error)


def film_kind(path: Path) -> FilmKind:
    """What kind of film this is, from its header."""
    with opened(path) as (_, stream):
        context = stream.codec_context
        return FilmKind(context.name, context.pix_fmt, context.width, context.height)


def has_gpu() -> bool:
    """Whether NVIDIA's driver shows a GPU, found without waking it; true where that is not known."""
    return not sys.platform.startswith("linux") or any(Path(device).exists() for device in GPU_DEVICES)
