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
    """Coordinates on the first two principal axes, and the share of all variance that each carries, 0 without variance.

    scikit-learn turns an axis to where its largest weight is positive: the same points always give the same picture.
    """
    from sklearn.decomposition import PCA

    with np.errstate(invalid="ignore"):
        fitted = PCA(n_components=2, svd_solver="full").fit(points.astype(np.float64))
    first, second = np.nan_to_num(fitted.explained_variance_ratio_)
    return np.asarray(fitted.transform(points.astype(np.float64))), (float(first), float(second))


def _rounded(values: Float64[Array, "points"]) -> tuple[float, ...]:
    return tuple(float(f"{value:.5g}") for value in values)
