"""When each row of a sensor's table was sampled: by its stamps, its counter, or a rate."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from ..errors import BadInput
from .clock import repair_clock
from .leaps import counter_remarks, packet_remarks
from .sensor import SECONDS_PER_UNIT, Sensor
from .stamps import refuse_clock_digits, rounding_remarks
from .stated_units import refuse_other_unit
from .table import Device, Table
from .wraps import unwrap_integers, wrap_period


class Stated(NamedTuple):
    """What a manifest or a format says of the times of the rows, not yet repaired."""

    stamps: Float64[Array, "rows"] | None
    """In seconds; None where there are none."""
    counter: Float64[Array, "rows"] | None
    """The running counter of samples; None where there is none."""


def stated_times(table: Table, *, device: Device, sensor: Sensor) -> Stated:
    """Stamps and counter as declared, or as the format states them."""
    stamps = _stamps(table, device=device, sensor=sensor)
    return Stated(stamps, _counter(table, device=device, sensor=sensor))


def sample_seconds(
    table: Table, *, stated: Stated, device: Device, sensor: Sensor, rows: int
) -> Float64[Array, "rows"]:
    """IMU time of each row, repaired: by declared stamps, by a declared rate, or by what the format states."""
    time, (stamps, counter) = sensor.time, stated
    if stamps is not None:
        return repair_clock(stamps, counter=counter)
    rate_hz = time.rate_hz if time is not None else device.rate_hz
    if rate_hz is None:
        raise BadInput(
            table.path,
            found=f"no `time` for {sensor.site}, and neither stamps nor a rate in the file",
            expected="a time column or the sampling rate",
            remedy="Add `time: {column: ..., unit: ...}` or `time: {rate_hz: ...}` to the manifest.",
        )
    _refuse_other_rate(rate_hz, stated=device.rate_hz, path=table.path)
    start_seconds = time.start_seconds or 0.0 if time is not None else 0.0
    return start_seconds + repair_clock((np.arange(rows) if counter is None else counter) / rate_hz)


def _counter(table: Table, *, device: Device, sensor: Sensor) -> Float64[Array, "rows"] | None:
    if sensor.time is None or not sensor.time.counter:
        return device.packet
    return unwrap_integers(doubles(table, sensor.time.counter), of_samples=True)


def _stamps(table: Table, *, device: Device, sensor: Sensor) -> Float64[Array, "rows"] | None:
    time = sensor.time
    if time is None:
        return device.stamp_seconds
    if time.column is None or time.unit is None:
        return None
    refuse_other_unit(table.path, columns=[time.column], declared=time.unit, stated=table.units)
    stamps = unwrap_integers(doubles(table, time.column)) * SECONDS_PER_UNIT[time.unit]
    refuse_clock_digits(stamps, where=table.path)
    return stamps


def stamp_remarks(
    table: Table, *, stated: Stated, seconds: Float64[Array, "rows"], device: Device, sensor: Sensor
) -> tuple[str, ...]:
    """What to say of stamps that a counter contradicts, or that are rounded, or leap, where no counter makes that good.

    `seconds` are the times that were made of them.
    """
    stamps, counter = stated
    if stamps is None:
        return ()
    if counter is None:
        return (*rounding_remarks(stamps, where=table.path), *packet_remarks(stamps))
    own = sensor.time.counter if sensor.time else None
    period = wrap_period(doubles(table, own), of_samples=True) if own else device.packet_period
    return counter_remarks(seconds, counter, period=period)


def _refuse_other_rate(rate_hz: float, *, stated: float | None, path: Path) -> None:
    """A true rate may differ a little from the one stated, but not by a tenth."""
    if stated is not None and abs(rate_hz - stated) > 0.1 * stated:
        found = f"`rate_hz: {rate_hz:g}` in the manifest"
        raise BadInput(path, found=found, expected=f"{stated:g} Hz as the file states", remedy="Correct `rate_hz`.")


def doubles(table: Table, name: str) -> Float64[Array, "rows"]:
    """A column of stamps or counts, whose last digits matter."""
    return table.columns[name].astype(np.float64, copy=False)
