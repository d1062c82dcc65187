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
SHORT_SECONDS = 1.0
"""Laps below this tell nothing of how far apart two units start. Of longer ones below twice `NEAR_SECONDS` the nearest
is taken, with a remark."""

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
            stream = _with_doubt(_moved(stream, first=first, lap=lap), first=first, lap=lap)
        moved.append(stream)
    return tuple(moved)


def refuse_two_clocks(streams: Sequence[ImuStream], *, clocks: Sequence[str]) -> None:
    """Refuses units of one measurement of which some tell their times by one clock of their format, some by another.

    `clocks` are the columns that tell each stream's times, empty where the file knows no other or `shift_seconds` says
    where the unit lies.
    """
    by_clock = {clock: stream for clock, stream in zip(clocks, streams, strict=True) if clock}
    if len(by_clock) > 1:
        (clock, stream), (other, another) = sorted(by_clock.items())[:2]
        raise BadInput(
            f"{stream.source} ({stream.site})",
            found=f"times by {clock}, those of {another.site} by {other}",
            expected="one clock for all units of a measurement",
            remedy=f"Export {other} of all units, give each the same `time: {{rate_hz: ...}}`, or each other one its "
            "`shift_seconds`.",
        )


def _refuse_short(stream: ImuStream, *, first: ImuStream, lap: float) -> None:
    """Refuses units whose clocks start again sooner than the units may lie apart: nothing says by how many laps."""
    if stream.source != first.source and lap < SHORT_SECONDS:
        raise BadInput(
            f"{stream.source} ({stream.site})",
            found=f"stamps that start again every {lap:.4g} s, as those of {first.site} do",
            expected="stamps that tell how far apart two units start",
            remedy="Export wider stamps, or give each unit `time: {rate_hz: ...}` and its `shift_seconds`.",
        )


def _with_doubt(stream: ImuStream, *, first: ImuStream, lap: float) -> ImuStream:
    """The stream with a remark where units that start a few seconds apart would lie on several laps."""
    if stream.source == first.source or lap >= 2 * NEAR_SECONDS:
        return stream
    remark = (
        f"its counter starts again every {lap:.4g} s: taken to start within {lap / 2:.3g} s of {first.site}; if it did "
        "not, give it its `shift_seconds`"
    )
    return replace(stream, remarks=(*stream.remarks, remark))


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
