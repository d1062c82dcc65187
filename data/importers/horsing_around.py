"""Imports Horsing Around: horses with one IMU on the neck, behaviours labelled sample by sample, no film.

Kamminga, Meratnia and Havinga, Horsing Around: A Dataset Comprising Horse Movement, 2019 (4TU.ResearchData, CC0). A CSV
per horse or part of a horse's day, 100 Hz without stamps, acceleration in m/s^2. The gyroscope's unit is not assumed:
the 99th percentile of all files together tells it. Gaits with and without a rider become one; what is no gait of the
vocabulary is left unlabelled by the manifest's map, where it can be given a name.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..manifest.schema import Manifest
from ..readers.delimited import HEADER_BYTES, Layout, decode, find_layout, parse_columns, read_text
from ..readers.dialect import split
from ..readers.sensor import Time
from .recordings import (
    bouts_of_samples,
    import_each,
    labels_entry,
    parquet_sensor,
    signal_columns,
    write_bouts,
    write_recording,
    write_signals,
)

RATE_HZ = 100.0
SITE = "neck"
SIGNALS = ("Ax", "Ay", "Az", "Gx", "Gy", "Gz")
WORDS = ("label", "subject")
GAITS: dict[str, str | None] = {
    "standing": "stand",
    "walking-natural": "walk",
    "walking-rider": "walk",
    "trotting-natural": "trot",
    "trotting-rider": "trot",
    "galloping-natural": "canter",
    "galloping-rider": "canter",
}
"""The set calls canter galloping. Every other behaviour is mapped to null."""
DEGREES_FROM = 35.0
"""A 99th percentile above it cannot be rad/s (2005 deg/s)."""
RADIANS_TO = 7.0
"""One below it cannot be deg/s of a day with gaits in it: necks turn faster than 7 deg/s for more than 1 % of that."""


@dataclass(frozen=True)
class _Part:
    """One file, written but for its manifest."""

    folder: Path
    horse: str
    others: tuple[str, ...]
    """Labels that are no gait."""
    fast: float
    """99th percentile of the angular rate, in the file's unit."""


def import_horsing_around(source: Path, *, out: Path, refused: list[BadInput] | None = None) -> list[Path]:
    """Writes a recording for each CSV of the set below `source`; gives the manifests. The horse is the `subject`."""
    files = [path for path in sorted(source.rglob("*.csv")) if set(SIGNALS + WORDS) <= set(_header(path))]
    if not files:
        expected = f"CSV files with the columns {', '.join(SIGNALS + WORDS)}"
        raise BadInput(
            source, found="no file of Horsing Around", expected=expected, remedy="Unpack the data set there."
        )
    parts = import_each(
        files,
        lambda path: _import_file(path, out=out / path.stem),
        name="horsing-around",
        called=lambda path: path.stem,
        refused=refused,
    )
    unit = rate_unit([part.fast for part in parts], source=source)
    return [_write_manifest(part, unit=unit) for part in parts]


def rate_unit(fast: list[float], *, source: Path) -> str:
    """The gyroscope's unit, from each file's 99th percentile of the angular rate."""
    fastest = max((value for value in fast if np.isfinite(value)), default=0.0)
    if fastest > DEGREES_FROM:
        return "deg/s"
    if 0.0 < fastest < RADIANS_TO:
        return "rad/s"
    raise BadInput(
        source,
        found=f"angular rates whose 99th percentile is {fastest:.3g} at most",
        expected=f"more than {DEGREES_FROM:g} (deg/s) or less than {RADIANS_TO:g} (rad/s)",
        remedy="Import more files at once, or write a manifest that declares the unit.",
    )


def _header(path: Path) -> tuple[str, ...]:
    with path.open("rb") as file:
        lines = file.read(HEADER_BYTES).splitlines()
    return split(decode(lines[0]), delimiter=",") if lines else ()


def _import_file(path: Path, *, out: Path) -> _Part:
    data = read_text(path)
    layout = find_layout(data, path=path, columns=SIGNALS + WORDS)
    columns = parse_columns(data, path=path, layout=layout, columns=SIGNALS)
    signals = np.stack([columns[name] for name in SIGNALS], axis=1)
    labels, codes = _words(data, layout=layout, name="label", rows=len(signals), path=path)
    horses, _ = _words(data, layout=layout, name="subject", rows=len(signals), path=path)
    if len(horses) != 1:
        found = f"the subjects {', '.join(horses)}"
        raise BadInput(path, found=found, expected="one horse a file", remedy="Cut the file in as many.")
    out.mkdir(parents=True, exist_ok=True)
    write_signals(out, signal_columns(SITE, signals))
    write_bouts(out, bouts_of_samples(labels, codes=codes, rate_hz=RATE_HZ))
    others = tuple(sorted(set(labels) - set(GAITS)))
    return _Part(folder=out, horse=horses[0], others=others, fast=_fast(signals[:, 3:]))


def _fast(rate: Float64[Array, "rows 3"]) -> float:
    there = rate[np.isfinite(rate).all(axis=1)]
    return float(np.percentile(np.linalg.norm(there, axis=1), 99)) if len(there) else float("nan")


def _words(data: bytes, *, layout: Layout, name: str, rows: int, path: Path) -> tuple[list[str], Array]:
    """The different words of a column, and for each of the first `rows` rows which of them it bears."""
    at = str(layout.names.index(name))
    read = pa.csv.ReadOptions(column_names=[str(column) for column in range(len(layout.names))])
    convert = pa.csv.ConvertOptions(include_columns=[at], column_types={at: pa.string()}, strings_can_be_null=False)
    parse = pa.csv.ParseOptions(delimiter=layout.delimiter, invalid_row_handler=lambda _: "skip")
    body = pa.py_buffer(memoryview(data)[layout.rows_at :])
    words = pa.csv.read_csv(body, read_options=read, parse_options=parse, convert_options=convert)[at]
    if len(words) < rows:
        raise BadInput(path, found=f"{len(words)} {name}s for {rows} rows", expected="one each", remedy="Mend it.")
    encoded = words.slice(0, rows).combine_chunks().dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy()


def _write_manifest(part: _Part, *, unit: str) -> Path:
    label_map = GAITS | dict.fromkeys(part.others)
    sensor = parquet_sensor(SITE, time=Time(rate_hz=RATE_HZ), acceleration_unit="m/s^2", rate_unit=unit)
    return write_recording(
        part.folder,
        Manifest(id=part.folder.name, horse=part.horse, sensors=(sensor,), labels=labels_entry(label_map)),
    )
