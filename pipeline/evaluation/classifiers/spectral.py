"""Spectral features of sensor windows with the axes as they are: the baseline without learned features."""

import numpy as np
import torch
from jaxtyping import Float32
from numpy import ndarray as Array

from ...students.embedding import BATCH, WindowSequence
from ...students.fixed_features import Spectra


def spectral_features(imu: WindowSequence, *, rate_hz: float) -> Float32[Array, "windows features"]:
    """One row of features a window: by site, force or rate, signal (x, y, z, length)."""
    _, channels, steps = imu[:1].shape
    network = Spectra(channels=channels, steps=steps, rate_hz=rate_hz, mount_free=False)
    starts = range(0, max(len(imu), 1), BATCH)
    parts = [network.describe(torch.as_tensor(imu[start : start + BATCH]).cpu()) for start in starts]
    return np.asarray(torch.cat(parts).numpy(), dtype=np.float32)
