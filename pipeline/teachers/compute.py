"""On what a teacher computes: its device, the width of its numbers, and how much at once."""

from typing import Any, Literal

import torch

from ..runtime.device import multiplies_bfloat16
from ..runtime.prefetch import usable_cores
from .settings import TeacherSettings

CUDA_BATCH = 64
"""Clips that fill a data-centre GPU: 100,000 rows in every matrix product of VideoMAE, beside which launches are
nothing (so CUDA graphs would save nothing). Some 4 GB of activations; a smaller GPU has the batch halved."""

CPU_BATCH = 1
"""Measured with AMX: 0.51 s of CPU a clip alone, 0.57 by twos, 0.63 by fours, 0.79 by eights. Caches are small."""

CUDA_CONCURRENT_BATCHES = 2
"""Batches in flight: while one is computed the next is copied to the GPU and the last one's features come back."""


def choose_precision(wanted: Literal["auto", "float32", "bfloat16"], *, device: torch.device) -> torch.dtype:
    """The numbers that weights and activations are; `auto` is bfloat16 where the device multiplies it in tiles.

    On a CPU that is AMX: with the dot products of AVX512-bf16 alone, VideoMAE's layers take 1.8 times as long as in
    float32 (torch 2.13, one core).
    """
    if wanted == "auto":
        return torch.bfloat16 if _multiplies_bfloat16(device) else torch.float32
    return torch.bfloat16 if wanted == "bfloat16" else torch.float32


def choose_batch(settings: TeacherSettings, *, device: torch.device) -> int:
    """Clips embedded at once."""
    if settings.batch_clips != "auto":
        return settings.batch_clips
    return CUDA_BATCH if device.type == "cuda" else CPU_BATCH


def choose_concurrent_batches(settings: TeacherSettings, *, device: torch.device) -> int:
    """Batches embedded side by side: on a CPU one a core, since two cores on one batch take half again as much work."""
    if device.type != "cpu":
        return CUDA_CONCURRENT_BATCHES if device.type == "cuda" else 1
    return settings.threads or usable_cores()


def _multiplies_bfloat16(device: torch.device) -> bool:
    if device.type == "cpu":
        tell: Any = getattr(torch.cpu, "get_capabilities", dict)  # older torch cannot: then float32, which is safe
        mkldnn: Any = torch.backends.mkldnn
        return bool(mkldnn.is_available()) and bool(tell().get("amx_bf16"))
    return multiplies_bfloat16(device)
