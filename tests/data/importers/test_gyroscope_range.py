"""At which range a leg's gyroscopes ran, told from counts whose true range is known."""

import numpy as np
import pytest
from equigait.data.importers.gyroscope_range import BLOCK_ROWS, leg_range

RATE_HZ = 58.82


def leg(seconds: float, *, walks: bool, switch_second: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A foot's acceleration in g and the counts of foot, shin and thigh, at +-250 deg/s from `switch_second` on."""
    rng = np.random.default_rng(seed)
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    stride = np.sin(2 * np.pi * 0.9 * times) * walks
    foot_g = np.stack([1.5 * stride, 0.2 * stride, 1.0 + np.abs(2.0 * stride)], axis=1)
    deg_s = np.array([500.0, 350.0, 180.0])[:, None] * np.array([0.2, 1.0, 0.3]) * stride[:, None, None]
    noisy = deg_s + rng.normal(0.0, 0.19, deg_s.shape)
    full_scale = np.where(times < switch_second, 2000.0, 250.0)[:, None, None]
    counts = np.clip(np.round(noisy / full_scale * 32768), -32768, 32767)
    return foot_g + rng.normal(0.0, 0.002, foot_g.shape), counts


@pytest.mark.parametrize("walks", [True, False], ids=["walking", "standing"])
def test_a_range_that_holds_all_the_time_is_told(walks: bool) -> None:
    stated = leg_range(*leg(30.0, walks=walks, switch_second=np.inf))
    power_on = leg_range(*leg(30.0, walks=walks, switch_second=0.0))
    rows = round(30 * RATE_HZ)
    np.testing.assert_allclose(stated.deg_s_per_count(rows), 2000 / 32768)
    np.testing.assert_allclose(power_on.deg_s_per_count(rows), 250 / 32768)
    assert stated.doubtful == power_on.doubtful == slice(0, 0)


@pytest.mark.parametrize("walks", [True, False], ids=["walking", "standing"])
@pytest.mark.parametrize("switch_second", [8.0, 21.3])
def test_a_reset_in_the_middle_is_found_and_the_rows_around_it_are_in_doubt(walks: bool, switch_second: float) -> None:
    found = leg_range(*leg(30.0, walks=walks, switch_second=switch_second))
    switch_row = round(switch_second * RATE_HZ)
    assert abs(found.switch_row - switch_row) <= BLOCK_ROWS
    assert found.doubtful.start <= switch_row <= found.doubtful.stop
    assert found.doubtful.stop - found.doubtful.start <= 3 * BLOCK_ROWS


def test_without_evidence_the_stated_range_holds() -> None:
    rng = np.random.default_rng(0)
    foot_g = rng.normal([0.0, 0.0, 1.0], 0.05, (400, 3))
    counts = np.round(rng.normal(0.0, 12.0, (400, 3, 3)))
    assert leg_range(foot_g, counts).switch_row == 400


def test_a_recording_shorter_than_a_block_is_told_too() -> None:
    assert leg_range(*leg(1.0, walks=False, switch_second=0.0)).switch_row == 0
    assert leg_range(*leg(1.0, walks=False, switch_second=np.inf)).switch_row == round(RATE_HZ)
