"""Features of a clip's frames to one feature of the clip."""

import numpy as np
from jaxtyping import Float32
from numpy import ndarray as Array

from .settings import TemporalPooling


def pool_frames(
    features: Float32[Array, "clips frames dim"], *, pooling: tuple[TemporalPooling, ...]
) -> Float32[Array, "clips pooled"]:
    """Statistics over the frames, concatenated in the order of `pooling`: `dim` numbers of each.

    `mean`; `std`, the standard deviation with the divisor `frames`; `change`, the mean of |f[t + 1] - f[t]|, which is
    0 for a clip of one frame.
    """
    frames = features.shape[1]
    changes = np.abs(np.diff(features, axis=1)).sum(axis=1) / max(1, frames - 1)
    statistics = {"mean": features.mean(axis=1), "std": features.std(axis=1), "change": changes}
    return np.concatenate([statistics[name] for name in pooling], axis=1).astype(np.float32)
