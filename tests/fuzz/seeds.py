"""Sound inputs, small enough to be used some hundred times a minute."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet
from equigait.data.labels.table import Span
from equigait.data.labels.writers import WRITERS, labels_text
from equigait.pipeline.evaluate import evaluate
from equigait.pipeline.probe import probe
from films import numbered_frames, write_film
from rides import ride_cache, ride_run
from scipy.io import savemat
from sensor_files import sensor_entry, walking, walking_table, write_csv, write_manifest_file, xsens_text
from vendor_files import (
    gpmf_payload,
    movella_text,
    racechrono_text,
    shimmer_text,
    trident_text,
    write_apdm,
    write_gopro,
)

SECONDS = 4.0
SITES = ("withers", "sacrum")
MANIFEST = """version: 1
id: ride
horse: bella   # a comment
sensors:
  - site: withers
    path: w.csv
    time: {column: time_s, unit: s}
    acceleration: {columns: [ax, ay, az], unit: m/s^2}
    angular_rate: {columns: [gx, gy, gz], unit: rad/s}
    axes: [x, y, z]
    missing: [-9999]
labels: {path: labels.csv, time: film, map: {gallop: canter, graze: null}}
clock: {origin: by-hand, offset_seconds: 12.48, drift_ppm: -3.5}
date: 2026-05-31 14:30
surface: grass
notes: "a: b"
"""
SPANS = (Span(0.0, 4.0, "walk", "1"), Span(4.5, 8.25, "trot", "2"), Span(8.25, 9.0, "walk", "3"))
EVENTS = "Observation id,Subject,Behavior,Modifier #1,Behavior type,Time\n" + "".join(
    f"ride,,{word},{who},{kind},{at}\n"
    for word, who, kind, at in (("walk", "a", "START", 1), ("walk", "a", "STOP", 4), ("trot", "b", "POINT", 5))
)


def sensors(root: Path) -> None:
    """A recording for each format of sensor files."""
    table = {name: np.round(column, 5) for name, column in walking_table(SECONDS).items()}
    for name, delimiter, decimal in (("comma", ",", "."), ("semicolon", ";", ","), ("blank", " ", ".")):
        write_csv(_ride(root / name, "w.csv"), table, delimiter=delimiter, decimal=decimal)
    pa.parquet.write_table(pa.table(table), _ride(root / "parquet", "w.parquet"))
    with h5py.File(_ride(root / "hdf5", "w.h5"), "w") as file:
        for name, column in table.items():
            file.create_dataset(name, data=column, compression="gzip" if name == "ax" else None)
            file[name].attrs["_FillValue"] = -9999.0
    savemat(_ride(root / "matlab", "w.mat"), {name: column[:, None] for name, column in table.items()})
    for name, file_name, text in _vendor_texts():
        _ride(root / name, file_name, states_all=True).write_text(text)
    write_apdm(_ride(root / "apdm", "w.h5", states_all=True), "Lumbar", seconds=SECONDS)
    force, rate = (part.reshape(4, -1, 3) for part in np.split(walking(SECONDS)[1], 2, axis=1))
    payloads = [gpmf_payload(one, other) for one, other in zip(force, rate, strict=True)]
    write_gopro(_ride(root / "gopro", "w.mp4", states_all=True), payloads)


def _vendor_texts() -> Iterator[tuple[str, str, str]]:
    times, signals = walking(SECONDS)
    counters = np.arange(round(60 * SECONDS))
    yield "xsens", "w.txt", xsens_text(range(400), preamble="// Update Rate: 100.0Hz")
    yield "movella", "w.csv", movella_text(counters, counters * 16667)
    yield "shimmer", "w.csv", shimmer_text("Shimmer_B64E", seconds=SECONDS)
    yield "trident", "w.csv", trident_text(times, signals[:, :3], signals[:, 3:])
    yield "racechrono", "w.csv", racechrono_text(SECONDS)


def _ride(folder: Path, path: str, *, states_all: bool = False) -> Path:
    """The place of the sensor's file, beside a manifest of it."""
    folder.mkdir(parents=True)
    entry = {"site": "withers", "path": path} if states_all else sensor_entry(path=path)
    write_manifest_file(folder, sensors=[entry])
    return folder / path


def films(root: Path) -> None:
    """A film of two seconds in each container, and of two codecs."""
    frames, seconds = numbered_frames(40), [number / 20 for number in range(40)]
    for ending in ("mp4", "mov", "mkv", "ts", "avi"):
        (root / ending).mkdir(parents=True)
        write_film(root / ending / f"ride.{ending}", frames, seconds=seconds)
    (root / "mpeg4").mkdir()
    write_film(
        root / "mpeg4" / "ride.mp4",
        frames,
        seconds=seconds,
        codec="mpeg4",
        codec_options={"g": "10"},
        ticks_per_second=600,
    )


def manifests(root: Path) -> None:
    """A manifest with most keys."""
    (root / "ride").mkdir(parents=True)
    write_csv(root / "ride" / "w.csv", walking_table(SECONDS))
    (root / "ride" / "recording.yaml").write_text(MANIFEST)


def labels(root: Path) -> None:
    """The same bouts in each format."""
    texts = {name: (ending, labels_text(SPANS, format=name)) for name, (ending, _) in WRITERS.items()}
    texts["boris-events"] = (".csv", EVENTS)
    for name, (ending, text) in texts.items():
        (root / name).mkdir(parents=True)
        (root / name / f"labels{ending}").write_text(text)


def words(root: Path) -> None:
    """Labels with all that formats give a meaning to."""
    (root / "words").mkdir(parents=True)
    text = json.dumps({"a,b": [1]}) + "\ncanter \"left\"\n<&>;\n'x' = {y}\nschräg \u2028 \n- trot: 3\n#walk\n"
    (root / "words" / "words.txt").write_text(text)


def cache(root: Path) -> None:
    """A cache of seven short rides."""
    (root / "rides").mkdir(parents=True)
    shutil.copytree(ride_cache(), root / "rides" / "cache")


def run(root: Path) -> None:
    """A run with probe and scores."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ride_run(), root / "run")
    probe(ride_cache(), run=root / "run")
    light = ("evaluate.baselines=[]", "evaluate.classifiers=[]", "evaluate.few_shot.shots=[]", "evaluate.map_windows=0")
    evaluate(ride_cache(), run=root / "run", overrides=light)
