"""Whether a program made a column: a moving average of what was measured, or a copy of another a moment later.

Bounds were measured on 434 sensors: people's legs, trunks and wrists, a horse's trunk, cameras, simulated horses.
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..sites import CHANNELS

COMPARED_ROWS = 2**14
COPIED, COPIED_SECONDS, USUAL = 0.99, 1.0, 98.0
"""Correlation of two columns' changes, one up to so many seconds later, at which one is made from the other: 0.96 was
the most. Changes beyond this percentile are clipped, as one blow or one lost byte shows in several columns."""
SPECTRUM_ROWS, LEAST_WIDTH, NULLS = 4096, 8, (3, 5)
"""Rows of a stretch whose spectra are averaged; samples that an average is over at least; and how many of the first
frequencies that it takes out are looked at, of fewer none."""
NULL = -1.5
"""Power at each of these to that halfway between them, as a power of ten: -0.91 was the least of what was measured."""


def copied(values: Float64[Array, "samples channels"], *, rate_hz: float) -> Iterator[str]:
    """That an axis is another's copy, as it is or delayed; `values` are acceleration and then angular rate."""
    changes = np.diff(values[:COMPARED_ROWS], axis=0)
    most = np.percentile(np.abs(changes), USUAL, axis=0)
    changes = np.clip(changes, -most, most)
    changes = changes - changes.mean(axis=0)
    sizes = np.sqrt((changes**2).sum(axis=0))
    spectra = np.fft.rfft(changes, 2 * len(changes), axis=0)
    lags = min(round(COPIED_SECONDS * rate_hz), len(changes) // 2)
    overlaps = 1.0 - np.abs(np.arange(-lags, lags + 1)) / len(changes)
    for one, other in combinations(np.flatnonzero(sizes > 0).tolist(), 2):
        products = np.fft.irfft(spectra[:, other] * spectra[:, one].conj(), 2 * len(changes))
        near = np.abs(np.concatenate([products[-lags:], products[: lags + 1]])) / overlaps
        if near.max() > COPIED * sizes[one] * sizes[other]:
            late = (int(near.argmax()) - lags) / rate_hz
            names = (CHANNELS[one], CHANNELS[other])
            first, second = names if late >= 0 else names[::-1]
            later = f" {abs(late):.3g} s later" if late else ""
            yield f"{second} follows {first}{later}, but for a factor: a copy? Choose the columns that were measured"
            return


def averaged(force: Float64[Array, "samples 3"], *, rate_hz: float) -> Iterator[str]:
    """That the acceleration is a moving average, which takes blows out: its spectrum is empty at whole multiples of one
    over the average's length, and not between them."""
    rows = min(SPECTRUM_ROWS, 2 ** int(np.log2(len(force) / 2)))
    starts = range(0, min(len(force), 4 * COMPARED_ROWS) - rows + 1, rows // 2)
    parts = np.stack([force[start : start + rows] for start in starts])
    swings = np.fft.rfft((parts - parts.mean(axis=1, keepdims=True)) * np.hanning(rows)[:, None], axis=1)
    power = np.log10(np.maximum((np.abs(swings) ** 2).sum(axis=(0, 2)), 1e-30))
    for width in range(rows // 32, LEAST_WIDTH - 1, -1):
        taken_out = np.arange(1, NULLS[1] + 1) * rows / width
        half = rows / width / 2
        taken_out = taken_out[taken_out + half < len(power) - 1]
        if len(taken_out) < NULLS[0]:
            continue
        beside = (power[np.rint(taken_out - half).astype(int)] + power[np.rint(taken_out + half).astype(int)]) / 2
        there = np.minimum(power[np.floor(taken_out).astype(int)], power[np.ceil(taken_out).astype(int)])
        if (there - beside).max() < NULL:
            yield (
                f"its acceleration is an average over {width / rate_hz:.2g} s or more, which takes blows out: export "
                "what was measured"
            )
            return
