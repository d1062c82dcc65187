"""Units whose shared counter wraps between their starts lie on one lap; a unit switched on later stays there."""

from pathlib import Path

import numpy as np
from equigait.data.readers.laps import on_one_lap
from equigait.data.recording import ImuStream

LAP = 655.36


def unit(start: float, site: str) -> ImuStream:
    time = start + np.arange(100) / 100
    return ImuStream(site, time, np.zeros((100, 3)), np.zeros((100, 3)), Path("unit.txt"))


def starts(*seconds: float, lap: float | None = LAP) -> list[float]:
    streams = [unit(start, f"site{number}") for number, start in enumerate(seconds)]
    return [round(float(s.time_seconds[0]), 3) for s in on_one_lap(streams, laps=[lap] * len(streams))]


def test_units_that_start_around_the_wrap_come_together() -> None:
    assert starts(655.30, 0.02, 655.35) == [655.30, 655.38, 655.35]
    assert starts(0.02, 655.30) == [0.02, -0.06]


def test_a_unit_that_was_switched_on_later_stays() -> None:
    assert starts(10.0, 400.0) == [10.0, 400.0]
    assert starts(650.0, 20.0) == [650.0, 20.0]


def test_clocks_that_do_not_wrap_stay() -> None:
    assert starts(655.30, 0.02, lap=None) == [655.30, 0.02]
