"""The map of embeddings: test windows on the two directions in which their embeddings vary most (Pearson 1901)."""

import numpy as np
from jaxtyping import Float32, Float64
from numpy import ndarray as Array

from ..datasets.window_dataset import WindowDataset
from .scores import EmbeddingMap


def map_embeddings(
    embedding: Float32[Array, "windows dim"], *, windows: WindowDataset, most: int
) -> EmbeddingMap | None:
    """Where each window lies, of at most so many, evenly chosen; None where fewer than three are to be shown."""
    if min(most, len(windows)) < 3:
        return None
    rows = np.linspace(0, len(windows) - 1, min(most, len(windows))).round().astype(np.int64)
    place, shares = principal_plane(embedding)
    horses = {name: number for number, name in enumerate(windows.horses)}
    return EmbeddingMap(
        x=_rounded(place[rows, 0]),
        y=_rounded(place[rows, 1]),
        label=tuple(windows.label[rows].tolist()),
        horse=tuple(horses[windows.horse[row]] for row in rows.tolist()),
        variance_shares=shares,
    )


def principal_plane(
    points: Float32[Array, "points dim"],
) -> tuple[Float64[Array, "points 2"], tuple[float, float]]:
    """Coordinates on the first two principal axes, and the share of all variance that each carries.

    An axis points to where its largest weight is positive, so that the same points always give the same picture.
    """
    centred = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    axes = axes[:2] * np.sign(axes[:2][np.arange(2), np.abs(axes[:2]).argmax(axis=1)])[:, None]
    share = singular**2 / max(float((singular**2).sum()), 1e-300)
    return centred @ axes.T, (float(share[0]), float(share[1]))


def _rounded(values: Float64[Array, "points"]) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)
