"""Counters of one measurement that wrap between the starts of its units: all are brought onto the lap of the first.

Units that share a counter start within moments of each other. Where one starts just before the counter is full and
another just after, their times lie a whole lap apart, though their samples do not.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from ..recording import ImuStream

NEAR_SECONDS = 2.0
"""Units of one measurement start within this; a unit that was switched on later is left where it is."""

logger = logging.getLogger(__name__)


def on_one_lap(streams: Sequence[ImuStream], *, laps: Sequence[float | None]) -> tuple[ImuStream, ...]:
    """The streams with those moved by whole laps that then start within moments of the first of the same lap.

    `laps` are the seconds after which each stream's clock starts again at 0, None where it does not.
    """
    starts: dict[float, float] = {}
    moved = []
    for stream, lap in zip(streams, laps, strict=True):
        start = float(stream.time_seconds[0])
        if lap is None:
            moved.append(stream)
            continue
        first = starts.setdefault(round(lap, 3), start)
        shift = round((first - start) / lap) * lap
        if shift and abs(start + shift - first) <= NEAR_SECONDS:
            logger.info("%s (%s): %+.3f s, its counter started again between units", stream.source, stream.site, shift)
            stream = replace(stream, time_seconds=stream.time_seconds + shift)
        moved.append(stream)
    return tuple(moved)
