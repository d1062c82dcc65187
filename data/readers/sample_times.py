"""When each row of a sensor's table was sampled: by its stamps, its counter, or a rate."""

from pathlib import Path

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


def sample_seconds(
    table: Table, *, stamps: Float64[Array, "rows"] | None, device: Device, sensor: Sensor, rows: int
) -> Float64[Array, "rows"]:
    """IMU time of each row, repaired: by declared stamps, by a declared rate, or by what the format states."""
    time, counter = sensor.time, counter_of(table, device=device, sensor=sensor)
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


def counter_of(table: Table, *, device: Device, sensor: Sensor) -> Float64[Array, "rows"] | None:
    """The running counter of samples, as declared or as the format states it; None where there is none."""
    if sensor.time is None or not sensor.time.counter:
        return device.packet
    return unwrap_integers(doubles(table, sensor.time.counter), of_samples=True)


def stamps_of(table: Table, *, device: Device, sensor: Sensor) -> Float64[Array, "rows"] | None:
    """Stamps in seconds, as declared or as the format states them, not yet repaired; None where there are none."""
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
    table: Table,
    *,
    stamps: Float64[Array, "rows"] | None,
    seconds: Float64[Array, "rows"],
    device: Device,
    sensor: Sensor,
) -> tuple[str, ...]:
    """What to say of stamps that a counter contradicts, or that are rounded, or leap, where no counter makes that good.

    `seconds` are the times that were made of them.
    """
    if stamps is None:
        return ()
    counter = counter_of(table, device=device, sensor=sensor)
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
