"""Reads CSV exports of Movella DOT (Xsens DOT): microseconds that wrap at 71.6 minutes, fitted to the packets."""

import re
from collections.abc import Sequence
from pathlib import Path

from ..errors import BadInput
from .delimited import decode, read_text
from .headed import header_names, read_columns
from .sensor import Acceleration, AngularRate
from .table import Device, Table
from .wraps import unwrap, unwrap_integers

FINE_PERIOD = 2.0**32
"""`SampleTimeFine` counts microseconds in 32 bits (Movella DOT BLE Service Specifications, measurement payloads)."""

ACCELERATION = Acceleration(columns=("Acc_X", "Acc_Y", "Acc_Z"), unit="m/s^2")
ANGULAR_RATE = AngularRate(columns=("Gyr_X", "Gyr_Y", "Gyr_Z"), unit="deg/s")
TIME = ("PacketCounter", "SampleTimeFine")


class MovellaDotReader:
    """A preamble of settings, then `PacketCounter, SampleTimeFine, ...`, one sensor a file.

    Sensors synchronised with one another share `SampleTimeFine`. `FreeAcc` is refused: gravity was subtracted from it.
    """

    generic = False

    def recognises(self, head: bytes) -> bool:
        """A header line that begins with counter and fine time, without the tabs and slashes of MT Manager."""
        names = header_names(head, first=TIME[0])
        return set(TIME) <= set(names) and b"\t" not in head and not head.startswith(b"//")

    def __call__(self, path: Path, *, columns: Sequence[str]) -> Table:
        """The sensor's signals, and any other columns of these names."""
        data = read_text(path)
        names = header_names(data[:65536], first=TIME[0])
        _refuse_without_gravity(names, path=path)
        own = (*TIME, *ACCELERATION.columns, *ANGULAR_RATE.columns)
        layout, table = read_columns(data, path=path, own=own, asked=columns)
        preamble = decode(data[: layout.rows_at])
        device = Device(
            acceleration=ACCELERATION,
            angular_rate=ANGULAR_RATE,
            stamp_seconds=unwrap(table["SampleTimeFine"], period=FINE_PERIOD) * 1e-6,
            packet=unwrap_integers(table["PacketCounter"], of_samples=True),
            rate_hz=_stated_rate(preamble),
            wrap_seconds=FINE_PERIOD * 1e-6,
        )
        tag = re.search(r"Device ?(?:Tag|Id|ID)[:,\s]+([^\s,;]+)", preamble)
        return Table(path, table, {tag[1] if tag else "": device})


def _refuse_without_gravity(names: Sequence[str], *, path: Path) -> None:
    missing = [name for name in (*ACCELERATION.columns, *ANGULAR_RATE.columns) if name not in names]
    if names and missing:
        free = any(name.startswith("FreeAcc") for name in names)
        found = f"no {', '.join(missing)}" + (", but FreeAcc, from which gravity was subtracted" if free else "")
        remedy = "Record with a payload that holds them, such as `Custom mode 5` or `Rate quantities`."
        raise BadInput(path, found=found, expected="calibrated acceleration and angular rate", remedy=remedy)


def _stated_rate(preamble: str) -> float | None:
    stated = re.search(r"(?:OutputRate|Output Rate|MeasurementRate)[:,\s]+([\d.]+)\s*Hz", preamble)
    return float(stated[1]) if stated else None
