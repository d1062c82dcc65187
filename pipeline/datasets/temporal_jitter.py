"""Temporal jitter: how far the start of a window may move, so that only true samples show and its film still holds.

A window moves

- over valid samples alone: not across a gap, nor beyond either end of its recording;
- as long as every clip whose mean is its film feature stays wholly inside.
"""

import torch
from jaxtyping import Int64
from torch import Tensor

from .streams import MemoryStreams
from .window_dataset import WindowDataset


def shift_bounds(
    windows: WindowDataset, *, most: int, window_seconds: float
) -> tuple[Int64[Tensor, "windows"], Int64[Tensor, "windows"]]:
    """Samples by which each window may start earlier, and later; `most` at most. Its streams are in memory."""
    if windows.film_seconds is None:
        raise ValueError("temporal jitter needs the times of the clips: film_seconds is None")
    if not isinstance(windows.imu.streams, MemoryStreams):
        raise ValueError("temporal jitter needs streams in memory")
    imu, rate_hz = windows.imu, windows.imu.steps / window_seconds
    runs = windows.imu.streams.valid_run(imu.recording, start_row=imu.start_row, steps=imu.steps)
    begins, ends = windows.film_seconds.unbind(1)
    seconds = (windows.start_seconds + window_seconds - ends, begins - windows.start_seconds)
    rooms = [torch.nan_to_num((room * rate_hz + 1e-3).floor(), nan=most).clamp(0, most).long() for room in seconds]
    return torch.minimum(runs[0], rooms[0]), torch.minimum(runs[1], rooms[1])


def draw_shifts(
    earlier: Int64[Tensor, "batch"], later: Int64[Tensor, "batch"], *, generator: torch.Generator
) -> Int64[Tensor, "batch"]:
    """For each window a shift within its bounds, in samples, later being positive; all as likely."""
    chance = torch.rand(len(earlier), generator=generator, device=earlier.device, dtype=torch.float64)
    return (chance * (earlier + later + 1)).long() - earlier
