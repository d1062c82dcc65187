"""Which decoder a film gets: as the recipe asks where the GPU's takes it, by default the one measured to be faster."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

import av

from ...data.errors import BadInput
from ...data.files import user_cache_folder, write_atomically
from ...data.recording import Video
from ...data.video.decoders import (
    ON_PROCESSOR,
    DecoderChoice,
    DecoderLost,
    Device,
    FilmKind,
    fault_of,
    film_kind,
    has_gpu,
)
from ..runtime.prefetch import usable_cores
from ..teachers.settings import TeacherSettings

TRIAL_SECONDS = 2.5
"""For how long each decoder is measured, once a machine and codec."""

Rate = Callable[[DecoderChoice], float]
"""Frames a second that a decoder brings of the film at hand, as the teacher is shown them."""

logger = logging.getLogger(__name__)


class DecoderChooser:
    """Chooses for one film after the other, whichever thread asks; what refused one film is not tried on its like."""

    def __init__(self, settings: TeacherSettings, *, kept: Path | None = None) -> None:
        """`kept` is the file that remembers what was measured on this machine; None is the user's own."""
        self._settings, self._kept = settings, kept or user_cache_folder() / "decoders.json"
        self._faults: dict[FilmKind, str | None] = {}
        self._lock = Lock()

    def choose(self, video: Video, *, rate: Rate, films_at_once: int = 1) -> DecoderChoice:
        """The decoder for this film. `auto` measures once which is faster; refuses a `cuda` that this machine lacks.

        `films_at_once` is how many films are decoded side by side.
        """
        settings = self._settings
        if settings.decode == "cpu":
            return ON_PROCESSOR
        if settings.crop != "none" or settings.scaling != "exact":
            return DecoderChoice("cpu", "teacher.crop=motion and teacher.scaling=fast are done there")
        with self._lock:
            if (missing := _missing_gpu(settings.device)) is not None:
                return self._without_gpu(missing)
            from ..runtime.device import gpu_number, hold_gpu  # torch: not before there is a GPU

            gpu = DecoderChoice("cuda", gpu=gpu_number(settings.device))
            kind = film_kind(video.path)
            if kind not in self._faults:
                hold_gpu(gpu.gpu)
                self._faults[kind] = fault_of(gpu, video.path)
            if (fault := self._faults[kind]) is not None:
                return DecoderChoice("cpu", fault)
            if settings.decode == "cuda":
                return replace(gpu, reason="as set")
            try:
                both = [replace(choice, films_at_once=films_at_once) for choice in (DecoderChoice("cpu"), gpu)]
                return self._faster(both, codec=kind.codec, rate=rate)
            except DecoderLost as lost:
                return self._given_up(kind, str(lost))

    def lost(self, video: Video, reason: str) -> DecoderChoice:
        """What takes over from a GPU's decoder that failed in this film; films of its kind are spared it hereafter."""
        with self._lock:
            return self._given_up(film_kind(video.path), reason)

    def _given_up(self, kind: FilmKind, reason: str) -> DecoderChoice:
        fault = self._faults[kind] = f"NVDEC failed ({reason})"
        return DecoderChoice("cpu", fault)

    def _without_gpu(self, missing: str) -> DecoderChoice:
        if self._settings.decode == "cuda":
            remedy = "Set teacher.decode=auto, or cpu, to decode on the processor."
            raise BadInput("teacher.decode", found=missing, expected="a GPU, as cuda demands", remedy=remedy)
        return DecoderChoice("cpu")

    def _faster(self, choices: Sequence[DecoderChoice], *, codec: str, rate: Rate) -> DecoderChoice:
        """The faster one by what is kept of this machine, measured now where nothing is."""
        films = f"{choices[-1].films_at_once} at once"
        key = f"{codec}, {films}, {usable_cores()} cores, GPU {choices[-1].gpu}, PyAV {av.__version__}"
        known = _read(self._kept)
        if set(known.get(key, {})) != {choice.device for choice in choices}:
            known[key] = {choice.device: rate(choice) for choice in choices}
            logger.info("decoders: %s: %s", key, ", ".join(f"{name} {r:.0f}/s" for name, r in known[key].items()))
            write_atomically(self._kept, json.dumps(known, indent=2) + "\n")
        rates = known[key]
        best = max(choices, key=lambda choice: rates[choice.device])
        both = " to ".join(f"{rates[choice.device]:.0f}" for choice in choices)
        return replace(best, reason=f"measured on this machine, {both} frames a second")


def _missing_gpu(device: str) -> str | None:
    """Why there is no GPU to decode on; None where there is one."""
    if not has_gpu():
        return "no NVIDIA GPU on this machine"
    import torch

    from ..runtime.device import gpu_number

    if not torch.cuda.is_available():
        return "a GPU that torch does not see"
    return None if gpu_number(device) < torch.cuda.device_count() else f"no {device}"


def _read(path: Path) -> dict[str, dict[Device, float]]:
    """What was measured before; nothing where that cannot be read."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and all(isinstance(value, dict) for value in found.values()) else {}
