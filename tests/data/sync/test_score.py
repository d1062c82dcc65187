"""The masked correlation against the textbook one, lag by lag."""

import numpy as np
import pytest
from equigait.data.sync import SyncSpec
from equigait.data.sync.alignment_features import RATE_HZ, AlignmentFeatures, band_pass, make_features
from equigait.data.sync.score import masked_correlation, score_curve


def test_masked_correlation_is_pearsons_over_the_shared_samples():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal(40), rng.standard_normal(55)
    x_valid, y_valid = rng.random(40) > 0.2, rng.random(55) > 0.2
    value, shared = masked_correlation(x[:, None], x_valid[:, None], y[:, None], y_valid[:, None])
    assert len(value) == 40 + 55 - 1
    for lag in (-20, -3, 0, 7, 30):
        pairs = [(x[i], y[i + lag]) for i in range(40) if 0 <= i + lag < 55 and x_valid[i] and y_valid[i + lag]]
        first, second = np.array(pairs).T
        assert value[lag + 39] == pytest.approx(np.corrcoef(first, second)[0, 1], abs=1e-9)
        assert shared[lag + 39] == len(pairs)


def test_invalid_samples_count_for_nothing_whatever_they_hold():
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((30, 1)), rng.standard_normal((30, 1))
    valid = np.ones((30, 1), bool)
    valid[10:15] = False
    wild = np.where(valid, x, 1e9)
    calm, _ = masked_correlation(np.where(valid, x, 0.0), valid, y, np.ones((30, 1), bool))
    same, _ = masked_correlation(wild, valid, y, np.ones((30, 1), bool))
    np.testing.assert_allclose(same, calm)


def test_a_signal_upside_down_correlates_at_minus_one_never_plus():
    x = np.sin(np.arange(200) * 0.3)[:, None]
    valid = np.ones((200, 1), bool)
    value, _ = masked_correlation(x, valid, -x, valid)
    assert value[199] == pytest.approx(-1.0)


def test_a_long_recording_is_found_although_its_clock_drifts_by_half_a_second():
    rng = np.random.default_rng(2)
    count, drift_ppm, offset = int(3000 * RATE_HZ), 160.0, 37.0
    film_seconds = np.arange(count) / RATE_HZ
    velocity = band_pass(rng.standard_normal(count), rate_hz=RATE_HZ)
    imu_seconds = np.arange(int(2500 * RATE_HZ)) / RATE_HZ
    seen = np.interp(imu_seconds + offset + drift_ppm * 1e-6 * (imu_seconds - 1250.0), film_seconds, velocity)
    film, imu = side(velocity), side(seen)
    curve = score_curve(imu, film, spec=SyncSpec())
    top = int(np.nanargmax(curve.score))
    assert curve.offset_seconds[top] == pytest.approx(offset, abs=0.03)
    assert curve.drift_ppm[top] == pytest.approx(drift_ppm, abs=30.0)
    assert curve.vertical[top] > 0.8


def side(velocity: np.ndarray) -> AlignmentFeatures:
    whole = np.ones((len(velocity), 1), bool)
    return make_features(
        ["trunk"], start_seconds=0.0, velocity=velocity[:, None], valid=whole, activity=np.abs(velocity)
    )
