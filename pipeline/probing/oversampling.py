"""Oversampling: few labelled windows are joined by augmented copies, so that a probe learns what should not matter.

Thirty windows of one horse do not say how sensors sit on another, and a boundary drawn through them fits that one
mount. Training from scratch augments its few windows anew at every step; a probe is fitted to all its windows at once.
"""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from ...data.sites import resolve_sites
from ..augmentation.augment import augment
from ..datasets.sensor_windows import SensorWindows
from ..datasets.window_dataset import WindowDataset
from ..runtime.seeds import generator_for
from .settings import ProbeSettings, ProbingSettings


def oversample(
    windows: WindowDataset, *, settings: ProbingSettings, fill_value: Float32[Tensor, "channels"] | None = None
) -> WindowDataset:
    """The windows, then as many rounds of augmented copies of them all as `probe.oversample_to` has room for.

    `fill_value` stands in the channels of a site that drops out: a student's training mean, else the mean of these
    windows.
    """
    rounds = oversampling_rounds(len(windows), settings=settings.probe)
    if rounds == 1:
        return windows
    imu = windows.imu[:]
    fill = torch.nanmean(imu, dim=(0, 2)) if fill_value is None else fill_value.cpu()
    generator = generator_for("copies", settings.seed)
    copies = [
        augment(
            imu,
            settings=settings.augment,
            fill_value=fill,
            generator=generator,
            sites=resolve_sites(settings.grid.sites),
        )
        for _ in range(rounds - 1)
    ]
    repeated = windows.take(np.tile(np.arange(len(windows)), rounds))
    return replace(repeated, imu=SensorWindows.of(torch.cat([imu, *copies])))


def oversampling_rounds(windows: int, *, settings: ProbeSettings) -> int:
    """How often each of so many labelled windows is used, once as it is: 1 where there are enough of them."""
    return max(settings.oversample_to // max(windows, 1), 1)
