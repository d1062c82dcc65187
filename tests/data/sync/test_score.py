"""The masked correlation against the textbook one, lag by lag."""

import numpy as np
import pytest
from equigait.data.sync.score import masked_correlation


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
