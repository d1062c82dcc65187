"""The step of a clock: seen, suspected, not excluded; on tables made by hand and on the yard's rides."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.data.recording import ImuStream
from equigait.data.sync import KnownPair, SyncSpec, Verdict, synchronise
from equigait.data.sync.clock_step import ClockStep, find_clock_step, unexcluded_clock_step
from equigait.data.sync.windows import WindowTable
from equigait.data.video.motion import MotionSignals
from posed_motion import make_posed

SHIFTS = np.arange(-75, 76) / 50.0


def windows(correlation: np.ndarray, *, seconds: float = 20.0, hop: float = 5.0) -> WindowTable:
    """A table of windows a hop apart."""
    count = len(correlation)
    centres = seconds / 2 + hop * np.arange(count)
    gaits, usable = np.zeros((count, 4)), np.ones(count, bool)
    return WindowTable(0.0, seconds, float(centres.mean()), centres, SHIFTS, correlation, usable, gaits)


def peaks(at: np.ndarray, *, height: np.ndarray | float = 0.9) -> np.ndarray:
    """The correlation of each window about its own best shift."""
    height = np.broadcast_to(height, at.shape)
    return height[:, None] * np.exp(-0.5 * ((SHIFTS[None, :] - at[:, None]) / 0.05) ** 2)


def pieces(lead: np.ndarray, *, other: float = 0.5) -> WindowTable:
    """Pieces of 4 s that fit the line at 0 with 0.9, and another shift by `lead` less."""
    fit = np.maximum(peaks(np.zeros(len(lead))), peaks(np.full(len(lead), other), height=0.9 - lead))
    return windows(fit, seconds=4.0, hop=4.0)


def unexcluded(table: WindowTable, **known: object) -> ClockStep | None:
    return unexcluded_clock_step(table, shift_seconds=0.0, drift_ppm=0.0, **known)  # type: ignore[arg-type]


def test_a_step_of_the_clock_is_found_where_it_is():
    jump = find_clock_step(windows(peaks(np.where(np.arange(24) < 11, 0.0, 0.5))), drift_ppm=0.0)
    assert jump is not None
    assert jump.sure
    assert jump.step_seconds == pytest.approx(0.5, abs=0.02)
    assert jump.film_seconds == pytest.approx(10.0 + 5.0 * 10.5)


def test_a_steady_clock_has_no_step():
    assert find_clock_step(windows(peaks(np.full(24, 0.02))), drift_ppm=0.0) is None
    assert unexcluded(pieces(np.full(24, 0.4))) is None


def wavering(count: int, *, mean: float, spread: float) -> np.ndarray:
    """Leads of alternating size about a mean."""
    return mean + spread * np.where(np.arange(count) % 2, 1.0, -1.0)


@pytest.mark.parametrize("first", [True, False])
def test_a_side_that_prefers_another_stride_is_a_suspected_step_and_its_place_is_named(first: bool):
    lead = np.concatenate([wavering(12, mean=-0.004, spread=0.002), wavering(12, mean=0.3, spread=0.1)])
    jump = unexcluded(pieces(lead if first else lead[::-1]))
    assert jump is not None
    assert not jump.sure
    assert jump.likelier
    assert jump.film_seconds == pytest.approx(48.0, abs=4.0)
    # The first side's offset is 0.5 s more than the line: afterwards it is less.
    assert jump.step_seconds == pytest.approx(-0.5 if first else 0.5, abs=0.02)
    assert "may jump by" in str(jump)


def test_a_side_that_fits_two_strides_alike_excludes_no_step():
    lead = np.concatenate([wavering(10, mean=0.001, spread=-0.02), np.full(14, 0.3)])
    jump = unexcluded(pieces(lead))
    assert jump is not None
    assert not jump.likelier
    assert "nothing excludes" in str(jump)


def test_a_small_lead_that_every_piece_shares_excludes_a_step():
    assert unexcluded(pieces(wavering(24, mean=0.004, spread=0.003))) is None


def test_a_large_lead_excludes_a_step_though_it_is_that_of_few_pieces():
    """A side of walk with one piece of trot: the spread is that between gaits."""
    lead = np.full(24, 0.3)
    lead[:8] = [0.25, *[0.001, -0.001] * 3, 0.0]
    lead[:4] = [0.25, 0.25, 0.001, 0.0]
    assert unexcluded(pieces(lead)) is None


def test_a_piece_that_cannot_be_compared_everywhere_has_no_say():
    table = pieces(np.concatenate([wavering(13, mean=-0.004, spread=0.002), np.full(12, 0.3)]))
    cut_off = table.correlation.copy()
    cut_off[0, SHIFTS > 0.3] = 0.0  # the sensors had not begun
    jump = unexcluded(replace(table, correlation=cut_off))
    assert jump is not None
    assert jump.film_seconds == pytest.approx(52.0, abs=4.0)


def test_a_piece_that_fits_nowhere_has_no_say():
    """Where the horse is out of sight, chance prefers any shift."""
    table = pieces(np.concatenate([np.full(18, 0.3), wavering(6, mean=0.006, spread=0.003)]))
    lost = table.correlation.copy()
    lost[-2] = 1e-9 + peaks(np.array([0.5]), height=0.4)[0]
    assert unexcluded(replace(table, correlation=lost)) is None
    lost[-2] = 1e-9 + peaks(np.array([0.5]), height=0.8)[0]
    assert unexcluded(replace(table, correlation=lost)) is not None


def test_a_known_pair_settles_its_side():
    lead = np.concatenate([wavering(12, mean=-0.004, spread=0.002), np.full(12, 0.3)])
    assert unexcluded(pieces(lead), known_seconds=[2.0]) is None
    assert unexcluded(pieces(lead), known_seconds=[90.0]) is not None


def test_too_short_a_recording_has_no_two_sides():
    assert unexcluded(pieces(np.full(9, -0.1))) is None


def stepped(horse: int) -> tuple[list[ImuStream], MotionSignals]:
    """A ride of 130 s whose sensors' stamps are half a second late from its middle on."""
    ride, streams, motion = make_posed(5000, horse=horse, seconds=130.0, max_skew_seconds=10.0)
    middle = float(ride.clock.to_imu(np.array([65.0]))[0])
    return [replace(s, time_seconds=s.time_seconds + 0.5 * (s.time_seconds > middle)) for s in streams], motion


@pytest.mark.parametrize("horse", [5, 8])
def test_a_walk_whose_clock_steps_by_half_a_stride_is_not_accepted_and_the_step_is_named(horse: int):
    streams, motion = stepped(horse)
    result = synchronise(streams, motion=motion)
    assert result.verdict is not Verdict.ACCEPT
    assert result.clock_step is not None
    assert abs(result.clock_step.step_seconds) == pytest.approx(0.5, abs=0.1)
    assert result.clock_step.film_seconds == pytest.approx(65.0, abs=20.0)


def test_events_that_a_person_names_on_either_side_settle_a_suspected_step():
    streams, motion = stepped(5)
    doubted = synchronise(streams, motion=motion)
    pairs = tuple(
        KnownPair(film_seconds=at, imu_seconds=float(doubted.clock.to_imu(np.array([at]))[0])) for at in (8.0, 120.0)
    )
    assert synchronise(streams, motion=motion, spec=SyncSpec(events=pairs)).clock_step is None
