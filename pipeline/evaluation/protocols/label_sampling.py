"""Few labelled windows drawn fairly: so many of each class, dealt over horses, none twice."""

import numpy as np
from jaxtyping import Int64
from numpy import ndarray as Array

from ...datasets.window_dataset import WindowDataset


def draw_rows(windows: WindowDataset, *, shots: int, horses: int | None, seed: int) -> Int64[Array, "chosen"]:
    """Rows of `shots` windows of each class, of this many horses drawn at random (None: of all)."""
    if horses is None:
        return draw_shots(windows, shots=shots, seed=seed)
    of = draw_horses(windows, horses=horses, shots=shots, seed=seed)
    known = np.flatnonzero(np.isin(np.array(windows.horse), of))
    rows: Array = known[draw_shots(windows.take(known), shots=shots, seed=seed)]
    return rows


def draw_shots(windows: WindowDataset, *, shots: int, seed: int) -> Int64[Array, "chosen"]:
    """Rows of `shots` windows of each class, dealt over the horses in turn so that none is favoured, each once."""
    rng = np.random.default_rng(seed)
    horse = np.array(windows.horse)
    chosen: list[int] = []
    for label in range(len(windows.classes)):
        rows = rng.permutation(np.flatnonzero(windows.label == label))
        turn = np.empty(len(rows), dtype=np.int64)
        for name in np.unique(horse):
            turn[horse[rows] == name] = np.arange(np.count_nonzero(horse[rows] == name))
        chosen += rows[np.argsort(turn, kind="stable")][:shots].tolist()
    return np.array(sorted(chosen), dtype=np.int64)


def draw_horses(windows: WindowDataset, *, horses: int, shots: int, seed: int) -> tuple[str, ...]:
    """So many horses drawn at random, and as many more as it takes to have `shots` windows of each class."""
    order = tuple(np.random.default_rng(seed).permutation(windows.horses).tolist())
    horse = np.array(windows.horse)
    for count in range(horses, len(order) + 1):
        label = windows.label[np.isin(horse, order[:count])]
        if np.bincount(label, minlength=len(windows.classes)).min() >= shots:
            return order[:count]
    return order
