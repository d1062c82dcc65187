"""Sensor streams from the files of a manifest: body axes, SI units, checked; a file that sensors share is read once."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..recording import ImuStream
from . import FORMATS
from .physics import check_units
from .recognise import choose_format
from .sensor import SECONDS_PER_UNIT, SIGNED_AXES, Acceleration, AngularRate, Sensor
from .stamps import rows_in_order
from .table import Device, Table

Triad = TypeVar("Triad", Acceleration, AngularRate)


def read_streams(sensors: Sequence[Sensor], *, folder: Path) -> tuple[ImuStream, ...]:
    """The streams of these sensors, in order. Paths are relative to `folder`."""
    paths = dict.fromkeys(sensor.path for sensor in sensors)
    tables = {path: _read_table([s for s in sensors if s.path == path], folder=folder) for path in paths}
    return tuple(_to_stream(tables[sensor.path], sensor=sensor) for sensor in sensors)


def _read_table(sharing: Sequence[Sensor], *, folder: Path) -> Table:
    """The one file of these sensors, with every column that any of them declares."""
    path = folder / sharing[0].path
    declared = {sensor.format for sensor in sharing if sensor.format}
    if len(declared) > 1:
        found = f"declared as {' and as '.join(sorted(declared))} by different sensors"
        raise BadInput(path, found=found, expected="one format for a file", remedy="Correct `format:`.")
    reader = choose_format(path, declared=next(iter(declared), None), formats=FORMATS)
    columns: dict[str, None] = {}
    for sensor in sharing:
        columns |= dict.fromkeys((sensor.time.column,) if sensor.time and sensor.time.column else ())
        for triad in (sensor.acceleration, sensor.angular_rate):
            columns |= dict.fromkeys(triad.columns if triad else ())
    return reader(path, columns=tuple(columns))


def _to_stream(table: Table, *, sensor: Sensor) -> ImuStream:
    device = _choose_device(table, sensor=sensor)
    acceleration = _needed(sensor.acceleration or device.acceleration, name="acceleration", table=table, sensor=sensor)
    angular_rate = _needed(sensor.angular_rate or device.angular_rate, name="angular_rate", table=table, sensor=sensor)
    force, rate = _triad(table, acceleration), _triad(table, angular_rate)
    seconds = _sample_seconds(table, device=device, sensor=sensor, rows=len(force))
    if not len(seconds) == len(force) == len(rate):
        found = f"{len(seconds)} times, {len(force)} accelerations and {len(rate)} angular rates for {sensor.site}"
        raise BadInput(table.path, found=found, expected="as many of each", remedy="Check the columns.")
    keep = rows_in_order(seconds, where=table.path)
    stream = ImuStream(
        site=sensor.site,
        time_seconds=seconds[keep],
        specific_force=_to_body(force[keep], axes=sensor.axes),
        angular_rate=_to_body(rate[keep], axes=sensor.axes),
        source=table.path,
    )
    check_units(stream, sensor=sensor, acceleration_unit=acceleration.unit, rate_unit=angular_rate.unit)
    return stream


def _choose_device(table: Table, *, sensor: Sensor) -> Device:
    """The device of a file that this sensor is. A file that tells nothing gives an empty one."""
    if sensor.device is None and len(table.devices) <= 1:
        return next(iter(table.devices.values()), Device())
    if sensor.device is not None and sensor.device in table.devices:
        return table.devices[sensor.device]
    raise BadInput(
        table.path,
        found=f"device {sensor.device} for {sensor.site}" if sensor.device else f"no `device` for {sensor.site}",
        expected=f"one of {', '.join(table.devices) or '(the format names none)'}",
        remedy="Correct `device:` in the manifest.",
    )


def _needed(triad: Triad | None, *, name: str, table: Table, sensor: Sensor) -> Triad:
    if triad is None:
        raise BadInput(
            table.path,
            found=f"no `{name}` for {sensor.site}",
            expected="its columns and unit, which this format does not tell",
            remedy=f"Add `{name}: {{columns: [...], unit: ...}}` to the manifest.",
        )
    return triad


def _triad(table: Table, triad: Acceleration | AngularRate) -> Float64[Array, "rows 3"]:
    """Three columns in SI units. What is not finite becomes NaN."""
    columns = [table.columns[name] for name in triad.columns]
    if len({len(column) for column in columns}) > 1:
        found = f"columns {', '.join(triad.columns)} of lengths {', '.join(str(len(column)) for column in columns)}"
        raise BadInput(table.path, found=found, expected="equal lengths", remedy="Check the columns.")
    values = np.stack(columns, axis=1) * triad.si_factor
    values[~np.isfinite(values)] = np.nan
    return values


def _sample_seconds(table: Table, *, device: Device, sensor: Sensor, rows: int) -> Float64[Array, "rows"]:
    """IMU time of each row: stamps as declared, else a declared rate, else what the format tells."""
    time = sensor.time
    if time is not None and time.column is not None and time.unit is not None:
        return table.columns[time.column] * SECONDS_PER_UNIT[time.unit]
    if time is None and device.stamp_seconds is not None:
        return device.stamp_seconds
    rate_hz = time.rate_hz if time is not None else device.rate_hz
    if rate_hz is None:
        raise BadInput(
            table.path,
            found=f"no `time` for {sensor.site}, and neither stamps nor a rate in the file",
            expected="a time column or the sampling rate",
            remedy="Add `time: {column: ..., unit: ...}` or `time: {rate_hz: ...}` to the manifest.",
        )
    _refuse_other_rate(rate_hz, stated=device.rate_hz, path=table.path)
    packet = np.arange(rows) if device.packet is None else device.packet
    start_seconds = time.start_seconds or 0.0 if time is not None else 0.0
    return start_seconds + packet / rate_hz


def _refuse_other_rate(rate_hz: float, *, stated: float | None, path: Path) -> None:
    """A true rate may differ a little from the one stated, but not by a tenth."""
    if stated is not None and abs(rate_hz - stated) > 0.1 * stated:
        found = f"`rate_hz: {rate_hz:g}` in the manifest"
        raise BadInput(path, found=found, expected=f"{stated:g} Hz as the file states", remedy="Correct `rate_hz`.")


def _to_body(values: Float64[Array, "rows 3"], *, axes: tuple[str, str, str] | None) -> Float64[Array, "rows 3"]:
    """Turned from the sensor's axes to the body's."""
    if axes is None:
        return values
    order, signs = zip(*(SIGNED_AXES[axis] for axis in axes), strict=True)
    turned: Float64[Array, "rows 3"] = values[:, list(order)] * np.array(signs)
    return turned
