"""Blue Trident exports: clipped low-g samples come from the high-g file, its bias taken off."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.readers.sensor import Sensor
from equigait.data.readers.streams import read_streams
from equigait.data.recording import ImuStream
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sensor_files import GRAVITY, walking
from vendor_files import assert_read_or_refused, damaged, trident_text

LIMIT = 16 * GRAVITY
BIAS = np.array([4.0, -7.0, 3.0])


def pounding(seconds: float, *, rate_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """A cannon bone that strikes once a second with 40 g, for 20 ms."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    strike = 40 * GRAVITY * np.exp(-(((times % 1.0) - 0.5) ** 2) / (2 * 0.01**2))
    return times, np.stack([0.3 * strike, 0 * times, GRAVITY + strike], axis=1)


def read(folder: Path, **entry: object) -> ImuStream:
    return read_streams(
        [Sensor.model_validate({"site": "cannon", "path": "low.csv"} | entry)],
        folder=folder,
    )[0]


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    times, force = pounding(6.0, rate_hz=1125.0)
    rate = np.radians(100.0) * np.sin(2 * np.pi * times)[:, None] * [1.0, 0.5, 0.2]
    (tmp_path / "low.csv").write_text(trident_text(times, np.clip(force, -LIMIT, LIMIT), rate))
    times, force = pounding(6.0, rate_hz=1600.0)
    (tmp_path / "high.csv").write_text(trident_text(times, force + BIAS, None))
    return tmp_path


def test_clipped_samples_come_from_the_high_g_file_without_its_bias(unit: Path) -> None:
    times, truth = pounding(6.0, rate_hz=1125.0)
    clipped = read(unit)
    whole = read(unit, high_g="high.csv")
    assert clipped.specific_force.max() == pytest.approx(LIMIT, abs=1e-3)
    np.testing.assert_allclose(whole.specific_force, truth, rtol=0, atol=0.01 * 40 * GRAVITY)
    low = np.abs(truth).max(axis=1) < 0.97 * LIMIT
    np.testing.assert_array_equal(whole.specific_force[low], clipped.specific_force[low])
    np.testing.assert_allclose(whole.time_seconds, 1.7e9 + times, rtol=0, atol=2e-6)


def test_clipped_samples_that_the_high_g_file_lacks_are_nan(unit: Path) -> None:
    times, force = pounding(6.0, rate_hz=1600.0)
    there = (times < 2.2) | (times > 2.8)
    (unit / "high.csv").write_text(trident_text(times[there], force[there] + BIAS, None))
    stream = read(unit, high_g="high.csv")
    bad = stream.time_seconds[np.isnan(stream.specific_force).any(axis=1)] - 1.7e9
    assert bad.size > 5
    assert 2.4 < bad.min() < bad.max() < 2.6


def test_a_high_g_file_of_another_time_or_unit_is_refused(unit: Path) -> None:
    times, force = pounding(6.0, rate_hz=1600.0)
    (unit / "high.csv").write_text(trident_text(times + 900.0, force, None))
    with pytest.raises(BadInput, match="no samples at common times"):
        read(unit, high_g="high.csv")
    _, other = walking(6.0, rate_hz=1600.0)
    (unit / "high.csv").write_text(trident_text(times, 9 * other[:, :3], None))
    with pytest.raises(BadInput, match="must be the same unit's other file"):
        read(unit, high_g="high.csv")


def test_a_high_g_file_alone_asks_for_the_gyroscope(unit: Path) -> None:
    with pytest.raises(BadInput, match="no `angular_rate`"):
        read(unit, path="high.csv")


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_export_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    times, signals = walking(0.6)
    (tmp_path / "low.csv").write_bytes(damaged(trident_text(times, signals[:, :3], signals[:, 3:]), data=data))
    assert_read_or_refused(partial(read, tmp_path, format=data.draw(st.sampled_from([None, "blue-trident"]))))
