"""The order in which windows past memory are trained on: blocks of recordings, mixed in a buffer of bounded size.

An epoch reads the recordings in a new order, block by block. Whenever a block has joined the buffer, the buffer is
shuffled, and what exceeds half of it is given out; the rest stays and mixes with the blocks that follow. Which windows
these are follows from their number in each recording alone, so that a whole epoch is planned without reading any, and
a run goes on at any step with the very buffer that it had there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy import ndarray as Array


@dataclass(frozen=True)
class ShufflePlanStep:
    """What happens between two readings."""

    read: tuple[int, ...]
    """Numbers of the recordings whose windows join the buffer first."""
    rows: Int64[Array, "given"]
    """Windows given out, in order; counted through all recordings. Whole batches, but for the epoch's last windows."""


def plan_epoch(
    windows: Sequence[int], *, capacity: int, batch: int, generator: np.random.Generator
) -> tuple[ShufflePlanStep, ...]:
    """The plan of one epoch over recordings of so many windows: each window is given out once.

    No more than `capacity` windows are ever held. No recording may have more than half as many, nor may a batch.
    """
    half = capacity // 2
    if max([batch, *windows]) > half:
        raise ValueError(f"a buffer for {capacity} windows is too small: {max(windows) = }, {batch = }")
    first = np.cumsum([0, *windows])
    order = [number for number in generator.permutation(len(windows)).tolist() if windows[number]]
    blocks = list(_blocks(order, windows=windows, most=half))
    held, plan = np.zeros(0, np.int64), []
    for number, block in enumerate(blocks, start=1):
        joining = [np.arange(first[recording], first[recording + 1]) for recording in block]
        held = generator.permutation(np.concatenate([held, *joining]))
        excess = -(-max(len(held) - half, 0) // batch) * batch  # whole batches, rounded up
        given = len(held) if number == len(blocks) else excess
        plan.append(ShufflePlanStep(read=block, rows=held[:given]))
        held = held[given:]
    return tuple(plan)


def rows_held(plan: Sequence[ShufflePlanStep], *, windows: Sequence[int], number: int) -> Int64[Array, "held"]:
    """The windows in the buffer during plan step `number` (from 0), its own included; ascending."""
    first = np.cumsum([0, *windows])
    read = [recording for step in plan[: number + 1] for recording in step.read]
    joined = np.concatenate([np.arange(first[recording], first[recording + 1]) for recording in read])
    gone = np.concatenate([np.zeros(0, np.int64), *(step.rows for step in plan[:number])])
    return np.setdiff1d(joined, gone, assume_unique=True)


def _blocks(order: Sequence[int], *, windows: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
    """Neighbours in this order, as many as have no more than `most` windows together."""
    block: list[int] = []
    count = 0
    for recording in order:
        if count + windows[recording] > most:
            yield tuple(block)
            block, count = [], 0
        block.append(recording)
        count += windows[recording]
    if block:
        yield tuple(block)
