"""Sensor streams from the files of a manifest: body axes, SI units, checked; a file that sensors share is read once."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from ..formats import choose_format
from ..large_arrays import all_finite, kept_rows, new_array, release_large, row_blocks
from ..recording import ImuStream
from . import FORMATS
from .clock import repair_clock
from .doubled import refuse_doubled
from .fill_values import refuse_fill, without_fill
from .high_g import unclipped
from .interleaved import refuse_halves, refuse_interleaved
from .laps import NEAR_SECONDS, on_one_lap, refuse_two_clocks
from .other_clocks import clock_remarks
from .physics import check_units
from .plausible import physics_remarks, tempo_remarks
from .sample_times import doubles, sample_seconds, stamp_remarks, stated_times
from .sensor import SECONDS_PER_UNIT, SIGNED_AXES, Acceleration, AngularRate, Sensor
from .stamps import left_out_remarks, rows_in_order
from .stated_units import refuse_other_unit
from .table import Device, Reader, Table
from .wraps import wrap_period

WORKERS = 2
"""Files that are read at once: of a day's samples more would want more memory than they save time."""

Triad = TypeVar("Triad", Acceleration, AngularRate)


def read_streams(sensors: Sequence[Sensor], *, folder: Path) -> tuple[ImuStream, ...]:
    """The streams of these sensors, in order. Paths are relative to `folder`."""
    by_file: dict[str, dict[int, Sensor]] = {}
    checked, clocks = dict[int, Future[ImuStream]](), dict[int, _Clock]()
    for number, sensor in enumerate(sensors):
        by_file.setdefault(sensor.path, {})[number] = sensor
    with ThreadPoolExecutor(WORKERS) as pool:  # the work is NumPy's and the reader's, which runs side by side
        for found in pool.map(partial(_of_one_file, folder=folder), by_file.values()):
            for number, (stream, units, clock) in found.items():
                checked[number] = pool.submit(_checked, stream, units, sensor=sensors[number])
                clocks[number] = clock
    streams = [each.result() for _, each in sorted(checked.items())]
    in_order = [clock for _, clock in sorted(clocks.items())]
    refuse_two_clocks(streams, clocks=[clock.name for clock in in_order])
    return on_one_lap(streams, laps=_shared_laps(sensors, laps=[clock.lap for clock in in_order]))


class _Clock(NamedTuple):
    """What tells a sensor's times."""

    name: str
    """Its column, where the format has several; else, or where `shift_seconds` places the unit, empty."""
    lap: float | None
    """After how many seconds it starts again at 0; None where it does not, or nobody knows."""


def _of_one_file(
    sharing: Mapping[int, Sensor], *, folder: Path
) -> dict[int, tuple[ImuStream, tuple[str, str], _Clock]]:
    """By the numbers of the sensors that share a file: the stream, not yet checked, its declared units, its clock."""
    reader, table = _read_table(list(sharing.values()), folder=folder)
    found = {}
    for number, each in sharing.items():
        stream, units = _to_stream(table, sensor=each, folder=folder)
        others = _other_clocks(table, reader=reader, sensor=each)
        found[number] = (replace(stream, remarks=(*stream.remarks, *others)), units, _clock(table, sensor=each))
    return found


def _other_clocks(table: Table, *, reader: Reader, sensor: Sensor) -> tuple[str, ...]:
    """What columns of time that the manifest does not name say against the rate that it states."""
    time = sensor.time
    if time is None or time.rate_hz is None or time.counter:
        return ()

    def read(name: str) -> Array:
        return reader(table.path, columns=(name,)).columns[name]

    return clock_remarks(table.names, asked=tuple(table.columns), rate_hz=time.rate_hz, read=read)


def _clock(table: Table, *, sensor: Sensor) -> _Clock:
    time, device = sensor.time, _choose_device(table, sensor=sensor)
    name = (
        device.clock if time is None else "PacketCounter" if device.clock and time.rate_hz and not time.counter else ""
    )
    return _Clock("" if sensor.shift_seconds else name, _lap(table, device=device, sensor=sensor))


def _lap(table: Table, *, device: Device, sensor: Sensor) -> float | None:
    """After how many seconds a sensor's clock starts again at 0; None where it does not, or nobody knows."""
    time = sensor.time
    if time is None:
        return device.wrap_seconds
    if time.column is not None and time.unit is not None:
        period = wrap_period(doubles(table, time.column))
        return None if period is None else period * SECONDS_PER_UNIT[time.unit]
    counted = wrap_period(doubles(table, time.counter), of_samples=True) if time.counter else device.packet_period
    return None if counted is None or time.rate_hz is None else counted / time.rate_hz


def _shared_laps(sensors: Sequence[Sensor], *, laps: Sequence[float | None]) -> list[float | None]:
    """Of stamps that a manifest declares, those of one unit share the lap of any that was seen to wrap. One too short
    to tell where a unit lies gives way to its `shift_seconds`."""
    seen = {sensor.time: lap for sensor, lap in zip(sensors, laps, strict=True) if sensor.time and lap}
    shared = [seen.get(each.time, lap) if each.time else lap for each, lap in zip(sensors, laps, strict=True)]
    return [
        None if each.shift_seconds and lap is not None and lap < 2 * NEAR_SECONDS else lap
        for each, lap in zip(sensors, shared, strict=True)
    ]


def _read_table(sharing: Sequence[Sensor], *, folder: Path) -> tuple[Reader, Table]:
    """What reads the one file of these sensors, and its table with every column that any of them declares."""
    path = folder / sharing[0].path
    declared = {sensor.format for sensor in sharing if sensor.format}
    if len(declared) > 1:
        found = f"declared as {' and as '.join(sorted(declared))} by different sensors"
        raise BadInput(path, found=found, expected="one format for a file", remedy="Correct `format:`.")
    reader = choose_format(path, declared=next(iter(declared), None), formats=FORMATS)
    return reader, reader(path, columns=columns_of(sharing))


def columns_of(sensors: Sequence[Sensor]) -> tuple[str, ...]:
    """Every column that any of these sensors declares, once."""
    columns: dict[str, None] = {}
    for sensor in sensors:
        if sensor.time is not None:
            columns |= dict.fromkeys(name for name in (sensor.time.column, sensor.time.counter) if name)
        for triad in (sensor.acceleration, sensor.angular_rate):
            columns |= dict.fromkeys(triad.columns if isinstance(triad, Acceleration | AngularRate) else ())
    return tuple(columns)


def _to_stream(table: Table, *, sensor: Sensor, folder: Path) -> tuple[ImuStream, tuple[str, str]]:
    """The stream, not yet checked against physics, and the declared units of acceleration and angular rate."""
    device = _choose_device(table, sensor=sensor)
    acceleration = _needed(sensor.acceleration or device.acceleration, name="acceleration", table=table, sensor=sensor)
    _refuse_what_is_no_sensor(table, triads=(acceleration, sensor.angular_rate or device.angular_rate), sensor=sensor)
    force = _triad(table, acceleration, missing=sensor.missing)
    if sensor.angular_rate == "none":
        rate, rate_unit = new_array(*force.shape), ""
        rate[:] = np.nan
    else:
        declared = sensor.angular_rate or device.angular_rate
        angular_rate = _needed(declared, name="angular_rate", table=table, sensor=sensor)
        rate, rate_unit = _triad(table, angular_rate, missing=sensor.missing), angular_rate.unit
    stated = stated_times(table, device=device, sensor=sensor)
    seconds = sample_seconds(table, stated=stated, device=device, sensor=sensor, rows=len(force))
    if not len(seconds) == len(force) == len(rate):
        found = f"{len(seconds)} times, {len(force)} accelerations and {len(rate)} angular rates for {sensor.site}"
        remedy = "Check the columns: of a matrix, `name[:, 0]` is the first column, `name[0, :]` the first row."
        raise BadInput(table.path, found=found, expected="as many of each", remedy=remedy)
    rounding = stamp_remarks(table, stated=stated, seconds=seconds, device=device, sensor=sensor)
    keep = rows_in_order(seconds, where=table.path)
    rounding += left_out_remarks(force, left_out=~keep & np.isfinite(seconds))
    seconds, force, rate = (kept_rows(each, keep) for each in (seconds, force, rate))
    if sensor.high_g is not None:
        force = _with_high_g(seconds, force, sensor=sensor, folder=folder)
    stream = ImuStream(
        site=sensor.site,
        time_seconds=_shifted(seconds, by=sensor.shift_seconds),
        specific_force=_to_body(force, axes=sensor.axes),
        angular_rate=_to_body(rate, axes=sensor.axes),
        source=table.path,
        stated_rate_hz=sensor.time.rate_hz if sensor.time and sensor.time.rate_hz else device.rate_hz,
        remarks=(
            *device.remarks,
            *rounding,
            *(table.blocks if stated.stamps is None else ()),
            *([f"absent: {sensor.absent}"] if sensor.absent else []),
        ),
        gravity_removed=acceleration.gravity == "removed",
    )
    return stream, (acceleration.unit, rate_unit)


def _checked(stream: ImuStream, units: tuple[str, str], *, sensor: Sensor) -> ImuStream:
    """The stream with what is suspect in it; refused where its units contradict physics."""
    gravity = check_units(stream, sensor=sensor, acceleration_unit=units[0], rate_unit=units[1])
    tempo = tempo_remarks(stream) if sensor.time is not None else ()
    return replace(stream, remarks=(*stream.remarks, *physics_remarks(stream, gravity=gravity), *tempo))


def _shifted(seconds: Float64[Array, "rows"], *, by: float) -> Float64[Array, "rows"]:
    shifted = new_array(len(seconds))
    for rows in row_blocks(shifted):
        shifted[rows] = seconds[rows] + by
    return shifted


def _with_high_g(
    seconds: Float64[Array, "rows"], force: Float64[Array, "rows 3"], *, sensor: Sensor, folder: Path
) -> Float64[Array, "rows 3"]:
    """The acceleration, clipped samples from the sensor's high-g file, which must state its columns itself."""
    path = folder / str(sensor.high_g)
    table = choose_format(path, declared=sensor.format, formats=FORMATS)(path, columns=())
    device = next(iter(table.devices.values()), Device())
    if device.acceleration is None or device.stamp_seconds is None:
        expected = "a file that states its columns and stamps by itself"
        raise BadInput(path, found="no such facts", expected=expected, remedy="Export high-g data as the vendor does.")
    stamps = repair_clock(device.stamp_seconds)
    keep = rows_in_order(stamps, where=path)
    high_force = _triad(table, device.acceleration)[keep]
    return unclipped(seconds, force, high_seconds=stamps[keep], high_force=high_force, where=path)


def _choose_device(table: Table, *, sensor: Sensor) -> Device:
    """The device of a file that this sensor is. A file that states nothing gives an empty one."""
    if sensor.device is None and len(table.devices) <= 1:
        return next(iter(table.devices.values()), Device())
    if sensor.device is not None and sensor.device in table.devices:
        return table.devices[sensor.device]
    labelled = [device for device in table.devices.values() if sensor.device and device.label == sensor.device]
    if len(labelled) == 1:
        return labelled[0]
    names = [f"{name} ({device.label})" if device.label else name for name, device in table.devices.items()]
    raise BadInput(
        table.path,
        found=f"device {sensor.device} for {sensor.site}" if sensor.device else f"no `device` for {sensor.site}",
        expected=f"one of {', '.join(names) or '(the format names none)'}",
        remedy="Correct `device:` in the manifest.",
    )


def _needed(triad: Triad | None, *, name: str, table: Table, sensor: Sensor) -> Triad:
    if triad is None:
        without = "; for a device without a gyroscope `angular_rate: none`" if name == "angular_rate" else ""
        raise BadInput(
            table.path,
            found=f"no `{name}` for {sensor.site}",
            expected="its columns and unit, which this format does not state",
            remedy=f"Add `{name}: {{columns: [...], unit: ...}}` to the manifest{without}.",
        )
    return triad


def _refuse_what_is_no_sensor(
    table: Table, *, triads: Sequence[Acceleration | AngularRate | str | None], sensor: Sensor
) -> None:
    """Refuses fill values that are not declared, one column for two, and rows of several sensors in turn."""
    names = [name for triad in triads if isinstance(triad, Acceleration | AngularRate) for name in triad.columns]
    columns = [without_fill(table.columns[name], missing=sensor.missing) for name in names]
    if len({len(column) for column in columns}) == 1:
        where = f"{table.path} ({sensor.site})"
        refuse_fill(columns, names=names, where=where)
        refuse_doubled(columns, names=names, where=where)
        release_large()
        refuse_halves(columns, where=where)
        refuse_interleaved(columns, where=where)


def _triad(
    table: Table, triad: Acceleration | AngularRate, *, missing: Sequence[float] = ()
) -> Float64[Array, "rows 3"]:
    """Three columns in SI units. What is not finite, or stands for a missing sample, becomes NaN."""
    refuse_other_unit(table.path, columns=triad.columns, declared=triad.unit, stated=table.units)
    columns = [table.columns[name] for name in triad.columns]
    if len({len(column) for column in columns}) > 1:
        found = f"columns {', '.join(triad.columns)} of lengths {', '.join(str(len(column)) for column in columns)}"
        raise BadInput(table.path, found=found, expected="equal lengths", remedy="Check the columns.")
    values = new_array(len(columns[0]), 3)
    for rows in row_blocks(values):
        part = values[rows]
        for axis, column in enumerate(columns):
            there = without_fill(column[rows], missing=missing)
            np.multiply(there, triad.si_factor, out=part[:, axis], dtype=np.float64)
        if not all_finite(part):
            part[~np.isfinite(part)] = np.nan
    return values


def _to_body(values: Float64[Array, "rows 3"], *, axes: tuple[str, str, str] | None) -> Float64[Array, "rows 3"]:
    """Turned from the sensor's axes to the body's."""
    if axes is None:
        return values
    order, signs = zip(*(SIGNED_AXES[axis] for axis in axes), strict=True)
    turned = new_array(*values.shape)
    for rows in row_blocks(values):
        turned[rows] = values[rows][:, list(order)] * np.array(signs)
    return turned
