"""Whatever the file's format, readings that gravity contradicts are remarked on by name, and sound ones are not."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
import sensor_files
import vendor_files
from equigait.data.manifest.load import load_sensors
from scipy.io import savemat
from sensor_files import sensor_entry, write_csv, write_manifest_file, xsens_text
from vendor_files import (
    gpmf_payload,
    movella_text,
    racechrono_text,
    shimmer_text,
    trident_text,
    write_apdm,
    write_gopro,
)

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


def write(folder: Path, kind: str) -> None:
    """24 s in this format, beside its manifest."""
    table = sensor_files.walking_table(SECONDS)
    times, signals = sensor_files.walking(SECONDS)
    counters = np.arange(round(60 * SECONDS))
    texts = {
        "xsens": lambda: xsens_text(range(round(100 * SECONDS)), preamble="// Update Rate: 100.0Hz"),
        "movella": lambda: movella_text(counters, counters * 16667),
        "shimmer": lambda: shimmer_text("Shimmer_B64E", seconds=SECONDS),
        "trident": lambda: trident_text(times, signals[:, :3], signals[:, 3:]),
        "racechrono": lambda: racechrono_text(SECONDS),
    }
    path = folder / {"parquet": "w.parquet", "hdf5": "w.h5", "matlab": "w.mat", "gopro": "w.mp4"}.get(kind, "w.csv")
    if kind in texts:
        path.write_text(texts[kind]())
    elif kind == "csv":
        write_csv(path, table)
    elif kind == "parquet":
        pa.parquet.write_table(pa.table(table), path)
    elif kind == "hdf5":
        with h5py.File(path, "w") as file:
            file.update(table)
    elif kind == "matlab":
        savemat(path, {name: column[:, None] for name, column in table.items()})
    elif kind == "apdm":
        write_apdm(path, "Lumbar", seconds=SECONDS)
    else:
        parts = (part.reshape(int(SECONDS), -1, 3) for part in np.split(signals, 2, axis=1))
        write_gopro(path, [gpmf_payload(force, rate) for force, rate in zip(*parts, strict=True)])
    states_all = kind in (*texts, "apdm", "gopro")
    entry = {"site": "withers", "path": path.name} if states_all else sensor_entry(path=path.name)
    write_manifest_file(folder, sensors=[entry])


KINDS = ("csv", "parquet", "hdf5", "matlab", "xsens", "movella", "shimmer", "trident", "racechrono", "apdm", "gopro")


CASES = [
    (still, 1.08, "at rest |a| is 10.59 m/s^2"),
    (sensor_files.walking, 0.85, "mean specific force is 8."),
    (still, 0.93, "at rest |a| is 9.12 m/s^2"),
    (sensor_files.walking, 1.15, "mean specific force is 11."),
    (still, 1.0, ""),
]


@pytest.mark.parametrize(
    ("kind", "motion", "gain", "words"),
    [(kind, *case) for kind in KINDS for case in (CASES if kind == "csv" else CASES[:2])],
)
def test_readings_against_gravity_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, motion: Motion, gain: float, words: str
) -> None:
    for module in (sensor_files, vendor_files):
        monkeypatch.setattr(module, "walking", scaled(motion, gain=gain))
    write(tmp_path, kind)
    (stream,) = load_sensors(tmp_path).streams
    told = [remark for remark in stream.remarks if "m/s^2" in remark]
    assert any(words in remark for remark in told) if words else not told
