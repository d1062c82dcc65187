"""Sensor signals and files for tests: a horse that walks, in whatever units and layout a test wants."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml

GRAVITY = 9.80665


def walking(seconds: float = 8.0, *, rate_hz: float = 100.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Times in s, and six channels of a trunk at walk: m/s^2 with gravity along z, rad/s."""
    times = np.arange(round(seconds * rate_hz)) / rate_hz
    noise = np.random.default_rng(seed).normal(0.0, 1.0, (times.size, 6))
    step = np.sin(2 * np.pi * 1.8 * times)[:, None]
    return times, noise * [0.2, 0.2, 0.2, 0.05, 0.05, 0.05] + step * [0.5, 0.3, 3.0, 0.4, 0.7, 0.2] + [
        0,
        0,
        GRAVITY,
        0,
        0,
        0,
    ]


def write_csv(
    path: Path,
    table: Mapping[str, Sequence[float]] | Mapping[str, np.ndarray],
    *,
    delimiter: str = ",",
    decimal: str = ".",
    preamble: str = "",
    header: bool = True,
    newline: str = "\n",
) -> Path:
    """Columns as delimited text, with as many digits as bring each float back exactly."""
    rows = [
        delimiter.join(repr(float(value)).replace(".", decimal) for value in row)
        for row in zip(*table.values(), strict=True)
    ]
    lines = [delimiter.join(table)] * header + rows
    path.write_bytes((preamble + newline.join(lines) + newline).encode())
    return path


def walking_table(seconds: float = 8.0, *, rate_hz: float = 100.0) -> dict[str, np.ndarray]:
    """`walking` as columns time_s, ax ay az, gx gy gz."""
    times, signals = walking(seconds, rate_hz=rate_hz)
    return {"time_s": times} | dict(zip(("ax", "ay", "az", "gx", "gy", "gz"), signals.T, strict=True))


def sensor_entry(site: str = "withers", **changes: object) -> dict[str, object]:
    """A manifest's entry for `withers.csv` as `write_csv(walking_table())` writes it."""
    entry: dict[str, object] = {
        "site": site,
        "path": f"{site}.csv",
        "time": {"column": "time_s", "unit": "s"},
        "acceleration": {"columns": ["ax", "ay", "az"], "unit": "m/s^2"},
        "angular_rate": {"columns": ["gx", "gy", "gz"], "unit": "rad/s"},
    }
    return {key: value for key, value in (entry | changes).items() if value is not None}


def write_manifest_file(folder: Path, **keys: object) -> Path:
    """A `recording.yaml` of these keys, with one sensor and a horse unless given."""
    values = {"version": 1, "horse": "h01", "sensors": [sensor_entry()]} | keys
    path = folder / "recording.yaml"
    path.write_text(yaml.safe_dump({key: value for key, value in values.items() if value is not None}, sort_keys=False))
    return path


XSENS_COLUMNS = ("PacketCounter", "SampleTimeFine", "Acc_X", "Acc_Y", "Acc_Z", "FreeAcc_E", "Gyr_X", "Gyr_Y", "Gyr_Z")


def xsens_text(
    counters: Sequence[int], *, device: str = "00B47791", preamble: str = "", fine: Sequence[int] | None = None
) -> str:
    """An export of one MTw unit at walk, a row for each counter."""
    _, signals = walking(len(counters) / 100.0 + 0.01)
    lines = ["// General information: ", f"//  DeviceId: {device}", *preamble.splitlines(), "\t".join(XSENS_COLUMNS)]
    for row, counter in enumerate(counters):
        stamp = "" if fine is None else str(fine[row])
        numbers = [f"{value:.6f}" for value in (*signals[row, :3], 0.01, *signals[row, 3:])]
        lines.append("\t".join([str(counter), stamp, *numbers]))
    return "\n".join(lines) + "\n"
