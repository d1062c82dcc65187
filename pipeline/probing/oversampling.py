"""Copies of few labelled windows, disturbed as training disturbs them, so that a probe hears what should not matter.

Thirty windows of one horse do not say how another wears its sensors, and a boundary drawn through them leans on it.
Training from scratch sees its few windows disturbed anew at every step; the probe has them at once.
"""

from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from ...data.sites import resolve_sites
from ..augmentation.augment import augment
from ..datasets.labelled_windows import LabelledWindows
from ..runtime.seeds import generator_for
from .settings import ProbeSettings, ProbingSettings


def with_copies(
    windows: LabelledWindows, *, recipe: ProbingSettings, silence: Float32[Tensor, "channels"] | None = None
) -> LabelledWindows:
    """The windows, then as many rounds of disturbed copies of them all as `probe.oversample_to` has room for.

    `silence` is what a site shows when it drops out: a student's training mean, else the mean of these windows.
    """
    rounds = rounds_of(len(windows), settings=recipe.probe)
    if rounds == 1:
        return windows
    quiet = torch.nanmean(windows.imu, dim=(0, 2)) if silence is None else silence.cpu()
    generator = generator_for("copies", recipe.seed)
    copies = [
        augment(
            windows.imu,
            settings=recipe.augment,
            fill_value=quiet,
            generator=generator,
            sites=resolve_sites(recipe.grid.sites),
        )
        for _ in range(rounds - 1)
    ]
    repeated = windows.take(np.tile(np.arange(len(windows)), rounds))
    return replace(repeated, imu=torch.cat([windows.imu, *copies]))


def rounds_of(windows: int, *, settings: ProbeSettings) -> int:
    """How often so many labelled windows are shown, once as they are: 1 where there are enough of them."""
    return max(settings.oversample_to // max(windows, 1), 1)
