"""The way out that a refusal names, followed to the letter, leads on: the recording then loads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.manifest.load import load_recording
from films import numbered_frames, write_film
from sensor_files import sensor_entry, walking_table, write_csv, write_manifest_file

FORCE, TURNING = ("ax", "ay", "az"), ("gx", "gy", "gz")


@dataclass
class Ride:
    """A recording as its parts, before it is written."""

    folder: Path
    table: dict[str, np.ndarray] = field(default_factory=walking_table)
    entry: dict[str, Any] = field(default_factory=sensor_entry)
    keys: dict[str, Any] = field(default_factory=dict)
    labels: str = "start,end,label\n1,4,walk\n4,7,trot\n"
    preamble: str = ""

    def load(self) -> None:
        """Writes it all and loads it."""
        self.folder.mkdir(exist_ok=True)
        path = self.folder / "withers.csv"
        write_csv(path, self.table, preamble=self.preamble)
        (self.folder / "labels.csv").write_text(self.labels)
        write_manifest_file(
            self.folder, sensors=[self.entry], **{"labels": {"path": "labels.csv", "time": "imu"}, **self.keys}
        )
        load_recording(self.folder, vocabulary=("stand", "walk", "trot", "canter"))

    def scale(self, names: tuple[str, ...], factor: float) -> None:
        """Multiplies columns."""
        self.table |= {name: self.table[name] * factor for name in names}

    def fill(self, number: float) -> None:
        """A lost packet, written as this number in every column."""
        for name in (*FORCE, *TURNING):
            self.table[name] = self.table[name].copy()
            self.table[name][100:105] = number

    def turned(self) -> None:
        """Mounted with its x axis up."""
        old = dict(self.table)
        for to, origin in zip((*FORCE, *TURNING), ("az", "ax", "ay", "gz", "gx", "gy"), strict=True):
            self.table[to] = old[origin]

    def film(self, *, seconds: float = 8.0) -> None:
        """A film of so many seconds."""
        self.folder.mkdir(exist_ok=True)
        stamps = np.arange(round(10 * seconds)) / 10
        frames = numbered_frames(len(stamps), height=32, width=48)
        write_film(self.folder / "ride.mp4", frames, seconds=list(stamps))
        self.keys |= {"film": "ride.mp4"}


Step = Callable[[Ride], Any]


def entry(**changes: object) -> Step:
    """Changes the sensor's keys; None takes one out."""

    def change(ride: Ride) -> None:
        ride.entry = {key: value for key, value in {**ride.entry, **changes}.items() if value is not None}

    return change


def keys(**changes: object) -> Step:
    """Changes the manifest's keys."""
    return lambda ride: ride.keys.update(changes)


def labelled(text: str) -> Step:
    """Other labels."""
    return lambda ride: setattr(ride, "labels", text)


def both(*steps: Step) -> Step:
    """One after the other."""
    return lambda ride: [step(ride) for step in steps]


def acceleration(unit: str, **more: object) -> Step:
    """Another unit of the acceleration."""
    return entry(acceleration={"columns": list(FORCE), "unit": unit, **more})


def angular_rate(unit: str, **more: object) -> Step:
    """Another unit of the angular rate."""
    return entry(angular_rate={"columns": list(TURNING), "unit": unit, **more})


def scaled(names: tuple[str, ...], factor: float) -> Step:
    """Columns times a factor."""
    return lambda ride: ride.scale(names, factor)


def written(**changes: str) -> Step:
    """Written in another way."""
    return lambda ride: [setattr(ride, name, value) for name, value in changes.items()]


SECONDS = {"column": "time_s", "unit": "s"}
MILLI = {"column": "time_s", "unit": "ms"}
CLOCK = {"origin": "by-hand", "offset_seconds": 0.0}
LABELS = {"path": "labels.csv", "time": "imu"}
Case = tuple[Step, str, Step]
CASES: dict[str, Case] = {
    "g as m/s^2": (scaled(FORCE, 1 / 9.80665), "Declare `unit: g`", acceleration("g")),
    "mg as m/s^2": (scaled(FORCE, 1000 / 9.80665), "Declare `unit: mg`", acceleration("mg")),
    "m/s^2 as g": (acceleration("g"), r"Declare `unit: m/s\^2`", acceleration("m/s^2")),
    "a wrong scale of counts": (
        both(scaled(FORCE, 2048 / 9.80665), acceleration("counts", per_unit=16384.0)),
        "Correct `per_unit`",
        acceleration("counts", per_unit=2048.0),
    ),
    "deg/s as rad/s": (scaled(TURNING, 180 / np.pi), "Declare `unit: deg/s`", angular_rate("deg/s")),
    "rad/s as deg/s": (angular_rate("deg/s"), "Declare `unit: rad/s`", angular_rate("rad/s")),
    "axes of another mount": (
        both(Ride.turned, entry(axes=["x", "y", "z"])),
        "its third entry is likely x",
        entry(axes=["y", "z", "x"]),
    ),
    "the sign of an iPhone": (
        both(scaled(FORCE, -1.0), entry(axes=["x", "y", "z"])),
        "declare `gravity: negated`",
        acceleration("m/s^2", gravity="negated"),
    ),
    "gravity that is there": (
        both(acceleration("m/s^2", gravity="removed"), entry(angular_rate="none")),
        "Leave `gravity: removed` out",
        acceleration("m/s^2"),
    ),
    "linear acceleration with a gyroscope": (
        acceleration("m/s^2", gravity="removed"),
        "export the acceleration with gravity",
        acceleration("m/s^2"),
    ),
    "a fill value": (lambda ride: ride.fill(-9999.0), r"declare `missing: \[-9999\]`", entry(missing=[-9999])),
    "milliseconds as seconds": (
        lambda ride: ride.scale(("time_s",), 1000.0),
        "Check the unit of the time column",
        entry(time=MILLI),
    ),
    "stamps that stand still": (
        lambda ride: ride.table.update(time_s=np.floor(ride.table["time_s"] * 0)),
        r"time: \{rate_hz: ...\}",
        entry(time={"rate_hz": 100.0}),
    ),
    "stamps that lose digits": (
        lambda ride: ride.table.update(time_s=np.array([float(f"{996 + t:.5g}") for t in ride.table["time_s"]])),
        r"time: \{rate_hz: ...\}",
        entry(time={"rate_hz": 100.0}),
    ),
    "no time": (
        entry(time=None),
        r"Add `time: \{column: ..., unit: ...\}`",
        entry(time=SECONDS),
    ),
    "no gyroscope": (entry(angular_rate=None), "`angular_rate: none`", entry(angular_rate="none")),
    "no acceleration": (entry(acceleration=None), "Add `acceleration:", acceleration("m/s^2")),
    "a column that is not there": (
        entry(time={"column": "t", "unit": "s"}),
        "Correct `columns:`",
        entry(time=SECONDS),
    ),
    "a file that is not there": (entry(path="wither.csv"), "Check the path", entry(path="withers.csv")),
    "a format that is another": (entry(format="parquet"), "correct `format:`", entry(format="csv")),
    "counts without a scale": (acceleration("counts"), "`per_unit`", acceleration("m/s^2")),
    "one column for two signals": (
        entry(angular_rate={"columns": list(FORCE), "unit": "rad/s"}),
        "each column for one signal",
        angular_rate("rad/s"),
    ),
    "mirrored axes": (entry(axes=["x", "-y", "z"]), "one sign is wrong", entry(axes=["x", "y", "z"])),
    "the header a second time": (
        written(preamble="time_s,ax,ay,az,gx,gy,gz\n0,0,0,9.8,0,0,0\n"),
        "The header stands there again: .* take that line out",
        written(preamble=""),
    ),
    "a label that is none": (
        labelled("start,end,label\n1,4,gallop\n"),
        "map",
        keys(labels={**LABELS, "map": {"gallop": "canter"}}),
    ),
    "labels in milliseconds": (
        labelled("start,end,label\n100000,400000,walk\n"),
        "in seconds",
        labelled("start,end,label\n1,4,walk\n"),
    ),
    "labels that overlap": (
        labelled("start,end,label\n1,4,walk\n3,6,trot\n"),
        "Mend one of them, or map its label to null",
        labelled("start,end,label\n1,3,walk\n3,6,trot\n"),
    ),
    "a film without a clock": (Ride.film, "sync", keys(clock=CLOCK)),
    "a clock of another day": (
        both(Ride.film, keys(clock={"origin": "by-hand", "offset_seconds": 86400.0})),
        "Check `clock:`",
        keys(clock=CLOCK),
    ),
    "a film that is not there": (keys(film="rode.mp4", clock=CLOCK), "Correct `film:`", Ride.film),
    "a key that is misspelt": (keys(horze="bella"), r"Did you mean horse\?", lambda ride: ride.keys.pop("horze")),
}
"""By what is wrong: how it comes about, words of the way out, and the way out."""


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_way_out_leads_on(case: Case, tmp_path: Path) -> None:
    spoil, words, follow = case
    ride = Ride(tmp_path / "ride")
    spoil(ride)
    with pytest.raises(BadInput, match=words) as refusal:
        ride.load()
    assert refusal.value.remedy
    follow(ride)
    ride.load()


def test_the_recording_is_sound_before_it_is_spoiled(tmp_path: Path) -> None:
    Ride(tmp_path / "ride").load()
