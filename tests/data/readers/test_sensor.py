"""A sensor in the manifest: units, rates and axes that do not contradict themselves."""

import math

import pytest
from equigait.data.readers.sensor import Acceleration, AngularRate, Sensor, Time
from pydantic import ValidationError
from sensor_files import sensor_entry

XYZ = ("x", "y", "z")


@pytest.mark.parametrize(
    ("unit", "per_unit", "factor"),
    [("m/s^2", None, 1.0), ("g", None, 9.80665), ("mg", None, 0.00980665), ("counts", 16384.0, 9.80665 / 16384)],
)
def test_acceleration_units_become_metres_per_second_squared(unit: str, per_unit: float | None, factor: float) -> None:
    declared = Acceleration.model_validate({"columns": XYZ, "unit": unit, "per_unit": per_unit})
    assert declared.si_factor == pytest.approx(factor)


@pytest.mark.parametrize(
    ("unit", "per_unit", "factor"),
    [("rad/s", None, 1.0), ("deg/s", None, math.pi / 180), ("counts", 16.4, math.pi / 180 / 16.4)],
)
def test_rate_units_become_radians_per_second(unit: str, per_unit: float | None, factor: float) -> None:
    declared = AngularRate.model_validate({"columns": XYZ, "unit": unit, "per_unit": per_unit})
    assert declared.si_factor == pytest.approx(factor)


def test_units_may_be_written_with_their_signs() -> None:
    signs = {
        "acceleration": {"columns": ["ax", "ay", "az"], "unit": "m/s²"},
        "angular_rate": {"columns": ["gx", "gy", "gz"], "unit": "°/s"},
    }
    plain = sensor_entry(angular_rate={"columns": ["gx", "gy", "gz"], "unit": "deg/s"})
    assert Sensor.model_validate(sensor_entry(**signs)) == Sensor.model_validate(plain)


@pytest.mark.parametrize(
    "change",
    [
        {"acceleration": {"columns": XYZ, "unit": "counts"}},
        {"acceleration": {"columns": XYZ, "unit": "g", "per_unit": 16384}},
        {"acceleration": {"columns": ("x", "x", "z"), "unit": "g"}},
        {"acceleration": {"columns": ("x", "y"), "unit": "g"}},
        {"acceleration": {"columns": XYZ, "unit": "G"}},
        {"angular_rate": {"columns": XYZ, "unit": "counts", "per_unit": 0}},
        {"time": {"column": "t"}},
        {"time": {"unit": "s"}},
        {"time": {"rate_hz": 100, "column": "t", "unit": "s"}},
        {"time": {"rate_hz": 0}},
        {"time": {"rate_hz": float("inf")}},
        {"time": {"column": "t", "unit": "s", "start_seconds": 1}},
        {"time": {}},
        {"axes": ("x", "y", "y")},
        {"axes": ("x", "-x", "z")},
        {"axes": ("x", "y", "up")},
        {"axes": ("-x", "y", "z")},
        {"axes": ("y", "x", "z")},
        {"site": ""},
        {"path": ""},
    ],
)
def test_what_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sensor.model_validate(sensor_entry(**change))


@pytest.mark.parametrize("axes", [XYZ, ("-y", "x", "z"), ("z", "x", "y"), ("-x", "-y", "z"), ("-z", "-y", "-x")])
def test_every_right_handed_turn_is_allowed(axes: tuple[str, str, str]) -> None:
    assert Sensor.model_validate(sensor_entry(axes=axes)).axes == axes


def test_a_steady_rate_may_start_anywhere() -> None:
    assert Time(rate_hz=58.82, start_seconds=-3.5).start_seconds == -3.5
