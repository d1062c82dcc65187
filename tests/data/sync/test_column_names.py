"""Common column names of plain tables are understood where they leave no doubt, and asked about elsewhere."""

from pathlib import Path

import numpy as np
import pytest
from equigait.data.errors import BadInput
from equigait.data.sync.bare import read_bare
from equigait.data.sync.column_names import describe_columns, guess_columns
from sensor_files import GRAVITY, walking, write_csv

DEG = 180.0 / np.pi


def written(
    tmp_path: Path, names: str, *, time: float = 1.0, force: float = 1.0, turning: float = 3.0, start: float = 0.0
) -> Path:
    """A walk under these names, its SI values multiplied by these factors; walking turns a little faster than usual."""
    seconds, signals = walking(20.0)
    values = [(start + seconds) * time, *(signals[:, :3] * force).T, *(signals[:, 3:] * turning).T]
    return write_csv(tmp_path / "withers.csv", dict(zip(names.split("|"), values, strict=True)))


@pytest.mark.parametrize(
    ("names", "factors", "units"),
    [
        ("t|ax|ay|az|gx|gy|gz", {}, ("s", "m/s^2", "rad/s")),
        ("Time|X|Y|Z|GyroX|GyroY|GyroZ", {"time": 1e3, "force": 1 / GRAVITY, "turning": 3 * DEG}, ("ms", "g", "deg/s")),
        (
            "timestamp_us|acc_x_mg|acc_y_mg|acc_z_mg|gyr_x_dps|gyr_y_dps|gyr_z_dps",
            {"time": 1e6, "force": 1e3 / GRAVITY, "turning": DEG / 10},
            ("us", "mg", "deg/s"),
        ),
        (
            "Timestamp (ms)|AccelX [m/s^2]|AccelY [m/s^2]|AccelZ [m/s^2]|Gyroscope x (rad/s)|Gyroscope y (rad/s)|"
            "Gyroscope z (rad/s)",
            {"time": 1e3, "start": 1.7e9},
            ("ms", "m/s^2", "rad/s"),
        ),
        ("Millis|x_acc|y_acc|z_acc|x_gyro|y_gyro|z_gyro", {"time": 1e3}, ("ms", "m/s^2", "rad/s")),
        ("epoch|A_x|A_y|A_z|w_x|w_y|w_z", {"time": 1e9, "start": 1.7e9}, ("ns", "m/s^2", "rad/s")),
    ],
)
def test_usual_names_are_understood_with_their_units(
    tmp_path: Path, names: str, factors: dict[str, float], units: tuple[str, str, str]
) -> None:
    keys = guess_columns(written(tmp_path, names, **factors))
    columns = names.split("|")
    assert keys == {
        "time": {"column": columns[0], "unit": units[0]},
        "acceleration": {"columns": columns[1:4], "unit": units[1]},
        "angular_rate": {"columns": columns[4:], "unit": units[2]},
    }


def test_what_was_taken_is_said_and_the_streams_are_in_si_units(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="equigait")
    path = written(tmp_path, "Time|X|Y|Z|GyroX|GyroY|GyroZ", time=1e3, force=1 / GRAVITY, turning=3 * DEG)
    (stream,) = read_bare([str(path)])
    np.testing.assert_allclose(stream.specific_force, walking(20.0)[1][:, :3], rtol=1e-6)
    np.testing.assert_allclose(stream.angular_rate, 3.0 * walking(20.0)[1][:, 3:], rtol=1e-6)
    assert caplog.messages == [
        "withers.csv: taken for Time as time in ms; X, Y, Z as acceleration in g; GyroX, GyroY, GyroZ as angular rate "
        "in deg/s; --columns and --units say otherwise"
    ]


def test_a_rate_stands_for_stamps_and_a_gyroscope_may_lack(tmp_path: Path) -> None:
    names = ("ax", "ay", "az")
    path = write_csv(tmp_path / "log.csv", dict(zip(names, walking(20.0)[1][:, :3].T, strict=True)))
    assert guess_columns(path) == {}
    keys = guess_columns(path, rate_hz=100.0)
    assert describe_columns(keys) == "100 samples a second; ax, ay, az as acceleration in m/s^2; no angular rate"
    (stream,) = read_bare([str(path)], rate_hz=100.0)
    assert stream.rate_hz == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("names", "factors"),
    [
        ("t|ax|ay|az|gx|gy|other", {}),  # two axes of a gyroscope
        ("when|ax|ay|az|gx|gy|gz", {}),  # no time
        ("t|gx|gy|gz|mx|my|mz", {}),  # g may be g-force or gyroscope
        ("t|linear_acceleration_x|linear_acceleration_y|linear_acceleration_z|gx|gy|gz", {}),  # without gravity
        ("t|ax (g)|ay (m/s2)|az (g)|gx|gy|gz", {}),  # units that differ
        ("t|ax|ay|az|gx|gy|gz", {"turning": 30.0}),  # too fast for rad/s, too slow for deg/s
        ("t|ax|ay|az|gx|gy|gz", {"force": 16384 / GRAVITY}),  # counts
        ("t|ax|ay|az|gx|gy|gz", {"time": 1 / 60}),  # minutes
        ("t|ax|ay|az|gx|gy|gz", {"time": 100.0}),  # numbers of rows, or ms
        ("t|ax|ay|az|gx|gy|gz", {"time": 1e4}),  # ticks of 0.1 ms
        ("t|ax|ay|az|gx (rpm)|gy (rpm)|gz (rpm)", {}),  # a unit that no manifest knows
        ("time|timestamp|ax|ay|az|gx|gy", {}),  # two times, two gyroscope axes
    ],
)
def test_a_doubt_is_asked_about_with_the_columns_there_are(
    tmp_path: Path, names: str, factors: dict[str, float]
) -> None:
    path = written(tmp_path, names, **factors)
    assert guess_columns(path) == {}
    with pytest.raises(BadInput, match="leave no doubt") as refusal:
        read_bare([str(path)])
    assert refusal.value.found == f"columns {', '.join(names.split('|'))}"
    assert "--columns" in refusal.value.remedy


def test_a_gyroscope_that_leaves_no_gravity_in_the_unit_taken_is_asked_about(tmp_path: Path) -> None:
    path = written(tmp_path, "t|ax|ay|az|gx|gy|gz", turning=30.0 * DEG)  # tenths of a degree
    assert guess_columns(path)["angular_rate"] == {"columns": ["gx", "gy", "gz"], "unit": "deg/s"}
    with pytest.raises(BadInput, match="leave no doubt"):
        read_bare([str(path)])
