"""Rows of several sensors in turn are found; one sensor, however it shakes, is not taken for several."""

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.interleaved import refuse_halves, refuse_interleaved, sensors_in_turn


def walk(*, site: int = 0, rate_hz: float = 100.0, seconds: float = 20.0, noise: float = 0.05) -> np.ndarray:
    """Six channels of a trunk in walk; sites differ in phase and amplitude."""
    time = np.arange(int(seconds * rate_hz)) / rate_hz
    phase = 2 * np.pi * 1.8 * time + 0.9 * site
    size = 1 + 0.1 * site
    force = np.stack([np.sin(phase), np.cos(phase), 9.81 + 2 * size * np.sin(phase)], axis=1)
    rate = np.stack([np.sin(phase / 2), np.cos(phase), np.sin(phase / 2 + 2)], axis=1) * size
    return np.concatenate([force, rate], axis=1) + np.random.default_rng(site).normal(0, noise, (len(time), 6))


@pytest.mark.parametrize("sensors", [2, 3, 5, 9])
def test_sensors_that_take_turns_are_counted(sensors: int) -> None:
    rows = np.stack([walk(site=site) for site in range(sensors)], axis=1).reshape(-1, 6)
    assert sensors_in_turn(list(rows.T)) == sensors
    with pytest.raises(BadInput, match=f"{sensors} signals take turns"):
        refuse_interleaved(list(rows.T), where="all.csv")


def test_accelerometer_and_gyroscope_as_events_in_turn_are_found() -> None:
    signal = walk()
    assert sensors_in_turn(list(np.stack([signal[:, :3], signal[:, 3:]], axis=1).reshape(-1, 3).T)) == 2


@pytest.mark.parametrize("rate_hz", [25.0, 100.0, 500.0])
def test_one_sensor_is_one(rate_hz: float) -> None:
    assert sensors_in_turn(list(walk(rate_hz=rate_hz).T)) == 1


@pytest.mark.parametrize("period", [2, 3, 4, 7])
def test_a_tone_of_a_few_samples_is_no_second_sensor(period: int) -> None:
    time = np.arange(3000)
    tone = 5 * np.sin(2 * np.pi * time / (period * 1.003) + 0.3)[:, None] * np.array([1, 0.5, 2, 0.1, 0.3, 0.2])
    assert sensors_in_turn(list((walk(seconds=30) + tone).T)) == 1


def test_noise_alone_and_a_dead_sensor_are_one() -> None:
    assert sensors_in_turn(list(np.random.default_rng(0).normal(size=(6, 3000)))) == 1
    assert sensors_in_turn(list(np.zeros((6, 3000)))) == 1


def test_rows_that_hold_one_of_two_signals_are_refused_and_lost_samples_are_not() -> None:
    rows = walk().repeat(2, axis=0)
    rows[::2, 3:] = rows[1::2, :3] = np.nan
    with pytest.raises(BadInput, match="alone, and 0 that hold both"):
        refuse_halves(list(rows.T), where="events.csv")
    lossy = walk()
    lossy[::3, 3:] = np.nan
    refuse_halves(list(lossy.T), where="w.csv")
