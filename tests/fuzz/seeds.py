"""Sound inputs, small enough to be used some hundred times a minute."""

import json
import shutil
from pathlib import Path

from equigait.data.labels.table import Span
from equigait.data.labels.writers import WRITERS, labels_text
from equigait.pipeline.evaluate import evaluate
from equigait.pipeline.probe import probe
from films import numbered_frames, write_film
from format_rides import COLUMNS, DEVICES, rounded_table, sensor_place, write_format_ride
from rides import ride_cache, ride_run
from sensor_files import walking_table, write_csv

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
    for name, delimiter, decimal in (("comma", ",", "."), ("semicolon", ";", ","), ("blank", " ", ".")):
        write_csv(sensor_place(root / name, "w.csv"), rounded_table(SECONDS), delimiter=delimiter, decimal=decimal)
    for kind in (*COLUMNS, *DEVICES):
        if kind != "csv":
            write_format_ride(root / kind, kind, seconds=SECONDS)


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
