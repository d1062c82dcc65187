"""Reads text exports of Xsens MTw units (MT Manager): time from the packet counter, lost packets left as gaps."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float64
from numpy import ndarray as Array

from .delimited import decode, find_layout, parse_columns, read_text
from .sensor import Acceleration, AngularRate
from .table import Device, Table
from .wraps import refuse_reset, unwrap

COUNTER_PERIOD = 2**16
"""`PacketCounter` has 16 bits."""
FINE_PERIOD = 2**32
"""`SampleTimeFine` has 32 bits."""
FINE_SECONDS = 1e-4
"""`SampleTimeFine` counts at 10 kHz (Xsens, MT Low-Level Communication Protocol, data identifier 0x1060)."""

ACCELERATION = Acceleration(columns=("Acc_X", "Acc_Y", "Acc_Z"), unit="m/s^2")
ANGULAR_RATE = AngularRate(columns=("Gyr_X", "Gyr_Y", "Gyr_Z"), unit="rad/s")


class XsensMtwReader:
    """A `//` preamble, tabs, one unit a file. `FreeAcc` is never used: gravity was subtracted from it.

    `SampleTimeFine` is usually empty; the sampling rate then comes from the preamble or from `time: {rate_hz: 100}`.
    Units of one measurement share the counter, so their times agree even where they start a sample apart.
    """

    generic = False

    def recognises(self, head: bytes) -> bool:
        """A header line with counter, accelerometer and gyroscope, in tabs or under a preamble."""
        lines = [decode(line) for line in head.splitlines()[:100]]
        header = next((line for line in lines if line.startswith("PacketCounter")), "")
        return "Acc_X" in header and "Gyr_X" in header and ("\t" in header or lines[0].startswith("//"))

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The unit's signals, and any other columns of these names."""
        data = read_text(path)
        own = ("PacketCounter", *ACCELERATION.columns, *ANGULAR_RATE.columns)
        layout = find_layout(data, path=path, columns=own)
        fine = tuple(name for name in ("SampleTimeFine",) if name in layout.names)
        wanted = tuple(dict.fromkeys((*own, *fine, *columns)))
        layout = find_layout(data, path=path, columns=wanted)
        table = parse_columns(data, path=path, layout=layout, columns=wanted)
        stamps = _fine_seconds(table["SampleTimeFine"]) if fine else None
        if stamps is None:
            refuse_reset(table["PacketCounter"], period=COUNTER_PERIOD, where=path)
        preamble = decode(data[: layout.rows_at])
        rate_hz = _stated_rate(preamble)
        by_packets = COUNTER_PERIOD / rate_hz if rate_hz else None
        device = Device(
            acceleration=ACCELERATION,
            angular_rate=ANGULAR_RATE,
            stamp_seconds=stamps,
            packet=unwrap(table["PacketCounter"], period=COUNTER_PERIOD),
            packet_period=COUNTER_PERIOD,
            rate_hz=rate_hz,
            clock="PacketCounter" if stamps is None else "SampleTimeFine",
            wrap_seconds=by_packets if stamps is None else FINE_PERIOD * FINE_SECONDS,
        )
        identity = re.search(r"DeviceId:\s*(\S+)", preamble)
        return Table(path, table, {identity[1] if identity else "": device})


def _fine_seconds(ticks: Float64[Array, "rows"]) -> Float64[Array, "rows"] | None:
    """Seconds of the fine clock, or None where the export left it empty."""
    return unwrap(ticks, period=FINE_PERIOD) * FINE_SECONDS if np.isfinite(ticks).mean() > 0.5 else None


def _stated_rate(preamble: str) -> float | None:
    stated = re.search(r"(?:Update|Output|Sample) ?[Rr]ate:?\s*([\d.]+)\s*Hz", preamble)
    return float(stated[1]) if stated else None
