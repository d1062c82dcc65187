"""Imports HuGaDB: people's legs with six 6-axis units, an activity for every sample, no film.

Chereshnev and Kertesz-Farkas, HuGaDB: Human Gait Database for Activity Recognition from Wearable Inertial Sensor
Networks, AIST 2017. Files give int16 counts (+-2 g, +-2000 deg/s stated) and no times: 58.82 Hz by the official table.

Five of the six units make 30 channels; which one stays away is an option. Where gyroscopes ran at another range than
stated, the true scale is used (see `gyroscope_range`); readings at the end of the range stay, as the bound that they
are, like those of the accelerometers, which clip at +-2 g in every run. Readings of a frozen unit become NaN. What was
found stands in `quality.json` beside each manifest.
"""

import itertools
import json
import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..files import write_atomically
from ..manifest.schema import Manifest
from ..readers.delimited import Columns, find_layout, parse_columns, read_text
from ..readers.sensor import Time
from ..recording import Bout
from ..words import Words
from .gyroscope_range import LegRange, leg_range, saturated
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

PEOPLE = Words(subject="person", behaviour="activity")
RATE_HZ = 58.82
COUNTS_PER_G = 16384.0
LEGS = ("right", "left")
PLACES = {"foot": "f", "shin": "s", "thigh": "t"}
"""A unit's place on the leg, and its letter in the column names: `acc_rf_x` is the right foot's."""
SITES = tuple(f"{leg}_{place}" for leg in LEGS for place in PLACES)
FROZEN_ROWS = 30
"""Half a second in which not one of three axes changes by a count: no living sensor does that."""
ACTIVITIES = (
    *("walking", "running", "going_up", "going_down", "sitting", "sitting_down", "standing_up", "standing"),
    *("bicycling", "up_by_elevator", "down_by_elevator", "sitting_in_car"),
)
"""By their id, from 1 on, as the data set's own table has them."""
LABEL_MAP = {
    "walking": "walk",
    "running": "run",
    "going_up": "up",
    "going_down": "down",
    "sitting": "sit",
    "standing": "stand",
    "bicycling": "bicycle",
}
"""Short words for what can be done for long; the other activities keep their names."""
LABELS = tuple(LABEL_MAP.get(activity, activity) for activity in ACTIVITIES)
"""The vocabulary of the imported recordings, for a recipe's `windows.labels`."""

_FILE = re.compile(r"(HGD|HuGaDB)_v\d+_(?P<activity>\w+)_(?P<person>\d+)_(?P<count>\d+)", re.IGNORECASE)
_log = logging.getLogger(__name__)


def import_hugadb(
    source: Path, *, out: Path, leave_out: str | None = "left_foot", refused: list[BadInput] | None = None
) -> list[Path]:
    """Writes a recording for each file below `source`; gives the manifests. The horse is the person: `s02`.

    `leave_out` names the unit that stays away, a foot by default: feet saturate most. None keeps all six.
    """
    files = sorted(path for path in source.rglob("*.txt") if _FILE.fullmatch(path.stem))
    if not files:
        expected = "files such as HuGaDB_v1_walking_02_00.txt"
        raise BadInput(source, found="no file of HuGaDB", expected=expected, remedy="Unpack the data set there.")
    if leave_out is not None and leave_out not in SITES:
        raise BadInput("leave_out", found=leave_out, expected=f"one of {', '.join(SITES)}", remedy="Choose another.")
    sites = tuple(site for site in SITES if site != leave_out)
    manifests = import_each(
        files,
        lambda path: _import_file(path, out=out / path.stem, sites=sites),
        name="hugadb",
        called=lambda path: path.stem,
        refused=refused,
    )
    _tell_quality(manifests)
    return manifests


def _import_file(path: Path, *, out: Path, sites: Sequence[str]) -> Path:
    person = _FILE.fullmatch(path.stem)
    columns = _read_columns(path)
    bouts = _activities(columns["act"], path=path)
    ranges = {leg: _leg_range(columns, leg=leg) for leg in LEGS}
    units = {site: _Unit(columns, site=site, leg=ranges[site.partition("_")[0]]) for site in sites}
    out.mkdir(parents=True, exist_ok=True)
    write_signals(out, {name: values for site in sites for name, values in units[site].signals().items()})
    write_bouts(out, bouts)
    quality = {site: unit.quality() for site, unit in units.items()}
    write_atomically(out / "quality.json", json.dumps(quality, indent=1) + "\n")
    time = Time(rate_hz=RATE_HZ)
    sensors = (
        parquet_sensor(site, time=time, acceleration_unit="g", rate_unit="deg/s", absent=units[site].absent)
        for site in sites
    )
    horse = f"s{person['person']}" if person else path.stem
    labels = labels_entry(LABEL_MAP)
    manifest = Manifest(id=path.stem, horse=horse, words=PEOPLE, sensors=tuple(sensors), labels=labels)
    return write_recording(out, manifest)


def _read_columns(path: Path) -> Columns:
    parts = itertools.product(("acc", "gyro"), LEGS, PLACES.values(), "xyz")
    wanted = (*(f"{kind}_{leg[0]}{letter}_{axis}" for kind, leg, letter, axis in parts), "act")
    data = read_text(path)
    layout = find_layout(data, path=path, columns=wanted)
    return parse_columns(data, path=path, layout=layout, columns=wanted)


def _counts(columns: Columns, *, kind: str, site: str) -> Float64[Array, "rows 3"]:
    """The counts of one unit, by its site."""
    leg, _, place = site.partition("_")
    return np.stack([columns[f"{kind}_{leg[0]}{PLACES[place]}_{axis}"] for axis in "xyz"], axis=1)


def _leg_range(columns: Columns, *, leg: str) -> LegRange:
    foot_g = _counts(columns, kind="acc", site=f"{leg}_foot") / COUNTS_PER_G
    counts = np.stack([_counts(columns, kind="gyro", site=f"{leg}_{place}") for place in PLACES], axis=1)
    return leg_range(foot_g, counts)


class _Unit:
    """One unit's readings, and what is to be known about them."""

    def __init__(self, columns: Columns, *, site: str, leg: LegRange) -> None:
        self.site, self.leg = site, leg
        self.force = _counts(columns, kind="acc", site=site)
        self.rate = _counts(columns, kind="gyro", site=site)
        self.bad = frozen(self.rate) | frozen(self.force)

    def signals(self) -> dict[str, Float64[Array, "rows"]]:
        """Six columns in g and deg/s; NaN where frozen, and where the range is in doubt."""
        scale = self.leg.deg_s_per_count(len(self.rate))[:, None]
        values = np.concatenate([self.force / COUNTS_PER_G, self.rate * scale], axis=1)
        values[self.bad] = np.nan
        values[self.leg.doubtful] = np.nan
        return signal_columns(self.site, values)

    @property
    def absent(self) -> str | None:
        """Why it holds no reading at all; None where it holds some."""
        return "this unit was frozen all through" if self.bad.all() else None

    def quality(self) -> dict[str, float]:
        """Shares of the rows."""
        rows = len(self.rate)
        return {
            "gyroscope_at_250_deg_s": (rows - self.leg.switch_row) / rows,
            "gyroscope_saturated": float(saturated(self.rate).any(axis=1).mean()),
            "accelerometer_saturated": float(saturated(self.force).any(axis=1).mean()),
            "frozen": float(self.bad.mean()),
        }


def frozen(counts: Float64[Array, "rows 3"]) -> Bool[Array, "rows"]:
    """Rows within half a second or more over which no axis changes by a single count."""
    still = np.concatenate([[False], (np.diff(counts, axis=0) == 0).all(axis=1), [False]])
    edges = np.flatnonzero(np.diff(still.astype(np.int8)))
    bad = np.zeros(len(counts), dtype=bool)
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        bad[start : stop + 1] = stop - start + 1 >= FROZEN_ROWS
    return bad


def _activities(act: Float64[Array, "rows"], *, path: Path) -> list[Bout]:
    """The activity of each sample as bouts, in IMU time."""
    unknown = sorted(set(np.unique(act)) - set(range(1, len(ACTIVITIES) + 1)))
    if unknown:
        expected = f"ids from 1 to {len(ACTIVITIES)}"
        raise BadInput(path, found=f"the activity {unknown[0]:g}", expected=expected, remedy="Download it again.")
    return bouts_of_samples(ACTIVITIES, codes=act.astype(int) - 1, rate_hz=RATE_HZ)


def _tell_quality(manifests: Sequence[Path]) -> None:
    """One line on what was found, so that nobody uses it unaware."""
    found: list[Mapping[str, Mapping[str, float]]] = [
        json.loads(path.with_name("quality.json").read_text()) for path in manifests
    ]
    narrow = sum(any(unit["gyroscope_at_250_deg_s"] > 0 for unit in units.values()) for units in found)
    still = sum(any(unit["frozen"] > 0 for unit in units.values()) for units in found)
    _log.warning(
        "hugadb: in %d of %d recordings gyroscopes ran at +-250 deg/s, scaled accordingly, and saturate in motion; "
        "%d hold frozen readings, now NaN. Each recording's quality.json tells how much.",
        *(narrow, len(manifests), still),
    )
