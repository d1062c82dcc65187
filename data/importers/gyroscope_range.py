"""Tells from the data at which range HuGaDB's gyroscopes ran: the +-2000 deg/s that its table states, or +-250.

Half of the recordings bear gyroscopes that seem corrupted. They are not: after a reset the three chained units of a leg
run at the chip's power-on range of +-250 deg/s, so that counts are eight times as large and walking saturates them.
Integrated against the turn of gravity, the thighs of people who sit down and stand up fit the stated scale within 7 %
in some recordings and an eighth of it in the others; the noise at rest differs by the same factor. The range is found
block by block, and may change once, from the stated range to the power-on range, within a recording.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

STATED_DEG_S = 2000.0
POWER_ON_DEG_S = 250.0
FULL_SCALE_COUNTS = 32767.0
BLOCK_ROWS = 118
"""Two seconds at 58.82 Hz: two strides or more, so that a foot that walks saturates +-250 deg/s in each block."""
WALKING_G = 0.5
"""Spread of a foot's |a| from which on it strides."""
STILL_G = 0.02
"""Spread of a foot's acceleration, summed over axes, below which it stands still."""
QUIET_COUNTS = 9.0
"""Noise of a still gyroscope at +-2000 deg/s is about 3 counts, at +-250 about 24: between 9 and 16 is no evidence."""
NOISY_COUNTS = 16.0


@dataclass(frozen=True)
class LegRange:
    """At which range the gyroscopes of one leg ran."""

    switch_row: int
    """From this row on +-250 deg/s, before it +-2000: 0 for all at +-250, the number of rows for none."""
    doubtful: slice
    """Rows between the last sign of the one range and the first of the other; empty without a switch."""

    def deg_s_per_count(self, rows: int) -> Float64[Array, "rows"]:
        """Scale of each row."""
        full_scale = np.where(np.arange(rows) < self.switch_row, STATED_DEG_S, POWER_ON_DEG_S)
        return np.asarray(full_scale / (FULL_SCALE_COUNTS + 1.0))


def saturated(counts: Float64[Array, "rows *axes"]) -> Bool[Array, "rows *axes"]:
    """Where a reading is at the end of its range: the true value is this or more."""
    return np.asarray(np.abs(counts) >= FULL_SCALE_COUNTS)


def leg_range(foot_g: Float64[Array, "rows 3"], counts: Float64[Array, "rows units 3"]) -> LegRange:
    """The range of one leg's gyroscopes, from its foot's acceleration in g and all its units' counts (foot first)."""
    rows = len(foot_g)
    signs = [
        _sign(foot_g[first : first + BLOCK_ROWS], counts[first : first + BLOCK_ROWS])
        for first in range(0, max(1, rows - BLOCK_ROWS // 2), BLOCK_ROWS)
    ]
    after = np.concatenate([np.cumsum(signs[::-1])[::-1], [0]])
    before = np.concatenate([[0], np.cumsum(signs)])
    score = after - before
    whole = len(signs) if score[-1] >= score[0] else 0
    best = int(np.argmax(score))
    if score[best] <= score[whole]:
        return LegRange(switch_row=rows if whole else 0, doubtful=slice(0, 0))
    last_stated = max(block for block in range(best) if signs[block] < 0)
    first_power_on = min(block for block in range(best, len(signs)) if signs[block] > 0)
    doubtful = slice(last_stated * BLOCK_ROWS, (first_power_on + 1) * BLOCK_ROWS)
    return LegRange(switch_row=best * BLOCK_ROWS, doubtful=doubtful)


def _sign(foot_g: Float64[Array, "block 3"], counts: Float64[Array, "block units 3"]) -> int:
    """What a block says: +1 for +-250 deg/s, -1 for +-2000, 0 for nothing."""
    if saturated(counts).any():
        return 1
    noise = float(np.median(np.diff(counts[:, 0], axis=0).std(axis=0))) / np.sqrt(2.0)
    if noise < QUIET_COUNTS or float(np.linalg.norm(foot_g, axis=1).std()) > WALKING_G:
        return -1
    still = float(foot_g.std(axis=0).sum()) < STILL_G
    return 1 if still and noise > NOISY_COUNTS else 0
