"""Counters of one measurement that wrap between the starts of its units: all are brought onto the lap of the first.

Units that share a counter start within moments of each other. Where one starts just before the counter is full and
another just after, their times lie a whole lap apart, though their samples do not.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from ..errors import BadInput
from ..recording import ImuStream

NEAR_SECONDS = 2.0
"""Units of one measurement start within this; one that was switched on later is moved only where it lies beside the
first then, and did not before."""

logger = logging.getLogger(__name__)


def on_one_lap(streams: Sequence[ImuStream], *, laps: Sequence[float | None]) -> tuple[ImuStream, ...]:
    """The streams with those moved by whole laps that then start within moments of the first of the same lap.

    `laps` are the seconds after which each stream's clock starts again at 0, None where it does not.
    """
    firsts: dict[float, ImuStream] = {}
    moved = []
    for stream, lap in zip(streams, laps, strict=True):
        if lap is not None:
            first = firsts.setdefault(round(lap, 3), stream)
            _refuse_short(stream, first=first, lap=lap)
            stream = _moved(stream, first=first, lap=lap)
        moved.append(stream)
    return tuple(moved)


def _refuse_short(stream: ImuStream, *, first: ImuStream, lap: float) -> None:
    """Refuses units whose clocks start again sooner than the units may lie apart: nothing says by how many laps."""
    if stream.source != first.source and lap < 2 * NEAR_SECONDS:
        raise BadInput(
            f"{stream.source} ({stream.site})",
            found=f"stamps that start again every {lap:.4g} s, as those of {first.site} do",
            expected="stamps that tell how far apart two units start",
            remedy="Export wider stamps, or give each unit `time: {rate_hz: ...}` and its `shift_seconds`.",
        )


def _moved(stream: ImuStream, *, first: ImuStream, lap: float) -> ImuStream:
    start, other = float(stream.time_seconds[0]), float(first.time_seconds[0])
    shift = round((other - start) / lap) * lap
    near = abs(start + shift - other) <= NEAR_SECONDS
    if not shift or not (near or _beside(stream, first, shift=shift) > 0.0 >= _beside(stream, first, shift=0.0)):
        return stream
    logger.info("%s (%s): %+.3f s, its counter started again between units", stream.source, stream.site, shift)
    return replace(stream, time_seconds=stream.time_seconds + shift)


def _beside(stream: ImuStream, other: ImuStream, *, shift: float) -> float:
    """Seconds for which both measure; 0 or less where they do not."""
    time, its = stream.time_seconds + shift, other.time_seconds
    return float(min(time[-1], its[-1]) - max(time[0], its[0]))
