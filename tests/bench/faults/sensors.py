"""Faults of sensor files and of what a manifest says of them; `inspect` meets them, unless another command must."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .case import Fault, Plant
from .place import Place, changed, cut, flipped, manifest, rewritten, scaled, zeroed

INSPECT = "inspect {ride}"
FORCE, TURNING = slice(1, 4), slice(4, 7)


def _poll(change: Callable[..., Any]) -> Plant:
    return lambda place: change(place.ride / "poll.csv")


def _sensor(**keys: object) -> Plant:
    return lambda place: manifest(place.ride, lambda values: values["sensors"][0].update(keys))


def _sensor_fault(name: str, plant: Plant, *words: str, codes: tuple[int, ...] = (1, 2, 3)) -> Fault:
    return Fault("sensors", name, plant, INSPECT, words, codes)


def _rows(place: Place, change: Callable[..., Any]) -> None:
    file = place.ride / "poll.csv"
    head, *rows = file.read_text().splitlines()
    file.write_text("\n".join([head, *change(rows)]) + "\n")


def _noise(row: list[str]) -> list[str]:
    generator = np.random.default_rng(round(1e6 * float(row[0])))
    return [row[0], *(f"{value:.4f}" for value in generator.normal(0.0, 3.0, 3)), *row[4:]]


def _short(place: Place) -> None:
    for site in ("withers", "sacrum"):
        file = place.new / "mare" / f"{site}.csv"
        file.write_text("\n".join(file.read_text().splitlines()[:200]) + "\n")


def _named(place: Place) -> None:
    """Every second row bears another sensor's name."""
    file = place.ride / "poll.csv"
    head, *rows = file.read_text().splitlines()
    file.write_text("\n".join([f"{head},sensor", *(f"{row},{number % 2}" for number, row in enumerate(rows))]) + "\n")


def _two_rates(place: Place) -> None:
    """Every second row of another sensor stands between, and no stamps tell."""
    others = (place.ride / "sacrum.csv").read_text().splitlines()[1:]
    _rows(place, lambda rows: [line for n, row in enumerate(rows) for line in (row, *others[n : n + 1 - n % 2])])
    _sensor(time={"rate_hz": 150.0})(place)


def _numbers(change: Callable[[np.ndarray], Any], *, digits: int = 6) -> Plant:
    """What a program makes of all the file's numbers, a row for each sample."""

    def plant(place: Place) -> None:
        def written(rows: list[str]) -> list[str]:
            values = np.array([row.split(",") for row in rows], float)
            change(values)
            return [",".join(f"{value:.{digits}f}" for value in row) for row in values]

        _rows(place, written)

    return plant


def _times_of_day(values: np.ndarray) -> None:
    minutes, seconds = np.divmod(57.0 + values[:, 0], 60.0)
    values[:, 0] = 101500.0 + 100.0 * minutes + seconds


def _single_precision(values: np.ndarray) -> None:
    values[:, 0] = (86_000.0 + values[:, 0]).astype(np.float32)


def _averages(values: np.ndarray) -> None:
    for axis in range(1, 4):
        values[:, axis] = np.convolve(np.pad(values[:, axis], (4, 3), mode="edge"), np.full(8, 1 / 8), mode="valid")


def _a_moment_later(values: np.ndarray) -> None:
    values[:, TURNING] = 0.1 * np.roll(values[:, FORCE] - values[:, FORCE].mean(axis=0), 3, axis=0)


FAULTS = (
    _sensor_fault("a file is missing", _poll(lambda file: file.unlink()), r"poll\.csv", "no such file", "Check"),
    _sensor_fault("a file is empty", _poll(lambda file: file.write_bytes(b"")), r"poll\.csv", "found"),
    _sensor_fault("a file is random bytes", _poll(lambda file: file.write_bytes(bytes(range(256)) * 20)), r"poll\.csv"),
    _sensor_fault("a file holds its header only", lambda place: _rows(place, lambda _: []), r"poll\.csv"),
    _sensor_fault("a file holds one row", lambda place: _rows(place, lambda rows: rows[:1]), r"poll"),
    _sensor_fault("a file ends at half", _poll(lambda file: cut(file, 0.5)), "poll holds 3", "cut off", codes=(0,)),
    _sensor_fault("a file ends within a number", _poll(lambda file: cut(file, 0.99)), "sound|remark", codes=(0,)),
    _sensor_fault("zero bytes in mid-file", _poll(zeroed), r"poll\.csv", "found"),
    _sensor_fault("a flipped bit in a digit", _poll(flipped), "poll", codes=(0, 1)),
    _sensor_fault(
        "a word among the numbers", lambda place: _rows(place, lambda r: [*r[:9], "x,y,z,1,2,3,4", *r[9:]]), "poll"
    ),
    _sensor_fault("a header without a column", _poll(lambda f: rewritten(f, '"ax"', '"bx"')), "ax", "columns:"),
    _sensor_fault("stamps that go back", lambda place: _rows(place, lambda rows: rows[300:] + rows[:300]), "poll"),
    _sensor_fault("stamps are times of day in one number", _numbers(_times_of_day), "leave out 40 s", "36930"),
    _sensor_fault(
        "stamps in single precision", _numbers(_single_precision, digits=9), r"rounded to 0\.007812 s", codes=(0, 1)
    ),
    _sensor_fault("stamps that stand still", _poll(lambda f: changed(f, lambda row: ["1.0", *row[1:]])), "poll"),
    _sensor_fault("stamps in ms declared as s", _poll(lambda f: scaled(f, 1000, columns=slice(0, 1))), "poll"),
    _sensor_fault(
        "stamps of another day",
        _poll(lambda f: changed(f, lambda r: [str(float(r[0]) + 9e4), *r[1:]])),
        "overlap|clock",
    ),
    _sensor_fault("g declared as m/s^2", _poll(lambda f: scaled(f, 1 / 9.80665, columns=FORCE)), "Declare `unit: g`"),
    _sensor_fault(
        "m/s^2 declared as g", _sensor(acceleration={"columns": ["ax", "ay", "az"], "unit": "g"}), "unit: m/s"
    ),
    _sensor_fault(
        "deg/s declared as rad/s", _poll(lambda f: scaled(f, 57.29578, columns=TURNING)), "Declare `unit: deg/s`"
    ),
    _sensor_fault(
        "rad/s declared as deg/s", _sensor(angular_rate={"columns": ["gx", "gy", "gz"], "unit": "deg/s"}), "rad/s"
    ),
    _sensor_fault("gravity was subtracted", _poll(lambda f: changed(f, _noise)), "Gravity was subtracted|gravity"),
    _sensor_fault(
        "a wrong number of counts per g",
        _sensor(acceleration={"columns": ["ax", "ay", "az"], "unit": "counts", "per_unit": 16384.0}),
        "per_unit",
    ),
    _sensor_fault(
        "one axis is dead", _poll(lambda f: changed(f, lambda r: [*r[:4], "0", *r[5:]])), "gx never changes", codes=(0,)
    ),
    _sensor_fault("all six axes are zero", _poll(lambda f: changed(f, lambda r: [r[0], *"000000"])), "dead|zero"),
    _sensor_fault(
        "an axis at the end of its range",
        _poll(lambda f: changed(f, lambda r: [r[0], "39.2266", *r[2:]])),
        "stays at 39.23|Gravity|gravity",
        codes=(0, 1),
    ),
    _sensor_fault(
        "a column given twice",
        _sensor(acceleration={"columns": ["ax", "ax", "az"], "unit": "m/s^2"}),
        "three different columns",
    ),
    _sensor_fault(
        "one column for two signals",
        _sensor(angular_rate={"columns": ["ax", "gy", "gz"], "unit": "rad/s"}),
        "each column for one signal",
    ),
    _sensor_fault("two sites share a file", _sensor(path="withers.csv"), "same signal", codes=(0,)),
    _sensor_fault(
        "a fill value is not declared",
        _poll(lambda f: changed(f, lambda r: [r[0], *(["-9999"] * 6 if float(r[0]) % 1 < 0.2 else r[1:])])),
        "-9999",
        "missing",
    ),
    _sensor_fault(
        "a few samples are -9999",
        _poll(lambda f: changed(f, lambda r: [r[0], *(["-9999"] * 6 if r[0].startswith("3.1") else r[1:])])),
        "-9999|1e.04",
        "missing",
    ),
    _sensor_fault(
        "the gyroscope's columns hold the acceleration in g",
        _poll(lambda f: changed(f, lambda r: [*r[:4], *(f"{float(value) / 9.80665:.6f}" for value in r[FORCE])])),
        "gx, gy, gz that are 0.102 times ax, ay, az",
    ),
    _sensor_fault("the acceleration is a moving average", _numbers(_averages), "an average over 0", codes=(0,)),
    _sensor_fault(
        "the gyroscope's columns hold the acceleration a moment later",
        _numbers(_a_moment_later),
        "gx follows ax 0.025 s later",
        codes=(0,),
    ),
    _sensor_fault("a column names two sensors", _named, "2 sensors by the column sensor", "one file for each"),
    _sensor_fault("a slower sensor's rows between, without stamps", _two_rates, "2 signals take turns", "one file"),
    _sensor_fault("axes mirrored", _sensor(axes=["x", "y", "-z"]), "right-handed"),
    _sensor_fault(
        "a rate too low for the grid",
        lambda place: _rows(place, lambda rows: rows[::6]),
        "20.00|remark|sound",
        codes=(0,),
    ),
    Fault(
        "sensors",
        "a rate too low for the grid, to be learned from",
        lambda place: _rows(place, lambda r: r[::6]),
        "extract-teacher {yard} --config demo",
        ("poll", "at least 45 Hz", "grid.sites"),
    ),
    Fault(
        "sensors",
        "no gyroscope, to be learned from",
        _sensor(angular_rate="none"),
        "extract-teacher {yard} --config demo",
        ("no angular rate at poll", "grid.signals=specific_force"),
    ),
    Fault(
        "sensors",
        "a site of the run is missing",
        lambda place: manifest(place.new / "mare", lambda v: v["sensors"].pop()),
        "predict {new} --run {run} --out {out}",
        ("no sensor at sacrum", "--allow-missing"),
    ),
    Fault(
        "sensors",
        "too short for one window",
        _short,
        "predict {new} --run {run} --out {out}",
        ("at least one window", "Record longer"),
    ),
)
