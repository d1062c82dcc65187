"""Sensors among themselves: one clock trusted after a check, another one found."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.data.sync import SyncSpec, Verdict, align_units
from equigait.data.sync import units as units_module
from equigait.data.sync.score import ScoreCurve
from equigait.data.sync.sensors import unit_signals
from equigait.data.sync.verdict import Findings, decide
from posed_motion import make_posed

LAGS = np.arange(-30.0, 30.02, 0.02)


@pytest.fixture(scope="module")
def streams():
    return make_posed(1200, horse=0, seconds=120.0)[1]


def test_units_of_one_clock_are_trusted(streams):
    _, clocks = align_units([unit_signals(s) for s in streams], spec=SyncSpec())
    assert all(c.used and c.offset_seconds == 0.0 for c in clocks), clocks


def test_a_unit_with_a_clock_of_its_own_is_noticed(streams):
    late = replace(streams[3], time_seconds=streams[3].time_seconds + 7.5)
    _, clocks = align_units([unit_signals(s) for s in (*streams[:3], late)], spec=SyncSpec())
    assert clocks[3].offset_seconds == pytest.approx(-7.5, abs=0.15)
    assert [c.offset_seconds for c in clocks[:3]] == [0.0, 0.0, 0.0]


def test_rides_with_equal_stamps_are_not_one_recording(streams):
    other = make_posed(1205, horse=3, seconds=120.0)[1]
    equal = [replace(s, time_seconds=s.time_seconds - s.time_seconds[0]) for s in (*streams[:2], other[2])]
    _, clocks = align_units([unit_signals(s) for s in equal], spec=SyncSpec())
    assert [c.note for c in clocks[:2]] == ["shares the clock"] * 2
    assert clocks[2].note != "shares the clock"
    assert clocks[2].stray


@pytest.mark.parametrize(("by_stamps", "used"), [(-0.14, False), (0.01, True), (0.4, True)])
def test_units_that_oppose_each_other_share_no_clock_even_where_none_fits_better(
    streams, monkeypatch, by_stamps: float, used: bool
):
    """A lunged ride and its canter, trot and walk backwards measured -0.14 at equal stamps, no more elsewhere."""
    pair = [unit_signals(s) for s in streams[:2]]
    context = np.where(np.abs(LAGS) < 1.0, by_stamps, -0.05)
    made = ScoreCurve(LAGS, context, 0 * LAGS, context, 0 * LAGS, 0 * LAGS)
    monkeypatch.setattr(units_module, "_curve", lambda *_: made)
    _, clocks = align_units(pair, spec=SyncSpec())
    assert clocks[1].used is used
    assert clocks[1].stray is not used


def test_a_film_is_not_accepted_for_a_sensor_whose_own_clock_is_unknown(streams):
    _, apart, _ = make_posed(1205, horse=3, seconds=120.0)
    equal = [replace(s, time_seconds=s.time_seconds - s.time_seconds[0]) for s in (*streams[:2], apart[2])]
    _, clocks = align_units([unit_signals(s) for s in equal], spec=SyncSpec())
    sound = Findings(
        0.2, 0.2, inliers=20, usable=20, span_seconds=100.0, mad_seconds=0.003, clock_step=None, changes=True
    )
    assert decide(sound, units=clocks[:2], spec=SyncSpec()) == (Verdict.ACCEPT, ())
    verdict, reasons = decide(sound, units=clocks, spec=SyncSpec())
    assert verdict is Verdict.REVIEW
    assert any("a clock of its own" in reason for reason in reasons)


def test_windows_of_which_none_agrees_do_not_scatter_by_nan() -> None:
    nothing = Findings(
        0.2, 0.2, inliers=0, usable=9, span_seconds=0.0, mad_seconds=float("nan"), clock_step=None, changes=True
    )
    reasons = decide(nothing, units=(), spec=SyncSpec())[1]
    assert "no window agrees: how far they scatter is not known" in reasons
    assert "nan" not in " ".join(reasons)
