"""Units whose shared counter wraps between their starts lie on one lap; a unit switched on later stays there."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.laps import on_one_lap, refuse_two_clocks
from equigait.data.recording import ImuStream

LAP = 655.36


def unit(start: float, site: str, *, seconds: float = 1.0) -> ImuStream:
    time = start + np.arange(round(100 * seconds)) / 100
    return ImuStream(site, time, np.zeros((len(time), 3)), np.zeros((len(time), 3)), Path(f"{site}.txt"))


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


def test_a_unit_switched_on_later_is_moved_where_it_would_not_overlap_at_all() -> None:
    early, late = unit(60.0, "withers", seconds=20.0), unit(5.0, "sacrum", seconds=20.0)
    moved = on_one_lap([early, late], laps=[65.536, 65.536])
    np.testing.assert_allclose([stream.time_seconds[0] for stream in moved], [60.0, 70.536])


def test_clocks_that_start_again_sooner_than_units_lie_apart_are_refused() -> None:
    with pytest.raises(BadInput, match=r"start again every 0\.06554 s.*shift_seconds"):
        starts(0.01, 0.02, lap=0.065536)


def test_a_lap_of_a_few_seconds_takes_the_nearest_and_says_so() -> None:
    first, second = on_one_lap([unit(2.52, "withers"), unit(0.04, "sacrum")], laps=[2.56, 2.56])
    assert first.remarks == ()
    assert round(float(second.time_seconds[0]), 3) == 2.6
    assert "starts again every 2.56 s" in second.remarks[0]


def test_units_that_tell_their_times_by_different_clocks_are_refused_unless_placed_by_hand() -> None:
    units = [unit(0.5, "withers"), unit(1.0, "sacrum")]
    with pytest.raises(BadInput, match="times by PacketCounter, those of withers by SampleTimeFine"):
        refuse_two_clocks(units, clocks=["SampleTimeFine", "PacketCounter"])
    refuse_two_clocks(units, clocks=["SampleTimeFine", ""])
