"""Spectral features against signals whose spectrum is known."""

import numpy as np
import pytest
from equigait.pipeline.evaluation.classifiers.spectral import spectral_features
from equigait.pipeline.students.fixed_features import BAND_EDGES_HZ, NOISE_POWER

RATE_HZ, STEPS = 50.0, 250
LENGTHS = (3, 7)
"""Signals of one site: ax ay az |a| gx gy gz |g|."""
CHANNELS = (0, 1, 2, 4, 5, 6)


def window(frequency_hz: float, *, amplitude: float = 2.0, channel: int = 1) -> np.ndarray:
    imu = np.zeros((1, 6, STEPS), dtype=np.float32)
    imu[0, 2] = 9.81
    imu[0, channel] += amplitude * np.sin(2 * np.pi * frequency_hz * np.arange(STEPS) / RATE_HZ)
    return imu


def parts(features: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Mean, logarithm of the variance, logarithms of the bands, dominant frequency; channels in columns."""
    blocks = by_signal(features)[CHANNELS, :].T
    return blocks[0], blocks[1], blocks[2:-1], blocks[-1]


def by_signal(features: np.ndarray) -> np.ndarray:
    return features[0].reshape(8, -1)


@pytest.mark.parametrize("frequency_hz", [1.0, 1.8, 4.4])
def test_a_sine_has_its_frequency_its_variance_and_its_band(frequency_hz: float) -> None:
    mean, log_variance, log_bands, dominant_hz = parts(spectral_features(window(frequency_hz), rate_hz=RATE_HZ))
    assert mean[:3] == pytest.approx([0, 0, 9.81], abs=0.02)
    assert dominant_hz[1] == pytest.approx(frequency_hz, abs=RATE_HZ / STEPS / 2)
    assert np.exp(log_variance[1]) == pytest.approx(2.0**2 / 2, rel=0.02)
    band = np.searchsorted(BAND_EDGES_HZ, frequency_hz, side="right") - 1
    assert log_bands[:, 1].argmax() == band
    assert np.exp(log_bands[:, 1]).sum() == pytest.approx(2.0, rel=0.05)


def test_a_dead_channel_is_quiet_and_finite() -> None:
    _, log_variance, log_bands, dominant_hz = parts(spectral_features(window(2.0), rate_hz=RATE_HZ))
    assert log_variance[4] == pytest.approx(np.log(NOISE_POWER))
    assert log_bands[:, 4] == pytest.approx(np.log(NOISE_POWER))
    assert dominant_hz[4] == 0.0


def test_lengths_do_not_depend_on_how_the_sensor_is_turned() -> None:
    turned = window(1.4)[:, [1, 2, 0, 3, 4, 5]] * np.array([1, -1, 1, 1, 1, 1], dtype=np.float32)[:, None]
    straight, crooked = (by_signal(spectral_features(imu, rate_hz=RATE_HZ)) for imu in (window(1.4), turned))
    assert crooked[LENGTHS, :] == pytest.approx(straight[LENGTHS, :], abs=1e-4)
    assert not np.allclose(crooked[:3], straight[:3])


def test_each_window_is_described_by_itself_however_many_there_are() -> None:
    rng = np.random.default_rng(0)
    many = rng.normal(size=(1030, 6, 50)).astype(np.float32)
    assert spectral_features(many, rate_hz=RATE_HZ)[1025:] == pytest.approx(
        spectral_features(many[1025:], rate_hz=RATE_HZ), abs=1e-4
    )
    assert spectral_features(many[:0], rate_hz=RATE_HZ).shape[0] == 0
