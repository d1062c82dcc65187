"""The line through windows, on tables made by hand."""

import numpy as np
import pytest
from equigait.data.sync import SyncSpec
from equigait.data.sync.clock_fit import fit_clock
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
    line = fit_clock(windows, shift_seconds=0.02, drift_ppm=60.0, spec=SyncSpec())
    assert line.shift_seconds == pytest.approx(0.031, abs=1e-3)
    assert line.drift_ppm == pytest.approx(80.0, abs=4.0)
    assert line.inlier.all()


def test_windows_that_disagree_have_no_say():
    shift = np.full(40, 0.010)
    shift[::5] = 0.095
    line = fit_clock(table(shift=shift), shift_seconds=0.0, drift_ppm=0.0, spec=SyncSpec())
    assert line.shift_seconds == pytest.approx(0.010, abs=2e-3)
    assert line.inlier.sum() == 32


def test_drift_stays_within_its_bound():
    time = 5.0 * (np.arange(40) - 19.5)
    line = fit_clock(table(shift=300e-6 * time), shift_seconds=0.0, drift_ppm=50.0, spec=SyncSpec(max_drift_ppm=50.0))
    assert abs(line.drift_ppm) <= 50.0


def test_all_windows_together_choose_the_line():
    time = 5.0 * (np.arange(60) - 29.5)
    _, shift, drift = best_line(table(shift=0.06 - 120e-6 * time), reach_seconds=0.12, spec=SyncSpec())
    assert shift == pytest.approx(0.06, abs=0.006)
    assert drift == pytest.approx(-120.0, abs=40.0)


def test_a_gait_seen_out_of_step_is_not_taken_for_drift():
    time = 5.0 * (np.arange(60) - 29.5)
    trot = (np.arange(60) % 30 >= 18).astype(float)
    gaits = np.column_stack([1 - trot, trot, 0 * trot, 0 * trot])
    windows = table(shift=0.02 + 40e-6 * time + 0.012 * trot, gaits=gaits)
    line = fit_clock(windows, shift_seconds=0.02, drift_ppm=0.0, spec=SyncSpec())
    assert line.drift_ppm == pytest.approx(40.0, abs=4.0)
