"""A day of riding, 24 h of five 100 Hz sensors, predicted with strides: how long it takes and how much it holds."""

import os
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import yaml
from equigait.data.manifest.load import load_sensors
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.data.sites import CHANNELS
from equigait.pipeline.inference.shipped_models import FIELD_STUDENT, shipped_run

from .measure import Found, Limit
from .memory import peak_of

RATE_HZ = 100.0
HOURS = 24
RIDE = YardSpec(horses=1, seconds=600.0, seed=3, film=False, imu_rate_hz=(RATE_HZ, RATE_HZ))
"""Repeated over the day: a horse that is nearly always on its way has the most strides to measure."""
NOISE = 0.01
"""Added anew in every repetition, m/s^2 and rad/s."""
ALLOWED_SECONDS, ALLOWED_BYTES = 60.0, 1e9


def write_day(folder: Path, *, kind: Literal["parquet", "csv"], hours: int = HOURS) -> None:
    """One recording whose sensor files hold a ride over and over, stamps in seconds, values to four decimals."""
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as yard:
        manifest = yaml.safe_load((path := simulate_yard(Path(yard), spec=RIDE)[0]).read_text())
        streams = load_sensors(path).streams
    for sensor, stream in zip(manifest["sensors"], streams, strict=True):
        sensor["path"] = f"{stream.site}.{kind}"
        values = np.concatenate([stream.specific_force, stream.angular_rate], axis=1)[: int(RATE_HZ * RIDE.seconds)]
        _write_repeated(values, folder / sensor["path"], times=int(hours * 3600 / RIDE.seconds))
    del manifest["labels"], manifest["clock"]
    (folder / "recording.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False))


def _write_repeated(values: np.ndarray, path: Path, *, times: int) -> None:
    random, writer = np.random.default_rng(0), None
    for number in range(times):
        noisy = np.round(values + random.normal(0.0, NOISE, values.shape), 4).astype(np.float32)
        seconds = np.round((number * len(values) + np.arange(len(values))) / RATE_HZ, 6)
        table = pa.table({"time_s": seconds} | dict(zip(CHANNELS, noisy.T, strict=True)))
        if writer is None:
            kind = pyarrow.parquet.ParquetWriter if path.suffix == ".parquet" else pyarrow.csv.CSVWriter
            writer = kind(str(path), table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


@cache
def predicted_day(kind: Literal["parquet", "csv"]) -> dict[str, float]:
    """Seconds and peak bytes of the command in a process of its own, and what it read and wrote."""
    run = os.environ.get("EQUIGAIT_BENCH_RUN", shipped_run(FIELD_STUDENT))
    with tempfile.TemporaryDirectory(prefix="equigait-bench-") as folder:
        write_day(Path(folder), kind=kind)
        words = ["predict", folder, "--run", str(run), "--out", f"{folder}/out", "--format", "parquet"]
        before, began = os.times(), time.monotonic()
        peak_bytes = peak_of(words)
        wall_seconds, after = time.monotonic() - began, os.times()
        strides = sum(pyarrow.parquet.read_table(f"{folder}/out/reins.parquet")["strides"].to_pylist())
        files = sum(path.stat().st_size for path in Path(folder).glob(f"*.{kind}"))
    cpu_seconds = after.children_user + after.children_system - before.children_user - before.children_system
    costs = {"wall_seconds": wall_seconds, "cpu_seconds": cpu_seconds, "peak_bytes": peak_bytes}
    return costs | {"strides": strides, "file_bytes": files}


def _of_day(cost: str, *, kind: Literal["parquet", "csv"], held_to: float) -> Callable[[], Found]:
    return lambda: Found(predicted_day(kind)[cost], held_to, dict(predicted_day(kind)))


NOTE = "By field-student, or the run of EQUIGAIT_BENCH_RUN. Wall time: the machine has to be idle otherwise."
PARQUET, CSV = (
    f"seconds to predict 24 h of five 100 Hz sensors in {kind}, with strides" for kind in ("Parquet", "CSV")
)
BENCHES = {
    "day-of-riding": Limit(PARQUET, "s", _of_day("wall_seconds", kind="parquet", held_to=ALLOWED_SECONDS), note=NOTE),
    "day-of-riding-csv": Limit(CSV, "s", _of_day("wall_seconds", kind="csv", held_to=ALLOWED_SECONDS), note=NOTE),
    "day-of-riding-memory": Limit(
        "peak resident bytes of the same in Parquet",
        "bytes",
        _of_day("peak_bytes", kind="parquet", held_to=ALLOWED_BYTES),
        note=NOTE,
    ),
}
