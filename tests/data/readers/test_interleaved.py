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


@pytest.mark.parametrize(
    ("one_hz", "other_hz", "jitter_seconds"),
    [(100.0, 50.0, 0.0), (100.0, 25.0, 0.0), (100.0, 60.0, 0.0), (60.0, 50.0, 0.0), (100.0, 100.0, 0.006)],
)
def test_two_sensors_of_other_rates_or_in_changing_order_are_found(
    one_hz: float, other_hz: float, jitter_seconds: float
) -> None:
    at = np.random.default_rng(1)
    times = [np.arange(int(20.0 * rate_hz)) / rate_hz for rate_hz in (one_hz, other_hz)]
    times = [time + at.uniform(0.0, jitter_seconds, len(time)) for time in times]
    rows = np.concatenate([walk(rate_hz=one_hz), walk(site=2, rate_hz=other_hz)])
    with pytest.raises(BadInput, match="signals take turns"):
        refuse_interleaved(list(rows[np.argsort(np.concatenate(times), kind="stable")].T), where="all.csv")


@pytest.mark.parametrize("every", [2, 4, 8])
def test_rough_signals_of_a_slower_sensor_between_are_found(every: int) -> None:
    one, other = walk(noise=0.4, seconds=40.0), walk(site=3, noise=0.4, seconds=40.0)[::every]
    rows = np.insert(one, np.arange(0, len(one), every) + 1, other, axis=0)
    with pytest.raises(BadInput, match="signals take turns"):
        refuse_interleaved(list(rows.T), where="all.csv")


def test_blows_in_many_rows_are_no_second_sensor() -> None:
    blows, at = walk(noise=0.2), np.random.default_rng(2)
    struck = at.random(len(blows)) < 0.2
    blows[struck, :3] += at.normal(0.0, 6.0, (int(struck.sum()), 3))
    assert sensors_in_turn(list(blows.T)) == 1


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
