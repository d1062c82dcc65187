"""A copy of sound recordings, cache and run in which one thing is spoiled, and the ways to spoil a file."""

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from command_line import run
from equigait.data.simulate import YardSpec, simulate_yard
from equigait.pipeline.probe import probe
from rides import ride_cache, ride_run, write_ride

RIDE = "h000-r00"
LIGHT = ("evaluate.baselines=[]", "evaluate.classifiers=[]", "evaluate.few_shot.shots=[]", "evaluate.map_windows=0")


@dataclass(frozen=True)
class Place:
    """Folders of one case; commands name them as `{yard}`, `{ride}` and so on."""

    root: Path

    @property
    def yard(self) -> Path:
        """Two simulated recordings with films, and their cache in `cache`."""
        return self.root / "yard"

    @property
    def ride(self) -> Path:
        """The first of them."""
        return self.yard / RIDE

    @property
    def cache(self) -> Path:
        """The cache of the two recordings."""
        return self.yard / "cache"

    @property
    def rides(self) -> Path:
        """A cache of seven labelled rides, of which `run` was made."""
        return self.root / "rides"

    @property
    def run(self) -> Path:
        """A run that was pretrained, probed and evaluated."""
        return self.root / "run"

    @property
    def new(self) -> Path:
        """A recording of the run's sensors, in a folder `mare`."""
        return self.root / "new"

    @property
    def names(self) -> dict[str, Path]:
        """What a command may name."""
        names = ("yard", "ride", "cache", "rides", "run", "new")
        return {"root": self.root, "out": self.root / "out", **{name: getattr(self, name) for name in names}}


def sound_place(root: Path) -> Place:
    """All of it, made once and sound."""
    place = Place(root)
    spec = YardSpec(horses=2, seconds=8.0, seed=3, fps=15.0, frame_width=96, frame_height=64)
    simulate_yard(place.yard, spec=spec)
    shutil.rmtree(place.yard / "truth")
    assert run("extract-teacher", place.yard, "--config", "demo") == 0
    shutil.copytree(ride_cache(), place.rides)
    shutil.copytree(ride_run(), place.run)
    probe(place.rides, run=place.run)
    sets = [word for each in LIGHT for word in ("--set", each)]
    assert run("evaluate", "--cache", place.rides, "--run", place.run, *sets) == 0
    write_ride(place.new / "mare", horse="h5")
    return place


def rewritten(file: Path, old: str, new: str) -> None:
    """Text for text; the old one must be there."""
    text = file.read_text()
    assert old in text, (file, old)
    file.write_text(text.replace(old, new))


def cut(file: Path, share: float = 0.6) -> None:
    """The file ends early."""
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])


def flipped(file: Path, share: float = 0.5) -> None:
    """One bit is another."""
    data = bytearray(file.read_bytes())
    data[int((len(data) - 1) * share)] ^= 0x10
    file.write_bytes(data)


def zeroed(file: Path, share: float = 0.4, size: int = 4000) -> None:
    """A stretch holds zeros."""
    data = bytearray(file.read_bytes())
    start = int(len(data) * share)
    data[start : start + size] = bytes(min(size, len(data) - start))
    file.write_bytes(data)


def changed(file: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Every row of a table, after its header, through a function."""
    with file.open() as lines:
        head, *rows = csv.reader(lines)
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([head, *(change(row) for row in rows)])


def scaled(file: Path, factor: float, *, columns: slice) -> None:
    """Some columns multiplied."""
    changed(file, lambda row: [*row[: columns.start], *_times(row[columns], factor), *row[columns.stop :]])


def _times(cells: list[str], factor: float) -> list[str]:
    return [f"{float(cell) * factor:.8g}" for cell in cells]


def manifest(ride: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """The manifest through a function that changes its keys in place."""
    file = ride / "recording.yaml"
    values = yaml.safe_load(file.read_text())
    change(values)
    file.write_text(yaml.safe_dump(values, sort_keys=False))


def nothing(_: Place) -> None:
    """For a fault of the command line or of the machine."""
