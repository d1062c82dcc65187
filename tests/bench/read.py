"""What reading costs: an hour of five sensors from CSV to the grid, against numpy's own reader of text."""

import tempfile
from functools import partial
from pathlib import Path

import numpy as np
from equigait.data.manifest.load import load_recording
from equigait.data.resample import GridSpec, to_grid
from equigait.data.sites import TRUNK_5

from .measure import Bench, Side

RATE_HZ = 200.0
HOUR_ROWS = 720_000
SAMPLE_ROWS = 36_000
NAMES = ("time_s", "ax", "ay", "az", "gx", "gy", "gz")


def write_hour(folder: Path) -> None:
    """Five CSV files of an hour at 200 Hz, seven columns, six decimals, and their manifest."""
    random = np.random.default_rng(0)
    minute = 12_000
    phase = 2 * np.pi * 1.7 * np.arange(minute) / RATE_HZ
    for site in TRUNK_5:
        force = [0, 0, 9.80665] + np.sin(phase)[:, None] * [1.0, 0.5, 3.0] + random.normal(0, 0.2, (minute, 3))
        rate = np.cos(phase)[:, None] * [0.3, 0.7, 0.2] + random.normal(0, 0.05, (minute, 3))
        signals = [",".join(f"{value:.6f}" for value in row) for row in np.concatenate([force, rate], axis=1)]
        with (folder / f"{site}.csv").open("w") as file:
            file.write(",".join(NAMES) + "\n")
            for start in range(0, HOUR_ROWS, minute):
                rows = (f"{(start + at) / RATE_HZ:.6f},{signals[at]}\n" for at in range(minute))
                file.write("".join(rows))
    time = "{column: time_s, unit: s}"
    columns = "acceleration: {columns: [ax, ay, az], unit: m/s^2}, angular_rate: {columns: [gx, gy, gz], unit: rad/s}"
    sensors = "".join(f"- {{site: {site}, path: {site}.csv, time: {time}, {columns}}}\n" for site in TRUNK_5)
    (folder / "recording.yaml").write_text(f"version: 1\nhorse: bench\nsensors:\n{sensors}")


def to_the_grid(folder: tempfile.TemporaryDirectory[str]) -> float:
    """Files to the 50 Hz grid with all checks. Returns the hours."""
    grid = to_grid(load_recording(Path(folder.name)), spec=GridSpec())
    assert grid.imu_valid.all()
    return 1.0


def numpy_text(folder: tempfile.TemporaryDirectory[str]) -> float:
    """The first rows of one file as numbers, nothing else. Returns which part of the hour's rows they are."""
    rows = np.loadtxt(Path(folder.name) / "withers.csv", delimiter=",", skiprows=1, max_rows=SAMPLE_ROWS)
    assert rows.shape == (SAMPLE_ROWS, len(NAMES))
    return SAMPLE_ROWS / (len(TRUNK_5) * HOUR_ROWS)


def against_loadtxt() -> tuple[Side, Side]:
    """Ours, all the way to the grid, and numpy parsing text alone."""
    folder = tempfile.TemporaryDirectory(prefix="equigait-bench-")  # goes with the sides
    write_hour(Path(folder.name))
    theirs = Side("numpy.loadtxt, text to numbers alone", partial(numpy_text, folder), "numpy.loadtxt")
    return Side("load_recording, to_grid", partial(to_the_grid, folder), "load_recording, to_grid"), theirs


BENCHES = {
    "read-an-hour": Bench(
        figure="CPU from five CSV files to the 50 Hz grid, checks included, against numpy parsing the text alone",
        unit="hour",
        at_most=6.0,
        sides=against_loadtxt,
        note=(
            "An hour of five sensors at 200 Hz, 720,000 rows each; beside the ratio, ours is held to 10 s of CPU. "
            "Theirs reads the first 36,000 rows of one file, 1 % of all; its cost grows evenly with rows."
        ),
    ),
}
