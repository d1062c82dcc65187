"""The line through windows, and the step of a clock, on tables made by hand."""

from dataclasses import replace

import numpy as np
import pytest
from equigait.data.sync import SyncSpec
from equigait.data.sync.line import find_jump, fit_line
from equigait.data.sync.windows import WindowTable, best_line


def table(
    *, shift: np.ndarray, height: float = 0.9, width: float = 0.05, gaits: np.ndarray | None = None
) -> WindowTable:
    """Windows every 5 s whose correlation peaks at the given shifts."""
    centres = 10.0 + 5.0 * np.arange(len(shift))
    shifts = np.arange(-125, 126) / 50.0
    gaits = np.zeros((len(shift), 4)) if gaits is None else gaits
    correlation = height * np.exp(-0.5 * ((shifts[None, :] - shift[:, None]) / width) ** 2)
    return WindowTable(0.0, 20.0, float(centres.mean()), centres, shifts, correlation, np.ones(len(shift), bool), gaits)


def test_offset_and_drift_are_read_off_the_windows_peaks():
    time = 5.0 * (np.arange(60) - 29.5)
    windows = table(shift=0.031 + 80e-6 * time)
    line = fit_line(windows, shift_seconds=0.02, drift_ppm=60.0, spec=SyncSpec())
    assert line.shift_seconds == pytest.approx(0.031, abs=1e-3)
    assert line.drift_ppm == pytest.approx(80.0, abs=4.0)
    assert line.inlier.all()


def test_windows_that_disagree_have_no_say():
    shift = np.full(40, 0.010)
    shift[::5] = 0.095
    line = fit_line(table(shift=shift), shift_seconds=0.0, drift_ppm=0.0, spec=SyncSpec())
    assert line.shift_seconds == pytest.approx(0.010, abs=2e-3)
    assert line.inlier.sum() == 32


def test_drift_stays_within_its_bound():
    time = 5.0 * (np.arange(40) - 19.5)
    line = fit_line(table(shift=300e-6 * time), shift_seconds=0.0, drift_ppm=50.0, spec=SyncSpec(max_drift_ppm=50.0))
    assert abs(line.drift_ppm) <= 50.0


def test_all_windows_together_choose_the_line():
    time = 5.0 * (np.arange(60) - 29.5)
    _, shift, drift = best_line(table(shift=0.06 - 120e-6 * time), reach_seconds=0.12, spec=SyncSpec())
    assert shift == pytest.approx(0.06, abs=0.006)
    assert drift == pytest.approx(-120.0, abs=40.0)


def test_a_step_of_the_clock_is_found_where_it_is():
    jump = find_jump(table(shift=np.where(np.arange(24) < 11, 0.0, 0.5)), drift_ppm=0.0)
    assert jump is not None
    assert jump.step_seconds == pytest.approx(0.5, abs=0.02)
    assert jump.film_seconds == pytest.approx(10.0 + 5.0 * 10.5)


def test_a_steady_clock_has_no_step():
    assert find_jump(table(shift=np.full(24, 0.02)), drift_ppm=0.0) is None


def nearly_alike(*, shift: np.ndarray, other: np.ndarray, lead: float) -> WindowTable:
    """Windows that fit two shifts, the first by `lead` better: a walk and its half strides."""
    windows, second = table(shift=shift), table(shift=other)
    return replace(windows, correlation=np.maximum(windows.correlation, (0.9 - lead) / 0.9 * second.correlation))


@pytest.mark.parametrize(("lead", "step"), [(0.03, 0.5), (0.006, 0.5), (0.006, 0.51)])
def test_a_step_of_half_a_stride_is_suspected_when_every_window_prefers_its_own_side(lead: float, step: float):
    early = np.arange(24) < 11
    shift = np.where(early, 0.0, step)
    jump = find_jump(nearly_alike(shift=shift, other=0.5 * early, lead=lead), drift_ppm=0.0)
    assert jump is not None
    assert not jump.sure
    assert jump.step_seconds == pytest.approx(step, abs=0.02)
    assert find_jump(table(shift=shift), drift_ppm=0.0).sure


def test_windows_that_waver_between_half_strides_are_no_step():
    shift = np.where(np.arange(24) % 3 == 0, 0.5, 0.0)
    assert find_jump(nearly_alike(shift=shift, other=0.5 - shift, lead=0.03), drift_ppm=0.0) is None
    assert find_jump(nearly_alike(shift=np.zeros(24), other=np.full(24, 0.5), lead=0.005), drift_ppm=0.0) is None


def test_a_gait_seen_out_of_step_is_not_taken_for_drift():
    time = 5.0 * (np.arange(60) - 29.5)
    trot = (np.arange(60) % 30 >= 18).astype(float)
    gaits = np.column_stack([1 - trot, trot, 0 * trot, 0 * trot])
    windows = table(shift=0.02 + 40e-6 * time + 0.012 * trot, gaits=gaits)
    line = fit_line(windows, shift_seconds=0.02, drift_ppm=0.0, spec=SyncSpec())
    assert line.drift_ppm == pytest.approx(40.0, abs=4.0)
