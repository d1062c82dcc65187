"""Clocks of sensors among themselves: agreeing ones are left alone, strays and drifts are told with their doubt."""

from dataclasses import replace

import pytest
from equigait.data.quality.clocks import own_clocks
from equigait.data.sync.sensors import signals_by_site
from posed_motion import make_posed


@pytest.fixture(scope="module")
def streams():
    return make_posed(77, horse=1, seconds=300.0, max_skew_seconds=3.0)[1]


def test_sensors_of_one_clock_have_no_note_and_no_drift_worth_a_word(streams):
    clocks = own_clocks(signals_by_site(streams))
    assert all(clock.note is None and clock.offset_seconds == 0.0 for clock in clocks.values())
    assert clocks["sacrum"].drift_ppm == 0.0
    assert clocks["sacrum"].sigma_ppm is None
    told = [clock for clock in clocks.values() if clock.sigma_ppm is not None]
    assert told
    assert all(abs(clock.drift_ppm) < 3 * clock.sigma_ppm for clock in told)


def test_a_drifting_clock_is_measured_within_its_uncertainty(streams):
    fast = [
        replace(s, time_seconds=s.time_seconds * (1 + 120e-6)) if s.site == "tuber_coxae_right" else s for s in streams
    ]
    clock = own_clocks(signals_by_site(fast))["tuber_coxae_right"]
    assert clock.drift_ppm == pytest.approx(-120.0, abs=2 * clock.sigma_ppm)
    assert 10.0 < clock.sigma_ppm < 60.0


def test_stamps_seconds_off_are_told_with_the_shift_that_mends_them(streams):
    late = [replace(s, time_seconds=s.time_seconds + 9.3) if s.site == "tuber_coxae_left" else s for s in streams]
    clock = own_clocks(signals_by_site(late))["tuber_coxae_left"]
    assert clock.offset_seconds == pytest.approx(-9.3, abs=0.05)
    assert "shift_seconds: -9." in clock.note


def test_a_dead_sensor_is_told(streams):
    dead = replace(streams[0], specific_force=0 * streams[0].specific_force + [0.0, 0.0, 9.81])
    assert "does not move" in own_clocks(signals_by_site([dead, *streams[1:]]))["poll"].note
