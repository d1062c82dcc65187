"""A recording of one walking sensor in each format of sensor files, beside its manifest."""

from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import sensor_files
from scipy.io import savemat
from vendor_files import (
    gpmf_payload,
    movella_text,
    racechrono_text,
    shimmer_text,
    trident_text,
    write_apdm,
    write_gopro,
)

COLUMNS = {"csv": "w.csv", "parquet": "w.parquet", "hdf5": "w.h5", "matlab": "w.mat"}
"""File of each format whose columns a manifest names."""
DEVICES = {
    "xsens": "w.txt",
    "movella": "w.csv",
    "shimmer": "w.csv",
    "trident": "w.csv",
    "racechrono": "w.csv",
    "apdm": "w.h5",
    "gopro": "w.mp4",
}
"""File of each format that states its columns and units itself."""


def write_format_ride(folder: Path, kind: str, *, seconds: float) -> Path:
    """So many whole seconds in this format; the sensor's file."""
    path = sensor_place(folder, {**COLUMNS, **DEVICES}[kind], states_all=kind in DEVICES)
    if kind in COLUMNS:
        _write_columns(path, kind, seconds=seconds)
    elif kind == "apdm":
        write_apdm(path, "Lumbar", seconds=seconds)
    elif kind == "gopro":
        parts = (part.reshape(int(seconds), -1, 3) for part in np.split(sensor_files.walking(seconds)[1], 2, axis=1))
        write_gopro(path, [gpmf_payload(force, rate) for force, rate in zip(*parts, strict=True)])
    else:
        path.write_text(_text(kind, seconds=seconds))
    return path


def sensor_place(folder: Path, path: str, *, states_all: bool = False) -> Path:
    """The place of the sensor's file, beside a manifest of it."""
    folder.mkdir(parents=True, exist_ok=True)
    entry = {"site": "withers", "path": path} if states_all else sensor_files.sensor_entry(path=path)
    sensor_files.write_manifest_file(folder, sensors=[entry])
    return folder / path


def rounded_table(seconds: float) -> dict[str, np.ndarray]:
    """Columns of the walking sensor, as files have them."""
    return {name: np.round(column, 5) for name, column in sensor_files.walking_table(seconds).items()}


def _write_columns(path: Path, kind: str, *, seconds: float) -> None:
    table = rounded_table(seconds)
    if kind == "csv":
        sensor_files.write_csv(path, table)
    elif kind == "parquet":
        pa.parquet.write_table(pa.table(table), path)
    elif kind == "matlab":
        savemat(path, {name: column[:, None] for name, column in table.items()})
    else:
        with h5py.File(path, "w") as file:
            for name, column in table.items():
                file.create_dataset(name, data=column, compression="gzip" if name == "ax" else None)
                file[name].attrs["_FillValue"] = -9999.0


def _text(kind: str, *, seconds: float) -> str:
    times, signals = sensor_files.walking(seconds)
    counters = np.arange(round(60 * seconds))
    texts = {
        "xsens": lambda: sensor_files.xsens_text(range(round(100 * seconds)), preamble="// Update Rate: 100.0Hz"),
        "movella": lambda: movella_text(counters, counters * 16667),
        "shimmer": lambda: shimmer_text("Shimmer_B64E", seconds=seconds),
        "trident": lambda: trident_text(times, signals[:, :3], signals[:, 3:]),
        "racechrono": lambda: racechrono_text(seconds),
    }
    return texts[kind]()
