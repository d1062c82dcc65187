"""Whatever the file's format, readings that gravity contradicts are remarked on by name, and sound ones are not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sensor_files
import vendor_files
from equigait.data.manifest.load import load_sensors
from format_rides import COLUMNS, DEVICES, write_format_ride

SECONDS = 24.0
Motion = Callable[..., tuple[np.ndarray, np.ndarray]]


def scaled(motion: Motion, *, gain: float) -> Motion:
    def of(*args: float, **keys: float) -> tuple[np.ndarray, np.ndarray]:
        times, signals = motion(*args, **keys)
        return times, signals * [gain, gain, gain, 1.0, 1.0, 1.0]

    return of


def still(seconds: float = 8.0, *, rate_hz: float = 100.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A sensor that lies on a table."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    noise = np.random.default_rng(seed).normal(0.0, 0.02, (times.size, 6))
    return times, noise + np.array([0.0, 0.0, sensor_files.GRAVITY, 0.0, 0.0, 0.0])


CASES = [
    (still, 1.08, "at rest |a| is 10.59 m/s^2"),
    (sensor_files.walking, 0.85, "mean specific force is 8."),
    (still, 0.93, "at rest |a| is 9.12 m/s^2"),
    (sensor_files.walking, 1.15, "mean specific force is 11."),
    (still, 1.0, ""),
]


@pytest.mark.parametrize(
    ("kind", "motion", "gain", "words"),
    [(kind, *case) for kind in (*COLUMNS, *DEVICES) for case in (CASES if kind == "csv" else CASES[:2])],
)
def test_readings_against_gravity_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, motion: Motion, gain: float, words: str
) -> None:
    for module in (sensor_files, vendor_files):
        monkeypatch.setattr(module, "walking", scaled(motion, gain=gain))
    write_format_ride(tmp_path, kind, seconds=SECONDS)
    (stream,) = load_sensors(tmp_path).streams
    told = [remark for remark in stream.remarks if "m/s^2" in remark]
    assert any(words in remark for remark in told) if words else not told
